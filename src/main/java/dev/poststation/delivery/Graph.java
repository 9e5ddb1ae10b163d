package dev.poststation.delivery;

import dev.poststation.config.Account;
import dev.poststation.message.Outcome;
import dev.poststation.message.Outcome.Stage;
import dev.poststation.route.Destination;
import dev.poststation.route.NextHop;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Microsoft Graph in place of a next hop (`type = graph`): opens conversations in which each mail
/// is a request to `sendMail`. An account that Graph wants to have left alone, or lets send
/// nothing, is left alone. Safe for any thread.
final class Graph {
  private final Introduction.Means means;
  private final Rests rests;

  Graph(Introduction.Means means) {
    this.means = means;
    this.rests = new Rests(means.os().time());
  }

  /// "Opens" a conversation: there is a token, and nothing speaks against a request.
  Opening open(Destination destination) {
    var connector = destination.connector();
    var account = connector.account();
    if (account == null || destination.hosts().isEmpty()) {
      return failed(
          Diagnosis.deferred(
              Stage.ROUTE, "4.3.5", "connector " + connector.name() + " has no account"));
    }
    if (connector.tls().strict()) {
      return failed(
          Diagnosis.bounced(
              Stage.TLS,
              "5.7.30",
              "Microsoft Graph does not pass on REQUIRETLS, which the mail demands"));
    }
    NextHop hop = destination.hosts().getFirst();
    var rest = rests.of(key(account));
    if (rest.isPresent()) {
      var why = rest.get().why();
      return why.paused() ? ofAccount(why) : failed(why);
    }
    try {
      means.tokens().token(account);
    } catch (TokenUnavailableException e) {
      return withoutToken(account, String.valueOf(e.getMessage()));
    }
    var conversation = new GraphConversation(means, connector, account, hop, this);
    var note = "* there is a token for " + account.name() + " at " + hop;
    return new Opening.Opened(conversation, 0, List.of(note), List.of(), List.of());
  }

  /// No host is troubled with a login that cannot be.
  static Opening withoutToken(Account account, String why) {
    String whose = "no token for account " + account.name() + " of connector ";
    var outcome =
        Diagnosis.deferred(Stage.AUTH, "4.7.0", whose + account.connector() + ": " + why).inPause();
    return ofAccount(outcome);
  }

  /// Its own event tells of it.
  private static Opening ofAccount(Outcome.Deferred why) {
    var note = List.of("* " + why.text());
    return new Opening.Failed(why, "none", 0, note, List.of(), Obstacle.ACCOUNT, List.of());
  }

  private static Opening failed(Outcome why) {
    return new Opening.Failed(why, "none", 0, List.of("* " + why.text()), List.of());
  }

  /// No request is made as this account for a while.
  void leaveAlone(Account account, Duration time, Outcome.Deferred why) {
    rests.begin(key(account), time, why);
  }

  /// An account that was let send nothing may be asked now.
  void forget(Account account) {
    rests.of(key(account))
        .filter(rest -> rest.why().paused())
        .ifPresent(_ -> rests.end(key(account)));
  }

  private static String key(Account account) {
    return account.connector() + ' ' + account.user();
  }

  /// What it is to people: `graph.microsoft.com[users/scanner@example.com]:443`.
  static String relay(NextHop hop, @Nullable Account account) {
    String user = account == null ? "" : account.user();
    return hop.host() + "[users/" + user + "]:" + hop.port();
  }
}
