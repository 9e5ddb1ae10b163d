package dev.poststation.queue;

/// A connection that carries no mail, and counts at its gate like one that does. Stands in line
/// once.
///
/// @param name of the thread that opens it
/// @param what opens and closes it
record Probe(Shares shared, String name, Runnable what) implements Turnstile.Waiter {
  /// It begins now, or when it is its turn. Returns at once.
  void begin(Turnstile.Gate gate) {
    if (shared.connections().enter(gate, this, 0)) {
      admitted(gate);
    }
    shared.connections().relieve(gate);
  }

  @Override
  public boolean admitted(Turnstile.Gate gate) {
    shared.os().tasks().virtual(name, () -> run(gate));
    return true;
  }

  private void run(Turnstile.Gate gate) {
    try {
      what.run();
    } finally {
      shared.connections().leave(gate, this);
    }
  }

  /// By identity: two that ask the same are two in line.
  @Override
  public boolean equals(Object other) {
    return this == other;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(this);
  }
}
