package dev.poststation.bounce;

import dev.poststation.message.Content;
import dev.poststation.message.Mail;
import dev.poststation.message.Outcome;
import dev.poststation.message.QueueId;
import dev.poststation.message.Recipient;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a notice has to tell.
///
/// @param id the queue id of the notice itself
/// @param about the mail it is about
/// @param content the mail's content, for the returned part
/// @param kind of the notice: all its recipients share it
/// @param retryUntil for a delay: when we give up
public record NoticeRequest(
    QueueId id,
    Instant when,
    Mail about,
    Content content,
    Kind kind,
    List<Told> recipients,
    @Nullable Instant retryUntil) {
  public NoticeRequest {
    recipients = List.copyOf(recipients);
  }

  /// Why a notice is sent; the Action of RFC 3464 2.3.3 follows from it.
  public enum Kind {
    /// Action: failed.
    FAILED,
    /// Action: failed, after the lifetime.
    EXPIRED,
    /// Action: delayed.
    DELAYED,
    /// Action: relayed: the next hop knows no DSN (RFC 3461 5.2.2).
    RELAYED
  }

  /// A recipient and what became of it.
  ///
  /// @param relay the next hop, `host[address]:port`, or `none`
  public record Told(Recipient recipient, Outcome outcome, String relay) {}
}
