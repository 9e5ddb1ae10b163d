package dev.poststation.delivery;

import dev.poststation.message.Outcome;
import java.util.List;

/// What came of trying to reach a destination.
public sealed interface Opening {
  /// A conversation is open.
  ///
  /// @param connectNanos how long connection, TLS and EHLO took, failed hosts included
  /// @param dialogue greeting to EHLO, and the failures of hosts tried before
  record Opened(Conversation conversation, long connectNanos, List<String> dialogue)
      implements Opening {}

  /// No host took us.
  ///
  /// @param outcome for every mail that waits: deferred (or bounced where the hosts can never take
  ///   mail)
  /// @param relay the last host tried, for log and trace; `none` if none
  record Failed(Outcome outcome, String relay, long connectNanos, List<String> dialogue)
      implements Opening {}
}
