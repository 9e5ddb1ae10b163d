package dev.poststation.queue;

import dev.poststation.config.Connector;
import dev.poststation.os.Os;
import dev.poststation.tlsrpt.TlsObserver;
import java.util.function.Consumer;

/// What all destinations share.
///
/// @param observer is told of TLS to hosts
/// @param readyMax jobs that wait for one
/// @param overflows mail that goes on for want of a free connection
/// @param onRoom called with the name of one that has room for more, or is not set aside any longer
record Shares(
    Os os,
    Opener opener,
    TlsObserver observer,
    Settling settling,
    Retry retry,
    int readyMax,
    Consumer<String> onRoom,
    Turnstile connections,
    Memory unreachable,
    Quotas quotas,
    Overflows overflows) {
  /// Where the connections of a connector count.
  Turnstile.Gate gate(Connector connector) {
    return gate(connections, connector);
  }

  static Turnstile.Gate gate(Turnstile connections, Connector connector) {
    int most = connector.pool().connections();
    return connections.gate(connector.quotaHolder(), most == 0 ? Integer.MAX_VALUE : most);
  }

  /// How many of them are read from the spool at a time.
  int readAhead() {
    return Math.max(1, readyMax / 2);
  }
}
