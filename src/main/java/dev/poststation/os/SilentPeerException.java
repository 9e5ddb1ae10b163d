package dev.poststation.os;

import java.net.SocketTimeoutException;

/// Time was up before the peer had said anything at all: it may have wanted nothing but to see
/// whether the port is open.
public final class SilentPeerException extends SocketTimeoutException {
  private static final long serialVersionUID = 1;

  SilentPeerException() {
    super("the client said nothing");
  }
}
