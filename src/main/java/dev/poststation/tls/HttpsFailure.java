package dev.poststation.tls;

import dev.poststation.smtp.PeerText;
import java.net.ConnectException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.UnresolvedAddressException;
import java.util.concurrent.ExecutionException;

/// Why a request of the JDK's HTTP client got no answer, as a clause for people. Pure functions.
public final class HttpsFailure {
  private HttpsFailure() {}

  /// The clause: what stands deepest knows most, but some of these have no words.
  public static String reason(ExecutionException e) {
    Throwable last = e;
    boolean connecting = false;
    while (last.getCause() != null) {
      last = last.getCause();
      connecting |= last instanceof ConnectException;
    }
    var message = last.getMessage();
    if (message != null) {
      return PeerText.of(message);
    }
    return switch (last) {
      case UnresolvedAddressException _ -> "its name has no address, or the DNS does not answer";
      case ConnectException _ -> "it takes no connection";
      case ClosedChannelException _ ->
          connecting ? "it takes no connection" : "the connection was closed";
      default -> last.getClass().getSimpleName();
    };
  }
}
