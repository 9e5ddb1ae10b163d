package dev.poststation.queue;

import dev.poststation.queue.Turnstile.Wait;
import dev.poststation.queue.Turnstile.Waiter;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NoSuchElementException;

/// Who stands in line at one gate of a [Turnstile], each once, with the number of the ticket that
/// he has drawn: whoever has other mail before bulk, else whoever has no connection before who
/// wants another one, else who came first. Guarded by its turnstile.
final class TicketLine {
  private final Map<Wait, Map<Waiter, Long>> lines = new EnumMap<>(Wait.class);

  /// As what each stands in it.
  private final Map<Waiter, Wait> standing = new HashMap<>();

  TicketLine() {
    for (var each : Wait.values()) {
      lines.put(each, new LinkedHashMap<>());
    }
  }

  /// Comes in line, or goes before those before whom he may go now. Who has lost his reason for
  /// that keeps his ticket: he is asked when it is his turn.
  ///
  /// @return whether he is new, or was there for bulk only
  boolean joins(Waiter waiter, Wait as, long ticket) {
    var before = as(waiter);
    if (before.compareTo(as) >= 0) {
      return false;
    }
    line(before).remove(waiter);
    line(as).put(waiter, ticket);
    standing.put(waiter, as);
    return before == Wait.NOBODY || before.bulk() != as.bulk();
  }

  /// Leaves it; false: he was not there.
  boolean forgoes(Waiter waiter) {
    return line(as(waiter)).remove(waiter) != null && standing.remove(waiter) != null;
  }

  /// As what he stands in it.
  Wait as(Waiter waiter) {
    return standing.getOrDefault(waiter, Wait.NOBODY);
  }

  /// As what the first one does.
  Wait top() {
    var top = Wait.NOBODY;
    for (var each : Wait.values()) {
      top = line(each).isEmpty() ? top : each;
    }
    return top;
  }

  /// Takes the first one out.
  Waiter poll() {
    var first = line(top()).keySet().stream().findFirst();
    forgoes(first.orElseThrow());
    return first.get();
  }

  /// Whether its first one goes before that of another line.
  boolean isBefore(TicketLine other) {
    int rank = top().compareTo(other.top());
    return rank == 0 ? ticket() < other.ticket() : rank > 0;
  }

  private long ticket() {
    return line(top()).values().iterator().next();
  }

  boolean isEmpty() {
    return standing.isEmpty();
  }

  /// How many stand in it before whom one that comes now does not go.
  ///
  /// @param bulk whether he has bulk only
  int size(boolean bulk) {
    int all = standing.size();
    return bulk ? all : all - line(Wait.BULK_OTHERS).size() - line(Wait.BULK_WITHOUT).size();
  }

  private Map<Waiter, Long> line(Wait as) {
    var line = lines.get(as);
    if (line == null) {
      throw new NoSuchElementException(as.toString());
    }
    return line;
  }
}
