package dev.poststation.policy;

import java.util.LinkedHashMap;
import java.util.Map;

/// Which destinations refuse everybody: an account with a provider that was closed, an address of
/// ours on a list. What these refuse is no fault of the client. Bounded: whichever was idle for
/// longest is forgotten. Safe for any thread.
///
/// A destination refuses everybody when it has refused so many recipients one after the other, of
/// at least two clients, and has taken none since. Of one client alone it cannot be told: whoever
/// sends spam is often the only one who sends to a place.
final class Refusers {
  /// More than two clients mistype at once, and fewer than make an outbreak as `limits.outbreak` is
  /// when nothing is written.
  static final int ROW = 10;

  private static final int MOST = 10_000;

  private final Map<String, Row> rows =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Row> eldest) {
          return size() > MOST;
        }
      };

  /// What a destination has refused since it last took something.
  private static final class Row {
    private final Subject first;
    private boolean several;
    private int length;
    private long half;

    Row(Subject first) {
      this.first = first;
    }
  }

  /// It took a recipient.
  synchronized void took(String destination) {
    rows.remove(destination);
  }

  /// It refused a recipient.
  ///
  /// @param half the number of the half of the time that matters that is now
  /// @return whether it refuses everybody
  synchronized boolean refused(String destination, Subject who, long half) {
    var row = rows.get(destination);
    if (row == null || half - row.half > 1) {
      row = new Row(who);
      rows.put(destination, row);
    }
    row.half = half;
    row.several |= !row.first.equals(who);
    row.length = Math.min(ROW + 1, row.length + 1);
    return row.several && row.length > ROW;
  }
}
