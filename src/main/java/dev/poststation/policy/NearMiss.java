package dev.poststation.policy;

import dev.poststation.config.ClientRule;
import dev.poststation.os.IpText;
import dev.poststation.smtp.PolicyReplies;
import dev.poststation.smtp.Replies;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// An entry of `clients` whose client is there, or may be, and which does not match all the same:
/// for the hour, its last day, or because the session is not encrypted; or, which only the log
/// says, because the client does not prove who it is (docs/adr/0027-conditions-that-are-told.md).
/// Immutable.
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

  /// One whose client is there and does not prove who it is, whatever else is missing; null: it is
  /// not there, as far as that is known. Never waits, and looks at no proof of whom is elsewhere.
  static @Nullable NearMiss unproven(ClientRule rule, List<Condition> conditions, Facts client) {
    for (Condition condition : conditions) {
      if (!isTold(condition)
          && !isProof(condition)
          && condition.standing(client) != Condition.Standing.HOLDS) {
        return null;
      }
    }
    var failing =
        conditions.stream()
            .filter(each -> each.standing(client) != Condition.Standing.HOLDS)
            .toList();
    return failing.isEmpty() ? null : new NearMiss(rule, failing, false);
  }

  private static boolean isProof(Condition condition) {
    return condition instanceof Condition.Authenticated
        || condition instanceof Condition.ByUser
        || condition instanceof Condition.ByCertificate;
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

  /// In clear it would not be let in at its hours either, so that is said first. Who does not prove
  /// who he is is told nothing.
  Verdict.Refused refusal(Facts client) {
    var reply =
        expired() || failing.stream().anyMatch(NearMiss::isProof)
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
