package dev.poststation.policy;

import dev.poststation.config.ClientRule;
import dev.poststation.os.IpText;
import dev.poststation.smtp.PolicyReplies;
import dev.poststation.smtp.Replies;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// An entry of `clients` whose client is there, or may be, with all that it has to prove, and which
/// does not match all the same: for the hour, its last day, or because the session is not encrypted
/// (docs/adr/0027-conditions-that-are-told.md). Immutable.
///
/// @param failing what does not hold
/// @param unknown whether the DNS does not say now that the client is there
record NearMiss(ClientRule rule, List<Condition> failing, boolean unknown) {
  NearMiss {
    failing = List.copyOf(failing);
  }

  /// Null: something else does not hold, or it is over for good and the rest is not known.
  static @Nullable NearMiss of(ClientRule rule, List<Condition> conditions, Facts client) {
    List<Condition> failing = new ArrayList<>(1);
    boolean unknown = false;
    for (Condition condition : conditions) {
      switch (condition.standing(client)) {
        case HOLDS -> {}
        case OPEN -> unknown = true;
        case FAILS -> {
          if (!isTold(condition)) {
            return null;
          }
          failing.add(condition);
        }
      }
    }
    var missed = new NearMiss(rule, failing, unknown);
    return unknown && missed.expired() ? null : missed;
  }

  private static boolean isTold(Condition condition) {
    return condition instanceof Condition.Within
        || condition instanceof Condition.Encrypted
        || condition instanceof Condition.NotExpired;
  }

  /// Whether it is over for good, of which the client is not told.
  boolean expired() {
    return fails(Condition.NotExpired.class);
  }

  /// Whether the client can be told what is missing: all the rest holds, and it may come to be.
  boolean tellsAll() {
    return !unknown && !expired();
  }

  private boolean fails(Class<? extends Condition> what) {
    return failing.stream().anyMatch(what::isInstance);
  }

  /// In clear it would not be let in at its hours either, so that is said first.
  Verdict.Refused refusal(Facts client) {
    var reply =
        expired()
            ? Replies.RELAY_DENIED
            : fails(Condition.Encrypted.class)
                ? PolicyReplies.CLIENT_IN_CLEAR
                : PolicyReplies.OUTSIDE_HOURS;
    String why =
        failing.stream()
            .map(each -> each.key() + ": " + each.why(client))
            .collect(Collectors.joining("; "));
    return new Verdict.Refused(
        reply,
        "no rule in clients matches "
            + IpText.of(client.address())
            + "; client rule \""
            + rule.name()
            + "\" ("
            + rule.origin()
            + ") would, but for "
            + why);
  }
}
