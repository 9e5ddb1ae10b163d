package dev.poststation.queue;

import dev.poststation.config.Connector;
import dev.poststation.config.Fallback;
import dev.poststation.message.Outcome;
import dev.poststation.message.Outcome.Stage;
import dev.poststation.message.Priority;
import dev.poststation.message.Recipient;
import dev.poststation.route.Route;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Some recipients of an active mail that go the same way. Immutable.
///
/// @param by the directions that found the route; others may be in force by now
/// @param route the rule that matched, with its connectors
/// @param choice which of them is being tried, from 0
/// @param domain the recipients' domain; empty: they have several, or none
/// @param before what came of the connectors before it
record Job(
    ActiveMail mail,
    List<Recipient> recipients,
    Directions by,
    Route route,
    int choice,
    String domain,
    Before before) {
  /// RFC 4954 6: replies to MAIL that ask for another login.
  private static final Set<Integer> LOGIN_FIRST = Set.of(530, 534, 535, 538);

  /// The subject of a status (RFC 3463 3.5) that says that the line is to blame.
  private static final int NETWORK = 4;

  Connector connector() {
    return route.via().get(choice);
  }

  boolean hasFallback() {
    return choice + 1 < route.via().size();
  }

  /// The connectors of the route after this one.
  List<Connector> later() {
    return route.via().subList(choice + 1, route.via().size());
  }

  /// Whether the next connector of the route is to try at once what came to this.
  boolean passesOn(Outcome outcome) {
    return hasFallback() && kind(outcome).stream().anyMatch(route.rule().fallback()::contains);
  }

  /// Whether it did not come to what a host answers to the mail.
  static boolean isBeforeAnswer(Outcome outcome) {
    return kind(outcome).contains(Fallback.CONNECTION);
  }

  /// Whether the next connector of the route is to try when this one has no free connection.
  boolean overflows() {
    return hasFallback() && route.rule().fallback().contains(Fallback.BUSY) && !before.returned();
  }

  private static Set<Fallback> kind(Outcome outcome) {
    if (LastWord.lacks(outcome)) {
      return Set.of(Fallback.CONNECTION);
    }
    return outcome instanceof Outcome.Deferred deferred ? kind(deferred) : Set.of();
  }

  /// What kind of failure it is; none when the host may have taken the mail, or is not to blame.
  private static Set<Fallback> kind(Outcome.Deferred deferred) {
    var stage = deferred.stage();
    var reply = deferred.reply();
    if (stage == Stage.AUTH) {
      // Whoever hung up, or fell silent, has not answered.
      return deferred.status().subject() == NETWORK
          ? Set.of(Fallback.AUTH, Fallback.CONNECTION)
          : Set.of(Fallback.AUTH);
    }
    if (stage == Stage.QUOTA) {
      return Set.of(Fallback.QUOTA);
    }
    if (stage == Stage.BUSY) {
      return Set.of(Fallback.BUSY);
    }
    if (stage.compareTo(Stage.MAIL) < 0) {
      return Set.of(Fallback.CONNECTION);
    }
    if (reply == null) {
      return stage == Stage.MAIL ? Set.of(Fallback.CONNECTION) : Set.of();
    }
    if (stage == Stage.MAIL) {
      return LOGIN_FIRST.contains(reply.code())
          ? Set.of(Fallback.AUTH)
          : Set.of(Fallback.MAIL_4YZ, Fallback.ANY_4YZ);
    }
    return reply.transientFailure() ? Set.of(Fallback.ANY_4YZ) : Set.of();
  }

  /// Before which others it goes ([Priority]).
  int priority() {
    int own = mail.mail().envelope().priority();
    return large() ? Math.min(own, Priority.BULK) : own;
  }

  private boolean large() {
    return connector().line().large(mail.mail().size());
  }

  /// When its connector takes it: now, or when its hours begin.
  Instant opens(Instant now) {
    return connector().line().opens(mail.mail().size(), now);
  }

  /// Whether it leaves a connection free for others.
  boolean isBulk() {
    return Priority.isBulk(priority());
  }

  /// Whether it leaves a tenth of a quota to others. That goes by its mail, as what its destination
  /// wants from the spool, where no size is known: what one of the two has wait, and the other
  /// wants, would come and go without end.
  boolean leavesQuota() {
    return Priority.isBulk(mail.mail().envelope().priority());
  }

  /// Whether it finds room before others. A large one comes to its turn as bulk, and would keep
  /// that room from what goes first.
  boolean isUrgent() {
    return Priority.isUrgent(priority());
  }

  /// Whether an administrator ordered something else for one of the recipients, or the mail.
  boolean unwanted() {
    return mail.unwanted(recipients);
  }

  /// The same by the next connector of the route.
  ///
  /// @param asked whether this one had its say
  /// @param setAside where it leads, if that is set aside; else null
  Job fallback(boolean asked, Before.@Nullable Place setAside) {
    return new Job(mail, recipients, by, route, choice + 1, domain, before.and(asked, setAside));
  }

  /// The same by a later connector, for want of a free connection to this one.
  Job overflowing(int later) {
    return new Job(mail, recipients, by, route, later, domain, before.overflowing(choice));
  }

  /// The same by the connector that had no free connection: it waits for one there.
  ///
  /// @param left how it was left
  Job back(Before.Left left) {
    var again = left.before().back();
    return new Job(mail, recipients, by, route, left.choice(), domain, again);
  }

  /// The same for some of the recipients.
  Job only(List<Recipient> some) {
    return new Job(mail, some, by, route, choice, domain, before);
  }

  /// The same for each domain of its recipients, where its connector leads elsewhere for each; else
  /// the job itself. A crash in between forgets nothing: what is written of a mail is what became
  /// of its recipients, and not which of them go together.
  List<Job> byDomain() {
    if (connector().type() != Connector.Type.MX || !domain.isEmpty()) {
      return List.of(this);
    }
    Map<String, List<Recipient>> domains = new LinkedHashMap<>();
    for (var recipient : recipients) {
      String its = recipient.address().domainKey();
      domains.computeIfAbsent(its, _ -> new ArrayList<>(1)).add(recipient);
    }
    List<Job> parts = new ArrayList<>(domains.size());
    domains.forEach((its, some) -> parts.add(new Job(mail, some, by, route, choice, its, before)));
    return parts;
  }
}
