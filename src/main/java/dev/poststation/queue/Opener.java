package dev.poststation.queue;

import dev.poststation.delivery.Opening;
import dev.poststation.route.Destination;

/// Opens conversations with destinations: the dialer, or a simulated one. Safe for any thread.
public interface Opener {
  /// Tries the hosts of the destination in their order. Blocks.
  Opening open(Destination destination);

  /// What speaks against a destination is forgotten, as far as an administrator may have mended it.
  default void forget(Destination destination) {}
}
