package dev.poststation.sts;

import dev.poststation.tlsrpt.ResultType;
import java.io.IOException;

/// A policy that a site has, or should have, cannot be used, and it is known what is wrong. The
/// message is one clause that says why.
final class StsException extends IOException {
  private final ResultType type;

  StsException(ResultType type, String message) {
    super(message);
    this.type = type;
  }

  /// As reports call it.
  ResultType type() {
    return type;
  }
}
