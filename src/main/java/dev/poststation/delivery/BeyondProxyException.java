package dev.poststation.delivery;

import dev.poststation.config.Proxy;
import java.net.ConnectException;

/// The proxy works, and does not connect us to the next hop, as its message says: for the next hop
/// that is as if it did not answer.
final class BeyondProxyException extends ConnectException {
  private static final long serialVersionUID = 1L;

  BeyondProxyException(Proxy proxy, String what) {
    super("proxy " + proxy + ": " + what);
  }
}
