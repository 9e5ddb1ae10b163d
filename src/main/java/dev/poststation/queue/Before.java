package dev.poststation.queue;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// What came of the connectors of a route before the one that is being tried. Immutable.
///
/// @param unasked whether one of them could not be asked for now: it may take the mail later
/// @param setAside the destination of these that is back first; null: none is set aside
record Before(boolean unasked, @Nullable Place setAside) {
  static final Before NOTHING = new Before(false, null);

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
    var first = setAside;
    boolean sooner = another != null && (first == null || another.isBackBefore(first.until()));
    return new Before(unasked || !asked, sooner ? another : first);
  }
}
