package dev.poststation.queue;

import dev.poststation.delivery.Opening;
import dev.poststation.route.Destination;

/// Opens a conversation with a destination: the dialer, or a simulated one. Blocks; safe for any
/// thread.
public interface Opener {
  /// Tries the hosts of the destination in their order.
  Opening open(Destination destination);
}
