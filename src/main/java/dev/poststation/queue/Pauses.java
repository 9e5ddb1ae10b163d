package dev.poststation.queue;

import dev.poststation.config.Connector;
import java.util.Optional;

/// Which connectors pause, because this relay lacks what it needs to log in there. Their mail
/// waits, and its age does not end it: it is not the mail's fault, nor the next hop's. Safe for any
/// thread; fast.
@FunctionalInterface
public interface Pauses {
  /// None.
  Pauses NONE = _ -> Optional.empty();

  /// What a connector lacks; empty: it does not pause.
  Optional<String> of(Connector connector);
}
