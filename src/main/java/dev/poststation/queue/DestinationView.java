package dev.poststation.queue;

import dev.poststation.route.Destination;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a destination is doing, for people.
///
/// @param ready mails that wait in memory for their turn
/// @param connections that are open
/// @param window connections that it may have now; 0: it does nothing at present
/// @param setAsideUntil when it is tried again after a failure; null: it works
/// @param reason the last failure, or empty
/// @param since when the first of the failures in a row was; null: it works, as far as is known
/// @param waits why mail waits: that was tried there, or for want of a connection; empty: none
///   does, as far as is known
/// @param busy why another mail would wait now: all connections are in use; empty: it would not
/// @param limitedBy what the next hop said to be too much of us, while that counts; else empty
/// @param hosts that it leads to, the best first; empty: not known at present
public record DestinationView(
    String name,
    int ready,
    int connections,
    int window,
    @Nullable Instant setAsideUntil,
    String reason,
    @Nullable Instant since,
    String waits,
    String busy,
    String limitedBy,
    List<Host> hosts)
    implements Comparable<DestinationView> {
  /// A host of a destination.
  ///
  /// @param name with its port
  /// @param failures to open a connection, in a row
  /// @param since when the first of them was; null: none was
  /// @param last whether it comes last therefore
  /// @param probe when it is probed, if there is mail by then; null: at once, or it need not be
  /// @param reason the last failure, or empty
  /// @param answered when it answered last that was asked without mail, while nobody called it;
  ///   null: it was not asked, or did not
  public record Host(
      String name,
      int failures,
      @Nullable Instant since,
      boolean last,
      @Nullable Instant probe,
      String reason,
      @Nullable Instant answered) {}

  /// What it does now; the caller holds the lock of its queue.
  ///
  /// @param pause why nothing is sent; null: it may be
  static DestinationView of(
      Destination destination,
      int ready,
      Window window,
      SetAside aside,
      Quotas.@Nullable Lack pause,
      String waits,
      String busy,
      List<Host> hosts) {
    var why = pause == null ? aside.why() : pause.why();
    return new DestinationView(
        destination.name(),
        ready,
        window.open(),
        window.size(),
        pause == null ? null : pause.until(),
        why == null ? "" : why.text(),
        aside.since(),
        waits,
        busy,
        window.limitedBy(),
        hosts);
  }

  /// One that does nothing at present.
  static DestinationView quiet(String name, String waits) {
    return new DestinationView(name, 0, 0, 0, null, "", null, waits, "", "", List.of());
  }

  /// The same with why mail waits that was tried.
  DestinationView waiting(String why) {
    if (!waits.isEmpty()) {
      return this;
    }
    return new DestinationView(
        name,
        ready,
        connections,
        window,
        setAsideUntil,
        reason,
        since,
        why,
        busy,
        limitedBy,
        hosts);
  }

  @Override
  public int compareTo(DestinationView other) {
    return name.compareTo(other.name);
  }
}
