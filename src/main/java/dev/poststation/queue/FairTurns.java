package dev.poststation.queue;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Whose turn it is: deficit round-robin between clients, so that a newsletter of one never delays
/// the single mail of another (M. Shreedhar, G. Varghese, 1995). A job costs as many turns as it
/// has recipients. Guarded by the lock of its destination.
final class FairTurns<T> {
  private static final int QUANTUM = 20;

  /// So many of a client are looked at for one that may go another way.
  private static final int OF_EACH = 5;

  private final Map<String, Line<T>> lines = new HashMap<>();
  private final ArrayDeque<Line<T>> round = new ArrayDeque<>();
  private int size;

  int size() {
    return size;
  }

  void add(String client, int cost, T job) {
    var line = lines.computeIfAbsent(client, Line::new);
    if (line.jobs.isEmpty()) {
      line.deficit = QUANTUM;
      round.addLast(line);
    }
    line.jobs.addLast(new Turn<>(cost, job));
    size++;
  }

  /// Puts a job back to the head of its client's line: it was taken but could not be tried.
  void putBack(String client, int cost, T job) {
    add(client, cost, job);
    var line = lines.get(client);
    if (line != null) {
      line.jobs.addFirst(line.jobs.removeLast());
    }
  }

  /// The next job; null when there is none.
  @Nullable T poll() {
    while (true) {
      var line = round.peekFirst();
      if (line == null) {
        return null;
      }
      var turn = line.jobs.getFirst();
      if (turn.cost > line.deficit && round.size() > 1) {
        line.deficit += QUANTUM;
        round.addLast(round.removeFirst());
        continue;
      }
      line.jobs.removeFirst();
      charge(line, turn.cost);
      return turn.job;
    }
  }

  /// A client had a turn.
  private void charge(Line<T> line, int cost) {
    int left = line.deficit - cost;
    line.deficit = round.size() == 1 ? Math.max(0, left) : left; // Alone, it owes nobody anything.
    size--;
    if (line.jobs.isEmpty()) {
      round.remove(line);
      lines.remove(line.client);
    } else if (line.deficit <= 0) {
      line.deficit += QUANTUM;
      round.remove(line);
      round.addLast(line);
    }
  }

  /// Takes this very job out, at its client's expense as `poll` does.
  ///
  /// @return whether it was there
  @SuppressWarnings("ReferenceEquality") // Others may be equal.
  boolean take(String client, T job) {
    var line = lines.get(client);
    if (line != null) {
      for (var each = line.jobs.iterator(); each.hasNext(); ) {
        var turn = each.next();
        if (turn.job == job) {
          each.remove();
          charge(line, turn.cost);
          return true;
        }
      }
    }
    return false;
  }

  /// Some of these jobs, of each client the first.
  ///
  /// @param most so many
  List<T> first(Predicate<T> which, int most) {
    return round.stream()
        .flatMap(line -> line.jobs.stream().map(turn -> turn.job).filter(which).limit(OF_EACH))
        .limit(most)
        .toList();
  }

  /// Takes all jobs out.
  List<T> drain() {
    List<T> all = new ArrayList<>(size);
    for (T job = poll(); job != null; job = poll()) {
      all.add(job);
    }
    return all;
  }

  /// Takes these jobs out; the others keep their turns.
  List<T> takeOut(Predicate<T> which) {
    List<T> some = new ArrayList<>(0);
    for (var each = round.iterator(); each.hasNext(); ) {
      var line = each.next();
      line.jobs.removeIf(turn -> which.test(turn.job) && some.add(turn.job));
      if (line.jobs.isEmpty()) {
        each.remove();
        lines.remove(line.client);
      }
    }
    size -= some.size();
    return some;
  }

  private record Turn<T>(int cost, T job) {}

  private static final class Line<T> {
    private final String client;
    private final ArrayDeque<Turn<T>> jobs = new ArrayDeque<>();
    private int deficit;

    private Line(String client) {
      this.client = client;
    }
  }
}
