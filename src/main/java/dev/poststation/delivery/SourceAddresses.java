package dev.poststation.delivery;

import static java.util.stream.Collectors.joining;

import dev.poststation.config.Configuration;
import dev.poststation.config.Connector;
import dev.poststation.config.SourceAddress;
import dev.poststation.log.Event;
import dev.poststation.message.Outcome;
import dev.poststation.os.Os;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// From which of our addresses a connection comes, where the connector names them: by weight, among
/// those of the family that can be used now. Safe for any thread.
public final class SourceAddresses implements AutoCloseable {
  /// After so long it is tried again whether this machine has an address now.
  private static final Duration ABSENT = Duration.ofMinutes(1);

  private final Os os;
  private final WarmUps plans;
  private final Consumer<Event> events;
  private final Map<InetAddress, Absence> absences = new HashMap<>();

  /// @param why a clause for people
  private record Absence(String why, long untilNanos) {}

  /// What came of choosing.
  sealed interface Choice {
    /// From here.
    record From(Departure departure) implements Choice {}

    /// The plans of those of this family allow nothing more today.
    record Later(Instant until, Outcome.Deferred why) implements Choice {}

    /// Nothing may be sent to this family now.
    record None(Outcome.Deferred why) implements Choice {}
  }

  /// @param data where it is kept how much was sent from which
  /// @param events is told when an address cannot be used, and when it can again
  public SourceAddresses(Os os, Path data, Consumer<Event> events) {
    this(os, new WarmUps(os, data), events);
  }

  private SourceAddresses(Os os, WarmUps plans, Consumer<Event> events) {
    this.os = os;
    this.plans = plans;
    this.events = events;
  }

  /// Those of which nothing is kept, and nobody is told.
  public static SourceAddresses unkept(Os os) {
    return unkept(os, _ -> {});
  }

  static SourceAddresses unkept(Os os, Consumer<Event> events) {
    return new SourceAddresses(os, new WarmUps(os, null), events);
  }

  /// Chooses an address for a connection, for a connector that names some, and takes a mail of its
  /// plan.
  ///
  /// @param six whether the next hop has an address of IPv6
  Choice choose(Connector connector, boolean six) {
    List<SourceAddress> here = new ArrayList<>();
    String absent = "";
    for (var source : connector.egress().sources()) {
      if (source.six() == six) {
        var absence = absence(source);
        if (absence == null) {
          here.add(source);
        } else {
          absent = absence.why;
        }
      }
    }
    if (here.isEmpty()) {
      String text =
          "no source address of connector " + connector.name() + " can be used: " + absent;
      return new Choice.None(Diagnosis.deferred(Outcome.Stage.CONNECT, "4.3.5", text));
    }
    List<SourceAddress> left = new ArrayList<>(here);
    left.removeIf(source -> plans.left(source) == 0);
    while (!left.isEmpty()) {
      var chosen = byWeight(left);
      if (plans.take(chosen)) {
        return new Choice.From(new Departure(chosen, plans));
      }
      left.remove(chosen); // The last of its mails was taken meanwhile.
    }
    return usedUp(connector, here);
  }

  private Choice usedUp(Connector connector, List<SourceAddress> all) {
    var until = all.stream().map(plans::more).min(Instant::compareTo).orElseThrow();
    String text =
        "the source addresses of connector "
            + connector.name()
            + " may send no more today: "
            + all.stream().map(source -> source + " " + plan(source)).collect(joining(", "));
    return new Choice.Later(until, Diagnosis.deferred(Outcome.Stage.QUOTA, "4.7.0", text));
  }

  /// How far it is with the plan of an address: `(37 of 50 mails)`.
  private String plan(SourceAddress source) {
    var plan = source.warmUp();
    int most = plans.most(source);
    return most == 0 && plan != null
        ? "(from " + plan.from() + ")"
        : "(" + plans.sent(source) + " of " + most + " mails)";
  }

  private SourceAddress byWeight(List<SourceAddress> some) {
    int place = os.chance().below(some.stream().mapToInt(SourceAddress::weight).sum());
    for (var source : some) {
      place -= source.weight();
      if (place < 0) {
        return source;
      }
    }
    throw new IllegalStateException("the weights have changed");
  }

  private synchronized @Nullable Absence absence(SourceAddress source) {
    var absence = absences.get(source.address());
    return absence == null || os.time().nanos() - absence.untilNanos >= 0 ? null : absence;
  }

  /// This machine does not have the address, or nothing can be sent from it.
  ///
  /// @param why a clause for people
  void absent(Connector connector, SourceAddress source, String why) {
    boolean news;
    synchronized (this) {
      long until = os.time().nanos() + ABSENT.toNanos();
      news = absences.put(source.address(), new Absence(why, until)) == null;
    }
    if (news) {
      events.accept(
          new Event.SourceChanged(source.address(), "absent", connector.name() + ": " + why));
    }
  }

  /// A connection came from there.
  void present(SourceAddress source) {
    if (absent(source)) {
      synchronized (this) {
        absences.remove(source.address());
      }
      events.accept(new Event.SourceChanged(source.address(), "present", null));
    }
  }

  private synchronized boolean absent(SourceAddress source) {
    return absences.containsKey(source.address());
  }

  /// What an administrator should know of the addresses of a configuration, one sentence each.
  public List<String> concerns(Configuration configuration) {
    List<String> concerns = new ArrayList<>();
    new TreeMap<>(configuration.connectors())
        .values()
        .forEach(
            connector -> connector.egress().sources().forEach(s -> add(concerns, connector, s)));
    return concerns;
  }

  private void add(List<String> concerns, Connector connector, SourceAddress source) {
    Absence absence;
    synchronized (this) {
      absence = absences.get(source.address());
    }
    if (absence != null) {
      concerns.add(
          "Connector "
              + connector.name()
              + " sends nothing from its source "
              + source
              + ": "
              + absence.why
              + "; give the machine that address, or remove it from source");
    }
  }

  /// How an address of a connector is.
  ///
  /// @param state `ok`, `absent`, or `warming-up`
  /// @param text why, or empty
  /// @param sent mails that it has sent today, where a plan limits them; else 0
  /// @param most mails that it may send today; null: as many as there are
  public record View(String state, String text, int sent, @Nullable Integer most) {}

  /// How an address is now.
  public View view(SourceAddress source) {
    Absence absence;
    synchronized (this) {
      absence = absences.get(source.address());
    }
    boolean limited = plans.left(source) != Integer.MAX_VALUE;
    return new View(
        absence != null ? "absent" : limited ? "warming-up" : "ok",
        absence == null ? "" : absence.why,
        limited ? plans.sent(source) : 0,
        limited ? plans.most(source) : null);
  }

  /// Writes down what was sent today.
  @Override
  public void close() {
    plans.close();
  }
}
