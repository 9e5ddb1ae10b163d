package dev.poststation.policy;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/// Which destinations refuse everybody: an account with a provider that was closed, an address of
/// ours on a list. What these refuse is no fault of the client. Bounded: whichever was idle for
/// longest is forgotten. Safe for any thread.
///
/// A destination refuses everybody when it has refused so many recipients one after the other, some
/// of each of three clients, for other reasons than that there are no such recipients, and has
/// taken none since. Of one client alone it cannot be told: whoever sends spam is often the only
/// one who sends to a place; and two that were both taken over must not excuse each other.
final class Refusers {
  /// Fewer than make an outbreak as `limits.outbreak` is when nothing is written.
  static final int ROW = 10;

  /// Of so many clients.
  static final int CLIENTS = 3;

  /// Of each of them.
  private static final int EACH = 3;

  /// Clients of which refusals are counted, for each destination.
  private static final int CLIENTS_MOST = 10;

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
    private final Map<Subject, Integer> whose = new HashMap<>();
    private int length;
    private long half;

    void add(Subject who, long current) {
      half = current;
      length = Math.min(ROW + 1, length + 1);
      if (whose.size() < CLIENTS_MOST || whose.containsKey(who)) {
        whose.merge(who, 1, (before, one) -> Math.min(EACH, before + one));
      }
    }

    boolean refusesAll() {
      return length > ROW
          && whose.values().stream().filter(count -> count >= EACH).count() >= CLIENTS;
    }
  }

  /// It took a recipient.
  synchronized void took(String destination) {
    rows.remove(destination);
  }

  /// It refused a recipient that there may well be.
  ///
  /// @param half the number of the half of the time that matters that is now
  /// @return whether it refuses everybody
  synchronized boolean refused(String destination, Subject who, long half) {
    var row = rows.get(destination);
    if (row == null || half - row.half > 1) {
      row = new Row();
      rows.put(destination, row);
    }
    row.add(who, half);
    return row.refusesAll();
  }
}
