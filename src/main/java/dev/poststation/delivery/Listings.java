package dev.poststation.delivery;

import dev.poststation.dns.NumericAddress;
import dev.poststation.log.Event;
import dev.poststation.message.Alignment;
import dev.poststation.os.IpText;
import dev.poststation.os.Os;
import dev.poststation.os.Time;
import dev.poststation.route.NextHop;
import dev.poststation.store.Ledger;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// At which next hops addresses of ours are refused for being listed. One that is refused is not
/// used there for an hour; where it is refused again afterwards, for twice as long, up to a day.
/// When several organisations refuse it, and more than take mail from it, that holds everywhere.
/// Kept in `data`. Safe for any thread.
final class Listings implements AutoCloseable {
  /// In the place of an organisation: all of them.
  static final String EVERYWHERE = "*";

  /// So many organisations that do not know of each other are enough for all, if they are more than
  /// take mail: whoever has three domains could say that of any address.
  static final int SEVERAL = 3;

  private static final Duration FIRST = Duration.ofHours(1);
  private static final Duration LONGEST = Duration.ofDays(1);

  /// Within that time they have to say so; and for so long it is remembered that one did.
  private static final Duration TOGETHER = Duration.ofDays(1);

  private static final Duration REMEMBERED = Duration.ofDays(7);
  private static final int MOST = 10_000;

  /// Of one address; more of them prove nothing more.
  private static final int TAKERS_MOST = 1_000;

  private static final int WHY_LENGTH = 500;
  private static final String FILE = "sources.listed";

  private final Time time;
  private final Consumer<Event> events;
  private final @Nullable Ledger ledger;

  // Guarded by this.
  private final Map<InetAddress, Map<String, Entry>> all = new HashMap<>();

  /// When an organisation took a mail last, the latest at the end; not kept over a restart.
  private final Map<InetAddress, LinkedHashMap<String, Instant>> takers = new HashMap<>();

  /// A refusal, and what follows from it.
  ///
  /// @param there who refuses: a domain, an address, or [#EVERYWHERE]
  /// @param since when it was refused last
  /// @param until it is not used there before
  /// @param turns how often that has happened in a row
  /// @param returned whether it has been told that it is used again
  record Entry(
      String there, Instant since, Instant until, int turns, boolean returned, String why) {
    private boolean holds(Instant now) {
      return now.isBefore(until) && !isAhead(now);
    }

    /// Whether it was written by a clock that ran ahead.
    private boolean isAhead(Instant now) {
      return until.isAfter(now.plus(LONGEST));
    }

    private Entry back() {
      return new Entry(there, since, until, turns, true, why);
    }

    /// For people: `example.net`, `everywhere`.
    String where() {
      return there.equals(EVERYWHERE) ? "everywhere" : "at " + there;
    }
  }

  /// @param data where it is kept; null: nowhere
  Listings(Os os, @Nullable Path data, Consumer<Event> events) {
    this.time = os.time();
    this.events = events;
    this.ledger = data == null ? null : new Ledger(os, data.resolve(FILE), this::lines);
    if (ledger != null) {
      ledger.read(MOST, this::read);
    }
  }

  /// What a relay has written down, which is only read: what is learned besides is not kept.
  static Listings read(Os os, Path data) {
    var listings = new Listings(os, null, _ -> {});
    Ledger.read(os.disk(), data.resolve(FILE)).stream().limit(MOST).forEach(listings::read);
    return listings;
  }

  /// Who decides at a host: what one of its hosts says, the others say as well.
  static String organisation(NextHop hop) {
    return NumericAddress.parse(hop.host())
        .map(IpText::of)
        .orElseGet(() -> Alignment.organisation(hop.host()));
  }

  /// @return whether it was understood
  private synchronized boolean read(String line) {
    String[] words = line.split(" ", 6);
    if (words.length != 6) {
      return false;
    }
    try {
      var entry =
          new Entry(
              words[1],
              Instant.parse(words[2]),
              Instant.parse(words[3]),
              Integer.parseInt(words[4]),
              !time.now().isBefore(Instant.parse(words[3])),
              words[5]);
      put(InetAddress.ofLiteral(words[0]), entry);
      return true;
    } catch (DateTimeException | IllegalArgumentException _) {
      return false;
    }
  }

  private synchronized List<String> lines() {
    List<String> lines = new ArrayList<>();
    all.forEach(
        (address, entries) ->
            entries
                .values()
                .forEach(
                    each ->
                        lines.add(
                            String.join(
                                " ",
                                address.getHostAddress(),
                                each.there,
                                each.since.toString(),
                                each.until.toString(),
                                String.valueOf(each.turns),
                                each.why))));
    return lines;
  }

