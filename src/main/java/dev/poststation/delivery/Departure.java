package dev.poststation.delivery;

import dev.poststation.config.SourceAddress;

/// What one connection may send from an address of ours: a mail that its plan has set aside for it,
/// and then as many as the plan still has. Safe for any thread.
final class Departure {
  private final SourceAddress source;
  private final WarmUps plans;
  private boolean setAside = true;

  /// One mail was taken of the plan for it.
  Departure(SourceAddress source, WarmUps plans) {
    this.source = source;
    this.plans = plans;
  }

  SourceAddress source() {
    return source;
  }

  /// A mail is to be sent.
  ///
  /// @return false: the plan has none any more
  synchronized boolean take() {
    boolean taken = setAside || plans.take(source);
    setAside = false;
    return taken;
  }

  /// What was to be sent was not.
  void giveBack() {
    plans.giveBack(source);
  }

  /// Whether it can send nothing any more today.
  synchronized boolean spent() {
    return !setAside && plans.left(source) == 0;
  }

  /// The connection is over: what was set aside for it is left for others.
  synchronized void end() {
    if (setAside) {
      setAside = false;
      plans.giveBack(source);
    }
  }
}
