package dev.poststation.queue;

import dev.poststation.os.Os;

/// What all destinations share.
///
/// @param readyMax jobs that wait for one
/// @param onRoom called when one has room for more
record Shares(
    Os os,
    Opener opener,
    Settling settling,
    Retry retry,
    int readyMax,
    Runnable onRoom,
    Turnstile connections,
    Memory unreachable,
    Quotas quotas) {
  /// How many of them are read from the spool at a time.
  int readAhead() {
    return Math.max(1, readyMax / 2);
  }
}
