package dev.poststation.sim.world;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.LoggerFactory;

/// Runs simulated worlds, one after the other, and says how they ended: what `make sim` calls. Two
/// at once need a process each: what threads of two worlds share in one would make them wait for
/// each other.
public final class Simulation {
  private static final int BROKEN_SHOWN = 8;

  private final long first;
  private final long most;
  private final Duration atMost;
  private final List<String> broken = new ArrayList<>();
  private long worlds;
  private long faults;
  private long crashes;
  private long acknowledged;
  private long deliveries;
  private Duration lasted = Duration.ZERO;

  /// What became of some worlds.
  ///
  /// @param text for people
  public record Outcome(long worlds, List<String> broken, String text) {}

  /// @param first the first seed; the others follow it
  /// @param most how many worlds
  /// @param atMost no world is begun after this
  public Simulation(long first, long most, Duration atMost) {
    this.first = first;
    this.most = most;
    this.atMost = atMost;
  }

  /// Runs them, until one has broken a promise.
  public Outcome run() {
    ((Logger) LoggerFactory.getLogger("dev.poststation")).setLevel(Level.OFF);
    long begun = System.nanoTime();
    while (worlds < most && System.nanoTime() - begun < atMost.toNanos() && broken.isEmpty()) {
      enter(first + worlds, new World(first + worlds).run());
    }
    double minutes = (System.nanoTime() - begun) / 60e9;
    String text =
        "%,d worlds (seeds %d to %d) in %.1f min: %,d virtual days, %,d faults (%,d of them ends of the relay), %,d mails acknowledged, %,d deliveries%nper minute of run: %,.0f worlds, %,.0f virtual days, %,.0f faults"
            .formatted(
                worlds,
                first,
                first + worlds - 1,
                minutes,
                lasted.toDays(),
                faults,
                crashes,
                acknowledged,
                deliveries,
                worlds / minutes,
                lasted.toDays() / minutes,
                faults / minutes);
    return new Outcome(worlds, List.copyOf(broken), text);
  }

  private void enter(long seed, World.Report report) {
    worlds++;
    faults += report.faults();
    crashes += report.crashes();
    acknowledged += report.acknowledged();
    deliveries += report.deliveries();
    lasted = lasted.plus(report.lasted());
    report.broken().stream()
        .limit(BROKEN_SHOWN)
        .forEach(what -> broken.add("seed " + seed + ": " + what));
  }

  /// `--seeds N`, `--first SEED`, `--seconds S`, or `--tell SEED` for all that happens in one.
  public static void main(String[] arguments) {
    long first = System.currentTimeMillis() * 1000;
    long most = Long.MAX_VALUE;
    var atMost = Duration.ofDays(1);
    for (int i = 0; i + 1 < arguments.length; i += 2) {
      long value = Long.parseLong(arguments[i + 1]);
      switch (arguments[i]) {
        case "--first" -> first = value;
        case "--seeds" -> most = value;
        case "--seconds" -> atMost = Duration.ofSeconds(value);
        case "--tell" -> {
          new World(value).loud().run().broken().forEach(System.out::println);
          return;
        }
        default -> throw new IllegalArgumentException(arguments[i]);
      }
    }
    var outcome = new Simulation(first, most, atMost).run();
    System.out.println(outcome.text());
    outcome.broken().forEach(what -> System.out.println("BROKEN " + what));
    System.exit(outcome.broken().isEmpty() ? 0 : 1);
  }
}
