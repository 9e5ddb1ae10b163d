package dev.poststation.policy;

import dev.poststation.os.Disk;
import dev.poststation.os.Os;
import dev.poststation.store.Ledger;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// When each entry of `clients` last let a mail in, and one that came without TLS, to the minute;
/// kept in `data`. Safe for any thread.
public final class ClientUse implements AutoCloseable {
  private static final String FILE = "clients.used";
  private static final int MOST = 100_000;
  private static final int MINUTE = 60;
  private static final Duration YOUNG = Duration.ofHours(1);

  private final Os os;
  private final Supplier<Set<String>> known;
  private final @Nullable Ledger ledger;
  private final Map<String, Mark> marks = new ConcurrentHashMap<>();

  /// What is known of an entry.
  ///
  /// @param since when the relay first had it
  /// @param last when it last let a mail in; null: it has not yet
  /// @param clear when it last let one in that came without TLS; null: it has not yet
  public record Use(Instant since, @Nullable Instant last, @Nullable Instant clear) {}

  /// Where an entry notes it. Safe for any thread.
  static final class Mark {
    private final Instant since;
    private final @Nullable Ledger ledger;
    private volatile long minute;
    private volatile long clear;

    private Mark(Instant since, long minute, long clear, @Nullable Ledger ledger) {
      this.since = since;
      this.minute = minute;
      this.clear = clear;
      this.ledger = ledger;
    }

    /// It lets a mail in.
    ///
    /// @param encrypted whether it came by TLS
    void used(Instant now, boolean encrypted) {
      long current = Math.floorDiv(now.getEpochSecond(), MINUTE);
      if (current != minute || (!encrypted && current != clear)) {
        minute = current;
        if (!encrypted) {
          clear = current;
        }
        if (ledger != null) {
          ledger.changed();
        }
      }
    }

    private Use use() {
      return new Use(since, instant(minute), instant(clear));
    }

    private static @Nullable Instant instant(long minute) {
      return minute == 0 ? null : Instant.ofEpochSecond(minute * MINUTE);
    }
  }

  /// One that keeps nothing.
  ClientUse(Os os) {
    this.os = os;
    this.known = Set::of;
    this.ledger = null;
  }

  /// @param known the names of all entries; others are forgotten
  ClientUse(Os os, Path data, Supplier<Set<String>> known) {
    this.os = os;
    this.known = known;
    var kept = new Ledger(os, data.resolve(FILE), this::lines);
    this.ledger = kept;
    Map<String, Use> uses = new ConcurrentHashMap<>();
    kept.read(MOST, line -> readLine(line, uses));
    uses.forEach(
        (name, use) ->
            marks.put(name, new Mark(use.since(), minute(use.last()), minute(use.clear()), kept)));
  }

  private static long minute(@Nullable Instant instant) {
    return instant == null ? 0 : instant.getEpochSecond() / MINUTE;
  }

  /// What was written last, by names: for commands.
  public static Map<String, Use> read(Disk disk, Path data) {
    Map<String, Use> uses = new ConcurrentHashMap<>();
    Ledger.read(disk, data.resolve(FILE)).stream()
        .limit(MOST)
        .forEach(line -> readLine(line, uses));
    return uses;
  }

  /// @return whether it was understood
  private static boolean readLine(String line, Map<String, Use> uses) {
    String[] words = line.split(" ", -1);
    if (words.length != 3 && words.length != 4) {
      return false;
    }
    try {
      var last = words[2].equals("-") ? null : Instant.parse(words[2]);
      var clear = words.length == 3 ? null : Instant.parse(words[3]);
      uses.put(words[0], new Use(Instant.parse(words[1]), last, clear));
      return true;
    } catch (DateTimeException _) {
      return false; // Another line may be whole.
    }
  }

  /// What is known now, by names.
  public Map<String, Use> now() {
    Map<String, Use> uses = new ConcurrentHashMap<>();
    marks.forEach((name, mark) -> uses.put(name, mark.use()));
    return uses;
  }

  /// Where the entry of this name notes it; from now on it is known.
  Mark mark(String name) {
    return marks.computeIfAbsent(name, _ -> fresh());
  }

  private Mark fresh() {
    if (ledger != null) {
      ledger.changed();
    }
    return new Mark(Instant.ofEpochSecond(os.time().now().getEpochSecond()), 0, 0, ledger);
  }

  private List<String> lines() {
    var entries = known.get();
    // Those of a reload that goes on now are not known yet.
    var young = os.time().now().minus(YOUNG);
    marks
        .entrySet()
        .removeIf(
            each ->
                !entries.contains(each.getKey()) && each.getValue().use().since().isBefore(young));
    List<String> lines = new ArrayList<>();
    marks.forEach(
        (name, mark) -> {
          var use = mark.use();
          var last = use.last();
          var clear = use.clear();
          String inClear = clear == null ? "" : " " + clear;
          lines.add(name + " " + use.since() + " " + (last == null ? "-" : last) + inClear);
        });
    return lines;
  }

  /// Writes what is left.
  @Override
  public void close() {
    if (ledger != null) {
      ledger.close();
    }
  }
}
