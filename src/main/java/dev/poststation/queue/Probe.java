package dev.poststation.queue;

/// A connection that carries no mail, and counts at its gate like one that does. Stands in line
/// once; two that ask the same are two in line. Safe for any thread.
final class Probe implements Turnstile.Waiter {
  private final Shares shared;
  private final String name;
  private final Runnable what;

  /// @param name of the thread that opens it
  /// @param what opens and closes it
  Probe(Shares shared, String name, Runnable what) {
    this.shared = shared;
    this.name = name;
    this.what = what;
  }

  /// It begins now, or when it is its turn. Returns at once.
  void begin(Turnstile.Gate gate) {
    var place = shared.connections().enter(gate, this, 0, false);
    if (place != null) {
      admitted(place);
    }
    shared.connections().relieve(gate);
  }

  @Override
  public boolean admitted(Turnstile.Place place) {
    shared.os().tasks().virtual(name, () -> run(place));
    return true;
  }

  private void run(Turnstile.Place place) {
    try {
      what.run();
    } finally {
      shared.connections().leave(place);
    }
  }
}
