package dev.poststation.delivery;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.toList;

import dev.poststation.config.Configuration;
import dev.poststation.config.Connector;
import dev.poststation.config.SourceAddress;
import dev.poststation.dns.Resolver;
import dev.poststation.log.Event;
import dev.poststation.message.Outcome;
import dev.poststation.os.Os;
import dev.poststation.route.NextHop;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// From which of our addresses a connection comes, where the connector names them: by weight, among
/// those of the family that can be used now, and that are listed nowhere. Safe for any thread.
public final class SourceAddresses implements AutoCloseable {
  /// After so long it is tried again whether this machine has an address now.
  private static final Duration ABSENT = Duration.ofMinutes(1);

  private final Os os;
  private final WarmUps plans;
  private final Listings listings;
  private final Blocklists blocklists;
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
    this(os, new WarmUps(os, data), new Listings(os, data, events), events);
  }

  private SourceAddresses(Os os, WarmUps plans, Listings listings, Consumer<Event> events) {
    this.os = os;
    this.plans = plans;
    this.listings = listings;
    this.blocklists = new Blocklists(os, events);
    this.events = events;
  }

  /// From now on the blocklists are asked that a configuration names.
  public void use(Configuration configuration, Resolver resolver) {
    blocklists.use(configuration, resolver);
  }

  /// What a relay that does not run has written down of them, for a command: what that learns is
  /// not kept, and nobody is told.
  public static SourceAddresses read(Os os, Path data) {
    return new SourceAddresses(os, WarmUps.read(os, data), Listings.read(os, data), _ -> {});
  }

  /// Those of which nothing is kept, and nobody is told.
  public static SourceAddresses unkept(Os os) {
    return unkept(os, _ -> {});
  }

  static SourceAddresses unkept(Os os, Consumer<Event> events) {
    return new SourceAddresses(os, new WarmUps(os, null), new Listings(os, null, events), events);
  }

  /// How well an address is received at a next hop: the first that there is is used.
  private enum Standing {
    GOOD,
    /// Others refuse it, or a blocklist has it.
    LISTED,
    /// That next hop refuses it.
    REFUSED
  }

  private Standing standing(SourceAddress source, String there) {
    var seen = source.outside();
    if (listings.holds(seen, there)) {
      return Standing.REFUSED;
    }
    return listings.holds(seen, Listings.EVERYWHERE) || !blocklists.of(seen).isEmpty()
        ? Standing.LISTED
        : Standing.GOOD;
  }

  /// Chooses an address for a connection, for a connector that names some, and takes a mail of its
  /// plan. The last one of a family is used even if it is listed. One that a next hop refuses is no
  /// way for what the plans of others allow no more today: they are waited for, if theirs have
  /// begun. One that only others refuse, or a blocklist has, is one.
  ///
  /// @param six whether the next hop has an address of IPv6
  Choice choose(Connector connector, NextHop hop, boolean six) {
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
      String text = "no source address of " + whose(connector) + " can be used: " + absent;
      return new Choice.None(Diagnosis.deferred(Outcome.Stage.CONNECT, "4.3.5", text));
    }
    String there = Listings.organisation(hop);
    var begun = here.stream().filter(source -> plans.most(source) > 0).toList();
    var by =
        (begun.isEmpty() ? here : begun)
            .stream()
                .collect(groupingBy(source -> standing(source, there), TreeMap::new, toList()));
    var open = by.headMap(Standing.REFUSED);
    var usable = (open.isEmpty() ? by : open).values();
    for (var alike : usable) {
      List<SourceAddress> left = new ArrayList<>(alike);
      left.removeIf(source -> plans.left(source) == 0);
      while (!left.isEmpty()) {
        var chosen = byWeight(left);
        if (plans.take(chosen)) {
          return new Choice.From(new Departure(chosen, plans, this, connector, there));
        }
        left.remove(chosen); // The last of its mails was taken meanwhile.
      }
    }
    return usedUp(connector, usable.stream().flatMap(List::stream).toList());
  }

  /// Whether another address does better there than this one.
  boolean outdone(Connector connector, SourceAddress source, String there) {
    var its = standing(source, there);
    return its != Standing.GOOD
        && connector.egress().sources().stream()
            .filter(each -> each.six() == source.six() && absence(each) == null)
            .filter(each -> standing(each, there).compareTo(its) < 0)
            .anyMatch(each -> (its == Standing.REFUSED ? plans.most(each) : plans.left(each)) > 0);
  }

  /// Looks whether a next hop refuses us for where we come from.
  ///
  /// @return whether another address does better there, now or when its plan has more: one whose
  ///   plan has not begun would not be chosen, and the one that is refused would be again
  boolean refused(Connector connector, SourceAddress source, String there, Outcome outcome) {
    if (!Blame.on(source.outside(), outcome)) {
      return false;
    }
    boolean left =
        connector.egress().sources().stream()
            .filter(each -> each.six() == source.six() && !each.outside().equals(source.outside()))
            .filter(each -> absence(each) == null && plans.most(each) > 0)
            .anyMatch(each -> standing(each, there) != Standing.REFUSED);
    listings.refused(source.outside(), there, outcome.text(), left);
    return left;
  }

  /// A next hop has taken a mail from there.
  void welcome(SourceAddress source, String there) {
    listings.welcome(source.outside(), there);
  }

  /// What is listed is used again, on order, wherever that was.
  ///
  /// @param address the one in `source`, or the public one
  /// @return whether it was listed
  public boolean restore(Configuration configuration, InetAddress address) {
    return configuration.departing().stream()
        .flatMap(connector -> connector.egress().sources().stream())
        .filter(each -> each.address().equals(address) || each.outside().equals(address))
        .map(SourceAddress::outside)
        .distinct()
        .map(seen -> List.of(listings.restore(seen), blocklists.pardon(seen)))
        .reduce(false, (some, each) -> some || each.contains(true), Boolean::logicalOr);
  }

  /// Where an address is not used for being listed, and why: a clause each.
  private List<String> listed(SourceAddress source) {
    List<String> clauses = new ArrayList<>();
    blocklists.of(source.outside()).forEach(list -> clauses.add("everywhere: " + list));
    for (var entry : listings.of(source.outside())) {
      String until = entry.until().truncatedTo(ChronoUnit.SECONDS).toString();
      clauses.add(entry.where() + " until " + until + ": " + entry.why());
    }
    return clauses;
  }

  /// Which addresses of a connector are listed where a mail goes, a clause each, for the trace.
  List<String> notes(Connector connector, NextHop hop, boolean six) {
    String there = Listings.organisation(hop);
    List<String> notes = new ArrayList<>();
    for (var source : connector.egress().sources()) {
      if (source.six() == six && standing(source, there) != Standing.GOOD) {
        String how =
            outdone(connector, source, there) ? " is left out, " : " is used all the same, ";
        notes.add("source " + source + how + "for it is listed " + first(source, there));
      }
    }
    return notes;
  }

  private String first(SourceAddress source, String there) {
    return listings.of(source.outside()).stream()
        .filter(entry -> entry.there().equals(there))
        .findFirst()
        .map(entry -> entry.where() + ": " + entry.why())
        .orElseGet(() -> listed(source).stream().findFirst().orElse("everywhere"));
  }

  /// Who names them.
  private static String whose(Connector connector) {
    return connector.egress().routed() ? "the route" : "connector " + connector.name();
  }

  private Choice usedUp(Connector connector, List<SourceAddress> all) {
    var until = all.stream().map(plans::more).min(Instant::compareTo).orElseThrow();
    String text =
        "the source addresses of "
            + whose(connector)
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
    boolean news;
    synchronized (this) {
      news = absences.remove(source.address()) != null;
    }
    if (news) {
      events.accept(new Event.SourceChanged(source.address(), "present", null));
    }
  }

  /// What an administrator should know of the addresses of a configuration, one sentence each.
  public List<String> concerns(Configuration configuration) {
    Set<String> concerns = new LinkedHashSet<>();
    for (var connector : configuration.departing()) {
      connector.egress().sources().forEach(source -> add(concerns, connector, source));
    }
    concerns.addAll(blocklists.concerns());
    return List.copyOf(concerns);
  }

  private void add(Set<String> concerns, Connector connector, SourceAddress source) {
    Absence absence;
    synchronized (this) {
      absence = absences.get(source.address());
    }
    var listed = listed(source);
    if (!listed.isEmpty()) {
      concerns.add(
          "Source "
              + source
              + " of connector "
              + connector.name()
              + " is listed "
              + listed.getFirst()
              + (listed.size() > 1 ? " (and " + (listed.size() - 1) + " more)" : "")
              + "; find out what it sent, have it removed from the list, then poststation source"
              + " restore "
              + source);
    }
    if (absence != null) {
      concerns.add(
          "Connector "
              + connector.name()
              + " sends nothing from "
              + (connector.egress().routed() ? "the source of a route, " : "its source ")
              + source
              + ": "
              + absence.why
              + "; give the machine that address, or remove it from source");
    }
  }

  /// How an address of a connector is.
  ///
  /// @param state `ok`, `absent`, `listed`, or `warming-up`
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
    var listed = listed(source);
    boolean limited = plans.left(source) != Integer.MAX_VALUE;
    return new View(
        absence != null ? "absent" : !listed.isEmpty() ? "listed" : limited ? "warming-up" : "ok",
        absence != null
            ? absence.why
            : listed.isEmpty() ? "" : "listed " + String.join("; ", listed),
        limited ? plans.sent(source) : 0,
        limited ? plans.most(source) : null);
  }

  /// In how many places each address of a configuration is not used for being listed.
  public Map<String, Integer> listings(Configuration configuration) {
    Map<String, Integer> all = new TreeMap<>();
    configuration.departing().stream()
        .flatMap(connector -> connector.egress().sources().stream())
        .forEach(source -> all.put(source.toString(), listed(source).size()));
    return all;
  }

  /// Writes down what is known.
  @Override
  public void close() {
    plans.close();
    listings.close();
    blocklists.close();
  }
}
