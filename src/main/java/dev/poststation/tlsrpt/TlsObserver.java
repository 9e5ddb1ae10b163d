package dev.poststation.tlsrpt;

import java.util.List;

/// Is told of sessions with mail exchangers, to count them for reports. Never waits; safe for any
/// thread.
@FunctionalInterface
public interface TlsObserver {
  /// One that does not listen.
  TlsObserver NOBODY = (_, _) -> {};

  /// Sessions ended or were used, for mail to a domain.
  ///
  /// @param domain of the recipients, in any spelling
  void seen(String domain, List<TlsSession> sessions);
}
