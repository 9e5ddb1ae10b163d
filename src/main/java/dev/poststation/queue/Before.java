package dev.poststation.queue;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What came of the connectors of a route before the one that is being tried. Immutable.
///
/// @param unasked whether one of them could not be asked for now: it may take the mail later
/// @param setAside the destinations of these that are set aside
record Before(boolean unasked, List<Place> setAside) {
  static final Before NOTHING = new Before(false, List.of());

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
    return new Before(unasked || !asked, List.copyOf(all));
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
