package dev.poststation.queue;

import dev.poststation.message.Outcome;
import dev.poststation.message.Recipient;
import java.util.ArrayList;
import java.util.List;

/// Ends what need not be tried, because it is known already what would come of it: recipients on
/// the suppression list, and mail whose time is over. Safe for any thread.
final class Foreseen {
  private static final String ROUTE = "suppression";

  private final Settling.Means means;
  private final Untried untried;

  Foreseen(Settling.Means means, Untried untried) {
    this.means = means;
    this.untried = untried;
  }

  /// Ends them, and returns those that are to be tried.
  List<Recipient> spare(ActiveMail mail, List<Recipient> due) {
    var envelope = mail.mail().envelope();
    if (!due.isEmpty() && Deadlines.over(envelope, means.os().time().now())) {
      mail.jobStarted();
      untried.overdue(mail, due);
      return List.of();
    }
    List<Recipient> ended = new ArrayList<>(0);
    List<Outcome> outcomes = new ArrayList<>(0);
    for (var recipient : due) {
      means
          .witness()
          .foreseen(envelope, recipient)
          .ifPresent(
              outcome -> {
                ended.add(recipient);
                outcomes.add(outcome);
              });
    }
    if (ended.isEmpty()) {
      return due;
    }
    mail.jobStarted();
    var peer = Settling.Peer.nobody("");
    var conclusion = new Conclusion(means, mail, ROUTE, peer, false, null);
    for (int i = 0; i < ended.size(); i++) {
      conclusion.add(ended.get(i), outcomes.get(i), means.noDelays(mail), List.of());
    }
    conclusion.record(ended, null, null);
    List<Recipient> rest = new ArrayList<>(due);
    rest.removeAll(ended);
    return rest;
  }
}
