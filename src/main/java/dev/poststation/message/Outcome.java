package dev.poststation.message;

import dev.poststation.smtp.EnhancedStatus;
import dev.poststation.smtp.Reply;
import org.jspecify.annotations.Nullable;

/// What became of one recipient in one attempt.
public sealed interface Outcome {
  /// The text where an administrator had a recipient returned and did not say why.
  String RETURNED = "returned by the administrator of the relay";

  /// How far the attempt had come when it was decided.
  enum Stage {
    /// Choosing a next hop: routes, DNS.
    ROUTE,
    /// Asking what is left of the quotas of a connector.
    QUOTA,
    /// Waiting for a connection that is not in use.
    BUSY,
    /// TCP connection.
    CONNECT,
    /// Waiting for the greeting.
    GREETING,
    /// EHLO or HELO.
    HELLO,
    /// STARTTLS and handshake.
    TLS,
    /// AUTH, also where we have nothing to log in with.
    AUTH,
    /// MAIL.
    MAIL,
    /// RCPT.
    RCPT,
    /// DATA or the first BDAT.
    DATA,
    /// While the content went out.
    CONTENT,
    /// After the final dot.
    END
  }

  /// The enhanced status to report (RFC 3463).
  EnhancedStatus status();

  /// In one line for people: the reply of the next hop, or what happened.
  String text();

  /// A next hop took it.
  ///
  /// @param reply the reply to the final dot: the proof of delivery
  /// @param remoteId the next hop's queue id as found in the reply, or null
  /// @param dsnOffered whether the next hop knows DSN, so that notices are its duty from now on
  ///   (RFC 3461 5.2.1)
  /// @param deadlineKept whether a deadline of the mail holds from now on, too: the next hop knows
  ///   DELIVERBY (RFC 2852), or the mail is at the end of its way
  record Delivered(Reply reply, @Nullable String remoteId, boolean dsnOffered, boolean deadlineKept)
      implements Outcome {
    /// To a next hop that knows nothing of deadlines.
    public Delivered(Reply reply, @Nullable String remoteId, boolean dsnOffered) {
      this(reply, remoteId, dsnOffered, false);
    }

    @Override
    public EnhancedStatus status() {
      var given = reply.status();
      return given != null && given.klass() == 2 ? given : new EnhancedStatus(2, 0, 0);
    }

    @Override
    public String text() {
      return reply.toString();
    }
  }

  /// Not now; to be tried again. Unknown means deferred.
  ///
  /// @param reply what the next hop said, or null when it said nothing
  /// @param paused whether nothing was tried, for want of what is ours to have: then the clock of
  ///   the recipient stands still
  record Deferred(
      Stage stage, EnhancedStatus status, String text, @Nullable Reply reply, boolean paused)
      implements Outcome {
    /// For a reason that lets the clock go on.
    public Deferred(Stage stage, EnhancedStatus status, String text, @Nullable Reply reply) {
      this(stage, status, text, reply, false);
    }

    /// The same, of a pause.
    public Deferred inPause() {
      return new Deferred(stage, status, text, reply, true);
    }
  }

  /// Kept for an administrator: the route leads to a connector of type hold.
  record Held(String text) implements Outcome {
    @Override
    public EnhancedStatus status() {
      return new EnhancedStatus(4, 7, 0);
    }
  }

  /// Thrown away, and nobody is told: the route leads to a connector of type discard.
  record Discarded(String text) implements Outcome {
    @Override
    public EnhancedStatus status() {
      return new EnhancedStatus(2, 0, 0);
    }
  }

  /// Never; the sender is to be told.
  ///
  /// @param reply what the next hop said, or null when we decided ourselves
  record Bounced(Stage stage, EnhancedStatus status, String text, @Nullable Reply reply)
      implements Outcome {}
}
