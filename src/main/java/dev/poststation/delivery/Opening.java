package dev.poststation.delivery;

import dev.poststation.message.Outcome;
import dev.poststation.route.NextHop;
import dev.poststation.tlsrpt.TlsSession;
import java.time.Instant;
import java.util.List;

/// What came of trying to reach a destination.
public sealed interface Opening {
  /// The hosts that were tried without success.
  List<Refusal> refusals();

  /// What there is to report of TLS to the hosts that were met.
  List<TlsSession> sessions();

  /// A host that did not take us, at none of its addresses. One that refused the account is none of
  /// these: another host would have refused it as well.
  record Refusal(NextHop hop, Outcome outcome) {}

  /// A conversation is open.
  ///
  /// @param connectNanos how long connection, TLS and EHLO took, failed hosts included
  /// @param dialogue greeting to EHLO, and the failures of hosts tried before
  /// @param sessions what there is to report of TLS; that of the conversation is the last
  /// @param unasked whether a host before it could not be asked now
  record Opened(
      Conversation conversation,
      long connectNanos,
      List<String> dialogue,
      List<Refusal> refusals,
      List<TlsSession> sessions,
      boolean unasked)
      implements Opening {
    /// Those that refused were the only ones not to be asked.
    public Opened(
        Conversation conversation,
        long connectNanos,
        List<String> dialogue,
        List<Refusal> refusals,
        List<TlsSession> sessions) {
      this(conversation, connectNanos, dialogue, refusals, sessions, !refusals.isEmpty());
    }

    public Opened {
      refusals = List.copyOf(refusals);
      sessions = List.copyOf(sessions);
    }
  }

  /// Nobody was asked: no address of ours may send now. No host is to blame, and nothing failed.
  ///
  /// @param until when one may again
  record Withheld(Instant until, Outcome.Deferred why, List<String> dialogue) implements Opening {
    @Override
    public List<Refusal> refusals() {
      return List.of();
    }

    @Override
    public List<TlsSession> sessions() {
      return List.of();
    }

    /// The same as a failure.
    public Failed failed() {
      return new Failed(why, "none", 0, dialogue, List.of(), Obstacle.SOURCE, List.of());
    }
  }

  /// No host took us.
  ///
  /// @param outcome for every mail that waits: deferred (or bounced where the hosts can never take
  ///   mail)
  /// @param relay the last host tried, for log and trace; `none` if none
  /// @param obstacle what the outcome says, in kind
  record Failed(
      Outcome outcome,
      String relay,
      long connectNanos,
      List<String> dialogue,
      List<Refusal> refusals,
      Obstacle obstacle,
      List<TlsSession> sessions)
      implements Opening {
    public Failed {
      refusals = List.copyOf(refusals);
      sessions = List.copyOf(sessions);
    }

    /// A host was met, or would be.
    public Failed(
        Outcome outcome,
        String relay,
        long connectNanos,
        List<String> dialogue,
        List<Refusal> refusals) {
      this(outcome, relay, connectNanos, dialogue, refusals, Obstacle.HOST, List.of());
    }
  }
}
