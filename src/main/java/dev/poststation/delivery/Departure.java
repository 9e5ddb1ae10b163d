package dev.poststation.delivery;

import dev.poststation.config.Connector;
import dev.poststation.config.SourceAddress;
import dev.poststation.message.Outcome;
import java.time.LocalDate;
import org.jspecify.annotations.Nullable;

/// What one connection may send from an address of ours: a mail that its plan has set aside for it,
/// and then as many as the plan still has. Safe for any thread.
final class Departure {
  private final SourceAddress source;
  private final WarmUps plans;
  private final SourceAddresses all;
  private final Connector connector;
  private final String there;

  /// Whether one mail of the plan is set aside for the next that is sent.
  private boolean setAside = true;

  /// On which day the present one went out; null: it has not.
  private @Nullable LocalDate out;

  /// One mail of the plan was set aside for it.
  ///
  /// @param there the organisation of the next hop
  Departure(
      SourceAddress source, WarmUps plans, SourceAddresses all, Connector connector, String there) {
    this.source = source;
    this.plans = plans;
    this.all = all;
    this.connector = connector;
    this.there = there;
  }

  /// Looks whether the next hop refuses us for where we come from.
  ///
  /// @return whether another address does better there
  boolean refused(Outcome outcome) {
    return all.refused(connector, source, there, outcome);
  }

  /// The next hop has taken a mail.
  void welcome() {
    all.welcome(source, there);
  }

  SourceAddress source() {
    return source;
  }

  /// A mail is to be sent.
  ///
  /// @return false: the plan has none any more
  synchronized boolean take() {
    setAside = setAside || plans.take(source);
    out = null;
    return setAside;
  }

  /// The last of the mail is about to go out. May wait for a disk.
  void out() {
    synchronized (this) {
      if (!setAside) {
        return; // It was said before.
      }
      setAside = false;
    }
    var day = plans.out(source);
    synchronized (this) {
      out = day;
    }
  }

  /// What was to be sent was not taken, or has not even gone out: then it is there for the next.
  synchronized void giveBack() {
    if (out != null) {
      plans.giveBack(source, out);
      out = null;
    }
  }

  /// Whether it can send nothing any more today, or another one had better.
  synchronized boolean spent() {
    return (!setAside && plans.left(source) == 0) || all.outdone(connector, source, there);
  }

  /// The connection is over: what was set aside for it is left for others.
  synchronized void end() {
    if (setAside) {
      setAside = false;
      plans.leave(source);
    }
  }
}
