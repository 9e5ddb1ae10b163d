package dev.poststation.sim.world;

import java.time.Duration;
import java.util.random.RandomGenerator;

/// How bad the network of a simulated world is, as long as it is. Confined to the kernel's thread.
final class Trouble {
  /// What becomes of an attempt to connect.
  enum Dial {
    ANSWERED,
    REFUSED,
    SILENCE
  }

  /// How a connection breaks.
  enum How {
    /// Both ends see a reset; what was under way may be lost.
    RESET,
    /// Nothing arrives any more, and nobody is told.
    SILENCE,
    /// What is sent next comes much later.
    STALL
  }

  /// A break that one direction of a connection will meet.
  record Break(How how, long afterOctets, Duration stall) {}

  private final double dialFails;
  private final double breaks;
  private final long latencyMicros;
  private final boolean inPieces;
  private boolean over;
  private long met;

  /// @param dialFails the part of connections that cannot be made
  /// @param breaks the part of directions of connections that break
  /// @param latencyMicros octets take up to twice as long
  /// @param inPieces whether octets arrive in pieces of any size
  Trouble(double dialFails, double breaks, long latencyMicros, boolean inPieces) {
    this.dialFails = dialFails;
    this.breaks = breaks;
    this.latencyMicros = latencyMicros;
    this.inPieces = inPieces;
  }

  /// From now on everything works.
  void end() {
    over = true;
  }

  /// Troubles that were met so far.
  long count() {
    return met;
  }

  void met() {
    met++;
  }

  Dial dial(RandomGenerator chance) {
    if (over || chance.nextDouble() >= dialFails) {
      return Dial.ANSWERED;
    }
    met++;
    return chance.nextBoolean() ? Dial.REFUSED : Dial.SILENCE;
  }

  /// What one direction of a new connection will meet; null: nothing.
  Break breakOf(RandomGenerator chance) {
    if (over || chance.nextDouble() >= breaks) {
      return null;
    }
    long after = (long) Math.exp(chance.nextDouble() * Math.log(20_000));
    var how = How.values()[chance.nextInt(How.values().length)];
    return new Break(how, after, Duration.ofSeconds(1 + chance.nextInt(600)));
  }

  Duration latency(RandomGenerator chance) {
    return Duration.ofNanos(1000 * (latencyMicros + chance.nextLong(latencyMicros + 1)));
  }

  /// How many octets go in one piece.
  int piece(RandomGenerator chance, int most) {
    return most == 1 || !inPieces || chance.nextInt(4) > 0 ? most : 1 + chance.nextInt(most);
  }
}
