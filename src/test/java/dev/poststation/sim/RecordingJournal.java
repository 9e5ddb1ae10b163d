package dev.poststation.sim;

import dev.poststation.log.Event;
import dev.poststation.log.Journal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/// A journal that only remembers. Safe for any thread.
public final class RecordingJournal implements Journal {
  private final List<Event> events = new ArrayList<>();

  @Override
  public synchronized void tell(Event event) {
    events.add(event);
    notifyAll();
  }

  @Override
  public byte[] entry(Event event) {
    return event.toString().getBytes(StandardCharsets.UTF_8);
  }

  /// All that happened, in order.
  public synchronized List<Event> events() {
    return List.copyOf(events);
  }

  /// Waits in real time until such an event was reported.
  ///
  /// @return false when it was not within the bound
  public synchronized boolean await(Predicate<Event> such, Duration atMost)
      throws InterruptedException {
    long end = System.nanoTime() + atMost.toNanos();
    while (events.stream().noneMatch(such)) {
      long left = end - System.nanoTime();
      if (left <= 0) {
        return false;
      }
      wait(left / 1_000_000 + 1);
    }
    return true;
  }

  /// All of one kind, in order.
  public <T extends Event> List<T> events(Class<T> kind) {
    return events().stream().filter(kind::isInstance).map(kind::cast).toList();
  }
}
