package dev.poststation.delivery;

import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;

/// What stood in the way where no conversation came about: what the words of an outcome say to
/// people, for those who decide by it. Immutable.
public enum Obstacle {
  /// The name leads to no address that may be used, or nobody knows now.
  NAME,
  /// No address of ours may call, or this machine has not the one that should.
  SOURCE,
  /// The proxy of the connector does not work.
  PROXY,
  /// The proxy works, and does not get there.
  BEYOND_PROXY,
  /// Nothing answers.
  SILENCE,
  /// Somebody says no: nothing listens there, or a firewall.
  REFUSAL,
  /// This machine has no way there.
  NO_WAY,
  /// There is no token for the account, or the account may do nothing: its own event tells.
  ACCOUNT,
  /// The host was met: it is what it said or did, or what is demanded of it or of us.
  HOST;

  /// Why there is no connection.
  static Obstacle of(IOException failure) {
    return switch (failure) {
      case ProxyException _ -> PROXY;
      case BeyondProxyException _ -> BEYOND_PROXY;
      case SocketTimeoutException _ -> SILENCE;
      case NoRouteToHostException _ -> NO_WAY;
      case ConnectException _ -> REFUSAL;
      default -> NO_WAY;
    };
  }
}
