package dev.poststation.queue;

import dev.poststation.message.Priority;
import dev.poststation.message.QueueId;
import dev.poststation.spool.Spool;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// The destinations that mail is parked for, as far as is known, how far that has been read, and
/// which of it goes before the rest. Safe for any thread.
final class ParkedCursors {
  /// So many of a destination are known to go first.
  static final int FIRST_MAX = 1000;

  private final TreeMap<String, Cursor> cursors = new TreeMap<>();

  /// Those of them that are asked in each round: the others are known to want nothing.
  private final TreeMap<String, Cursor> awake = new TreeMap<>();

  /// The others, by when they are to be asked again.
  private final TreeSet<Sleeper> asleep = new TreeSet<>(Sleeper.ORDER);

  private String served = "";

  /// A destination that is set aside.
  private record Sleeper(Instant until, String destination) {
    private static final Comparator<Sleeper> ORDER =
        Comparator.comparing(Sleeper::until).thenComparing(Sleeper::destination);
  }

  /// One that is not bulk.
  private record Other(int priority, QueueId id) {
    private static final Comparator<Other> ORDER =
        Comparator.comparingInt(Other::priority).reversed().thenComparing(Other::id);
  }

  /// How far the parked mail of a destination has been read.
  static final class Cursor {
    /// Confined to the scheduler's thread.
    QueueId read = QueueId.FIRST;

    // Guarded by the cursors.

    /// Whether a mail was parked since it was looked at.
    private boolean joined;

    /// Whether some of it is bulk, as far as is known.
    private boolean bulk;

    private @Nullable Sleeper sleeper;

    private final TreeSet<Other> others = new TreeSet<>(Other.ORDER);

    /// Whether the spool is being asked what is in it.
    private boolean learning = true;

    /// Whether that goes on to its end, for some of it may be urgent.
    private boolean toItsEnd = true;

    /// After which mail it goes on.
    private QueueId learned = QueueId.FIRST;

    /// The first one besides that was seen, or not looked for any more; null: there is none.
    private @Nullable QueueId left;

    /// Whether one of those was urgent.
    private boolean urgentLeft;

    private void add(Other other) {
      others.add(other);
      if (others.size() > FIRST_MAX) {
        var last = others.removeLast();
        leave(last.id());
        urgentLeft |= Priority.isUrgent(last.priority());
      }
    }

    private void leave(QueueId id) {
      left = left == null || id.compareTo(left) < 0 ? id : left;
    }
  }

  /// A mail was parked.
  ///
  /// @return whether it is the first one for this destination
  synchronized boolean joined(String destination, QueueId id, int priority) {
    boolean first = !cursors.containsKey(destination);
    var cursor = cursor(destination);
    cursor.joined = true;
    if (Priority.isBulk(priority)) {
      cursor.bulk = true;
    } else {
      cursor.add(new Other(priority, id));
    }
    return first;
  }

  /// There is mail for these.
  synchronized void add(Collection<String> destinations) {
    destinations.forEach(this::cursor);
  }

  private Cursor cursor(String destination) {
    var known = cursors.get(destination);
    if (known != null) {
      return known;
    }
    var cursor = new Cursor();
    cursors.put(destination, cursor);
    awake.put(destination, cursor);
    return cursor;
  }

  /// A destination wants nothing until then, unless it is woken.
  synchronized void sleep(String destination, Instant until) {
    var cursor = cursors.get(destination);
    if (cursor != null) {
      wake(destination);
      awake.remove(destination);
      cursor.sleeper = new Sleeper(until, destination);
      asleep.add(cursor.sleeper);
    }
  }

  /// A destination may want something.
  synchronized void wake(String destination) {
    var cursor = cursors.get(destination);
    if (cursor != null && cursor.sleeper != null) {
      asleep.remove(cursor.sleeper);
      cursor.sleeper = null;
      awake.put(destination, cursor);
    }
  }

  /// Each may want something whose time has come.
  synchronized void wakeDue(Instant now) {
    while (!asleep.isEmpty() && !asleep.getFirst().until().isAfter(now)) {
      wake(asleep.getFirst().destination());
    }
  }

  /// Each may want something.
  synchronized void wakeAll() {
    wakeDue(Instant.MAX);
  }

  /// When the first of those is to be asked again that are not asked now; null: there is none.
  synchronized @Nullable Instant firstToWake() {
    return asleep.isEmpty() ? null : asleep.getFirst().until();
  }

  /// Those that are asked now.
  synchronized Map<String, Cursor> awake() {
    return awake.isEmpty() ? Map.of() : new TreeMap<>(awake);
  }

  /// Those that are asked now, in turn: who comes after the one that was served last is the first.
  /// Otherwise those whose names come late would starve where little can be sent to all of them
  /// together.
  synchronized Map<String, Cursor> inTurn() {
    Map<String, Cursor> all = new LinkedHashMap<>(awake.tailMap(served, false));
    all.putAll(awake.headMap(served, true));
    return all;
  }

  /// Some mail of a destination was claimed.
  synchronized void served(String destination) {
    served = destination;
  }

  /// The mail that goes before the rest of its destination; it is known no longer. Null: there is
  /// none, as where all is of normal priority.
  synchronized @Nullable QueueId first(Cursor cursor) {
    var first = cursor.others.isEmpty() ? null : cursor.others.getFirst();
    if (first == null || (first.priority() <= Priority.NORMAL && !cursor.bulk)) {
      return null;
    }
    cursor.others.remove(first);
    return first.id();
  }

  /// Whether that is urgent.
  synchronized boolean firstIsUrgent(Cursor cursor) {
    return !cursor.others.isEmpty() && Priority.isUrgent(cursor.others.getFirst().priority());
  }

  /// Whether the spool is to be asked what goes first: after a start, or when it was more than is
  /// remembered.
  synchronized boolean unknown(Cursor cursor) {
    if (!cursor.learning && cursor.left != null && cursor.others.isEmpty()) {
      cursor.learning = true;
      cursor.toItsEnd = cursor.urgentLeft;
      cursor.learned = new QueueId(cursor.left.value() - 1);
      cursor.left = null;
      cursor.urgentLeft = false;
    }
    return cursor.learning;
  }

  /// After which mail that is to be looked for.
  synchronized QueueId learning(Cursor cursor) {
    return cursor.learned;
  }

  /// These were found.
  ///
  /// @param last whether there are no more behind them
  synchronized void learned(Cursor cursor, List<Spool.Ranked> found, boolean last) {
    for (var each : found) {
      if (Priority.isBulk(each.priority())) {
        cursor.bulk = true;
      } else {
        cursor.add(new Other(each.priority(), each.id()));
      }
      cursor.learned = each.id();
    }
    boolean enough = !cursor.toItsEnd && cursor.others.size() == FIRST_MAX;
    if (enough && !last) {
      cursor.leave(new QueueId(cursor.learned.value() + 1));
    }
    cursor.learning = !enough && !last;
  }

  /// Whether bulk is among it.
  synchronized boolean bulk(Cursor cursor) {
    return cursor.bulk;
  }

  /// The mail of a destination is about to be listed.
  synchronized void look(Cursor cursor) {
    cursor.joined = false;
  }

  /// None was listed: the destination is forgotten, unless a mail was parked meanwhile.
  synchronized void empty(String destination, Cursor cursor) {
    if (!cursor.joined && cursors.remove(destination, cursor)) {
      awake.remove(destination); // It is no sleeper: it was just asked.
    }
  }
}
