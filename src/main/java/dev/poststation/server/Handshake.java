package dev.poststation.server;

/// How the last TLS handshake of a session went.
enum Handshake {
  /// There was none, or the client went away before it had said anything, or we were not able to.
  NONE,
  /// It succeeded.
  DONE,
  /// The client began it, and it failed.
  FAILED
}
