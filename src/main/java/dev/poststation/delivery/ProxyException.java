package dev.poststation.delivery;

import dev.poststation.config.Connector;
import dev.poststation.config.Proxy;
import java.io.IOException;

/// The proxy of a connector connects nobody now: no next hop is to blame. The message is a sentence
/// with the connector.
final class ProxyException extends IOException {
  private static final long serialVersionUID = 1L;

  ProxyException(Connector connector, Proxy proxy, String what) {
    super("proxy " + proxy + " of connector " + connector.name() + " " + what);
  }
}