  private void put(InetAddress address, Entry entry) {
    all.computeIfAbsent(address, _ -> new TreeMap<>()).put(entry.there, entry);
  }

  /// Whether nothing goes from there to an organisation now, as far as it alone is concerned.
  boolean holds(InetAddress address, String there) {
    Entry back = null;
    synchronized (this) {
      var entry = all.getOrDefault(address, Map.of()).get(there);
      if (entry == null || entry.holds(time.now())) {
        return entry != null;
      }
      if (!entry.returned) {
        back = entry.back();
        put(address, back);
      }
    }
    if (back != null) {
      returned(address, back, "its time is over");
    }
    return false;
  }

  private void returned(InetAddress address, Entry entry, String how) {
    events.accept(new Event.SourceChanged(address, "returned", entry.where() + ": " + how));
    keep();
  }

  private void keep() {
    if (ledger != null) {
      ledger.changed();
    }
  }

  /// It was refused.
  ///
  /// @param left whether another address is left for those who refuse it
  void refused(InetAddress address, String there, String why, boolean left) {
    List<Entry> fresh = new ArrayList<>();
    synchronized (this) {
      forget();
      add(address, there, why, fresh);
      var took = takers.computeIfAbsent(address, _ -> new LinkedHashMap<>());
      took.remove(there); // Its latest word counts.
      var lately = time.now().minus(TOGETHER);
      var by =
          all.getOrDefault(address, Map.of()).values().stream()
              .filter(each -> !each.there.equals(EVERYWHERE) && each.since.isAfter(lately))
              .map(Entry::there)
              .toList();
      long taking = took.values().stream().filter(each -> each.isAfter(lately)).count();
      if (by.size() >= SEVERAL && by.size() > taking) {
        add(address, EVERYWHERE, "refused at " + String.join(", ", by), fresh);
      }
    }
    for (var entry : fresh) {
      String then =
          left
              ? "; not used before " + entry.until.truncatedTo(ChronoUnit.SECONDS)
              : "; it is the last of its family and stays in use";
      events.accept(
          new Event.SourceChanged(address, "listed", entry.where() + ": " + entry.why + then));
      keep();
    }
  }

  private void add(InetAddress address, String there, String why, List<Entry> fresh) {
    var now = time.now();
    var before = all.getOrDefault(address, Map.of()).get(there);
    if (before != null && before.holds(now)) {
      return; // A connection that was open already, or there is no other address.
    }
    int turns = before == null ? 1 : before.turns + 1;
    var pause = turns > 5 ? LONGEST : FIRST.multipliedBy(1L << (turns - 1));
    var entry =
        new Entry(there, now, now.plus(pause), turns, false, Ledger.fits(why) ? cut(why) : "-");
    put(address, entry);
    fresh.add(entry);
  }

  private static String cut(String why) {
    return why.length() > WHY_LENGTH ? why.substring(0, WHY_LENGTH) + "…" : why;
  }

  private void forget() {
    var now = time.now();
    var old = now.minus(REMEMBERED);
    all.values()
        .forEach(
            each ->
                each.values().removeIf(entry -> entry.until.isBefore(old) || entry.isAhead(now)));
    all.values().removeIf(Map::isEmpty);
    if (all.values().stream().mapToInt(Map::size).sum() >= MOST) {
      all.clear(); // Each refusal is met again.
    }
  }

  /// A mail was taken from there.
  void welcome(InetAddress address, String there) {
    Entry before;
    synchronized (this) {
      var entries = all.get(address);
      before = entries == null ? null : entries.remove(there);
      var took = takers.computeIfAbsent(address, _ -> new LinkedHashMap<>());
      took.putLast(there, time.now());
      if (took.size() > TAKERS_MOST) {
        took.pollFirstEntry();
      }
    }
    if (before != null && !before.returned) {
      returned(address, before, "a mail was taken");
    } else if (before != null) {
      keep();
    }
  }

  /// All is forgotten of an address, on order.
  ///
  /// @return whether there was anything
  boolean restore(InetAddress address) {
    List<Entry> held;
    synchronized (this) {
      var entries = all.remove(address);
      if (entries == null) {
        return false;
      }
      held = List.copyOf(entries.values());
    }
    keep();
    for (var entry : held) {
      if (!entry.returned) {
        returned(address, entry, "an administrator restored it");
      }
    }
    return true;
  }

  /// Where it is not used now, the widest first.
  synchronized List<Entry> of(InetAddress address) {
    var now = time.now();
    return all.getOrDefault(address, Map.of()).values().stream()
        .filter(each -> each.holds(now))
        .toList();
  }

  /// Writes down what is known.
  @Override
  public void close() {
    if (ledger != null) {
      ledger.close();
    }
  }
}
