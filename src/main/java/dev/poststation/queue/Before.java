package dev.poststation.queue;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What came of the connectors of a route before the one that is being tried. Immutable.
///
/// @param unasked whether one of them could not be asked for now: it may take the mail later
/// @param setAside the destinations of these that are set aside
/// @param left the first that was left because it had no free connection; null: none was
/// @param returned whether the mail came back to the one that is being tried, to wait there for a
///   free connection
record Before(boolean unasked, List<Place> setAside, @Nullable Left left, boolean returned) {
  static final Before NOTHING = new Before(false, List.of(), null, false);

  /// A connector that works, and had no free connection.
  ///
  /// @param choice which of the route
  /// @param before what came of those before it
  record Left(int choice, Before before) {}

  /// A destination that is set aside.
  record Place(String destination, Instant until) {
    boolean isBackBefore(Instant time) {
      return until.isBefore(time);
    }
  }

  /// With one more.
  ///
  /// @param asked whether it had its say
  /// @param another where it leads, if that is set aside; else null
  Before and(boolean asked, @Nullable Place another) {
    var all = setAside;
    if (another != null) {
      all = new ArrayList<>(setAside);
      all.add(another);
    }
    return new Before(unasked || !asked, List.copyOf(all), left, false);
  }

  /// With one more, which has no free connection.
  ///
  /// @param choice which of the route
  Before overflowing(int choice) {
    return new Before(true, setAside, left == null ? new Left(choice, this) : left, false);
  }

  /// The same of a mail that came back to where it waits for a free connection.
  Before back() {
    return new Before(unasked, setAside, null, true);
  }

  /// The one that is back first; null: none is set aside.
  @Nullable Place first() {
    Place first = null;
    for (var each : setAside) {
      first = first == null || each.isBackBefore(first.until()) ? each : first;
    }
    return first;
  }
}
