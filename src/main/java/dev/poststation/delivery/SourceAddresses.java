package dev.poststation.delivery;

import dev.poststation.config.Configuration;
import dev.poststation.config.Connector;
import dev.poststation.config.SourceAddress;
import dev.poststation.log.Event;
import dev.poststation.message.Outcome;
import dev.poststation.os.Os;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// From which of our addresses a connection comes, where the connector names them: by weight, among
/// those of the family that can be used now. Safe for any thread.
public final class SourceAddresses {
  /// After so long it is tried again whether this machine has an address now.
  private static final Duration ABSENT = Duration.ofMinutes(1);

  private final Os os;
  private final Consumer<Event> events;
  private final Map<InetAddress, Absence> absences = new HashMap<>();

  /// @param why a clause for people
  private record Absence(String why, long untilNanos) {}

  /// What came of choosing.
  sealed interface Choice {
    /// From here.
    record From(SourceAddress source) implements Choice {}

    /// Nothing may be sent to this family now.
    record None(Outcome.Deferred why) implements Choice {}
  }

  /// @param events is told when an address cannot be used, and when it can again
  public SourceAddresses(Os os, Consumer<Event> events) {
    this.os = os;
    this.events = events;
  }

  /// Chooses an address for a connection, for a connector that names some.
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
    return new Choice.From(byWeight(here));
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
}
