package dev.poststation.queue;

import dev.poststation.message.QueueId;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;

/// The destinations that mail is parked for, as far as is known, and how far that has been read.
/// Safe for any thread.
final class ParkedCursors {
  private final Map<String, Cursor> cursors = new TreeMap<>();

  /// How far the parked mail of a destination has been read.
  static final class Cursor {
    /// Confined to the scheduler's thread.
    QueueId read = QueueId.FIRST;

    /// Whether a mail was parked since it was looked at; guarded by the cursors.
    private boolean joined;
  }

  /// A mail was parked.
  ///
  /// @return whether it is the first one for this destination
  synchronized boolean joined(String destination) {
    boolean first = !cursors.containsKey(destination);
    cursors.computeIfAbsent(destination, _ -> new Cursor()).joined = true;
    return first;
  }

  /// There is mail for these.
  synchronized void add(Collection<String> destinations) {
    destinations.forEach(destination -> cursors.computeIfAbsent(destination, _ -> new Cursor()));
  }

  synchronized Map<String, Cursor> now() {
    return cursors.isEmpty() ? Map.of() : new TreeMap<>(cursors);
  }

  /// The mail of a destination is about to be listed.
  synchronized void look(Cursor cursor) {
    cursor.joined = false;
  }

  /// None was listed: the destination is forgotten, unless a mail was parked meanwhile.
  synchronized void empty(String destination, Cursor cursor) {
    if (!cursor.joined) {
      cursors.remove(destination, cursor);
    }
  }
}
