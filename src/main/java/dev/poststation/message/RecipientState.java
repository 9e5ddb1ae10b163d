package dev.poststation.message;

import java.time.Duration;
import java.time.Instant;

/// Where a recipient stands; kept in the spool.
///
/// @param phase waiting, or how it ended
/// @param attempts attempts that reached a next hop, or found none
/// @param due when it is to be tried next (meaningful while waiting)
/// @param warned whether the sender was told of the delay
/// @param released whether an administrator ended a hold and no attempt has followed: until then
///   its age does not count
/// @param cleared whether an administrator let it go on from a connector of type hold: none holds
///   it any more
/// @param destination the destination of the last attempt, or empty
/// @param reason the last outcome in one line, as shown to people; empty before the first attempt
/// @param schedule how long it waits after the next failure
/// @param standstill for how long its age did not grow
public record RecipientState(
    Phase phase,
    int attempts,
    Instant due,
    boolean warned,
    boolean released,
    boolean cleared,
    String destination,
    String reason,
    Schedule schedule,
    Standstill standstill) {
  /// Begins the reason of what is held, and not by the order of a person.
  public static final String HELD = "held: ";

  /// Behind the setting that holds a mail which should have been encrypted, and is not: it goes out
  /// so only if somebody says that it may.
  public static final String UNENCRYPTED = "unencrypted: ";

  /// Begins the reason of what is in quarantine; the service's name, a colon and its reason follow.
  public static final String QUARANTINED = "quarantined by ";

  /// The setting that holds what there is no key for to encrypt it by.
  public static final String ON_MISSING = "on-missing";

  /// Begins the reason of what is held because there is no key to encrypt it by: nothing else has
  /// that setting, and what an earlier build has held has no [#UNENCRYPTED] behind it.
  private static final String NO_KEY = ON_MISSING + " = hold: ";

  /// Whether what is held for this reason should have been encrypted, and is not.
  public static boolean unencrypted(String reason) {
    return reason.contains(" = hold: " + UNENCRYPTED) || reason.contains(NO_KEY);
  }

  /// How far a recipient is.
  public enum Phase {
    /// To be tried.
    WAITING,
    /// An administrator has it returned to its sender, with `reason`: it is not tried any more, but
    /// the sender is yet to be told.
    RETURNING,
    /// A next hop took it.
    DELIVERED,
    /// Refused for good.
    BOUNCED,
    /// Not delivered within the lifetime, or by the time that its client asked for.
    EXPIRED,
    /// Deleted by an administrator, or discarded by a connector, without a notice to the sender.
    DELETED,
    /// A connector of type hold has it wait for an administrator.
    HELD
  }

  /// Where every attempt counts for the schedule, and none is due before its turn.
  public RecipientState(
      Phase phase, int attempts, Instant due, boolean warned, String destination, String reason) {
    this(
        phase,
        attempts,
        due,
        warned,
        false,
        false,
        destination,
        reason,
        new Schedule(attempts, 0, due),
        Standstill.NONE);
  }

  /// The state of a recipient that was just accepted.
  public static RecipientState fresh(Instant arrived) {
    return new RecipientState(Phase.WAITING, 0, arrived, false, "", "");
  }

  /// The same, due at another time; its schedule stays.
  public RecipientState dueAt(Instant when) {
    return new RecipientState(
        phase,
        attempts,
        when,
        warned,
        released,
        cleared,
        destination,
        reason,
        schedule,
        standstill);
  }

  /// The same after a hold has ended; what a connector held goes on from there.
  public RecipientState released(Instant when) {
    return new RecipientState(
        Phase.WAITING,
        attempts,
        when,
        warned,
        true,
        cleared || held(),
        destination,
        reason,
        schedule,
        standstill);
  }

  /// The same after it left the quarantine: how long it was there does not count for its age, and
  /// that it was is nothing to tell its sender of.
  ///
  /// @param stood how long that was
  public RecipientState letOut(Instant when, Duration stood) {
    return new RecipientState(
        Phase.WAITING,
        attempts,
        when,
        warned,
        true,
        cleared,
        destination,
        "",
        schedule,
        new Standstill(standstill.total(when).plus(stood), null));
  }

  /// The same after the sender was told of the delay.
  public RecipientState warnedOf() {
    return new RecipientState(
        phase, attempts, due, true, released, cleared, destination, reason, schedule, standstill);
  }

  /// The same with another schedule.
  public RecipientState with(Schedule changed) {
    return new RecipientState(
        phase, attempts, due, warned, released, cleared, destination, reason, changed, standstill);
  }

  /// The same, at another stage for that reason.
  public RecipientState now(Phase other, Instant when, String why) {
    return new RecipientState(
        other, attempts, when, warned, false, cleared, destination, why, schedule, standstill);
  }

  /// When it is older than it may become, if its clock goes on from now.
  ///
  /// @param end when that would be without any pause
  public Instant expiry(Instant end, Instant now) {
    return end.plus(standstill.total(now));
  }

  /// Whether it waits, and is due in this span, ends included.
  public boolean waitsWithin(Instant from, Instant until) {
    return waiting() && !due.isBefore(from) && !due.isAfter(until);
  }

  /// Whether it has come to a destination, or to the question which; a notice that waits for
  /// `bounces.per-hour` has not.
  public boolean onItsWay() {
    return attempts > 0 || !destination.isEmpty();
  }

  /// Whether it is to be tried.
  public boolean waiting() {
    return phase == Phase.WAITING;
  }

  /// Whether an administrator has it returned, and its sender is yet to be told.
  public boolean returning() {
    return phase == Phase.RETURNING;
  }

  /// Whether a connector has it wait for an administrator.
  public boolean held() {
    return phase == Phase.HELD;
  }

  /// Whether nothing is left to do for it.
  public boolean ended() {
    return !waiting() && !returning() && !held();
  }
}
