package dev.poststation;

import dev.poststation.delivery.Dialer;
import dev.poststation.delivery.Opening;
import dev.poststation.queue.Opener;
import dev.poststation.route.Destination;

/// The dialer, as the queue knows it.
record Dialing(Dialer dialer) implements Opener {
  @Override
  public Opening open(Destination destination) {
    return dialer.open(destination);
  }

  @Override
  public void forget(Destination destination) {
    dialer.forget(destination);
  }
}
