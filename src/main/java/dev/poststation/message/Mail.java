package dev.poststation.message;

import dev.poststation.smtp.Address;
import dev.poststation.smtp.DsnNotify;
import java.time.Instant;
import java.util.List;
import java.util.Set;

/// A mail in the queue: the envelope, the recipients with their states, and the trace headers that
/// stand before the content. The content itself stays where it is until it is sent.
///
/// @param trace the header fields that we put in front (Received, and Date or Message-ID where they
///   were missing), CRLF at the end of each
/// @param chunks how many chunks the content has in the spool
/// @param states by recipient number; as long as `recipients`
public record Mail(
    Envelope envelope,
    byte[] trace,
    int chunks,
    List<Recipient> recipients,
    List<RecipientState> states) {
  public Mail {
    recipients = List.copyOf(recipients);
    states = List.copyOf(states);
    if (recipients.size() != states.size()) {
      throw new IllegalArgumentException("recipients and states differ in number");
    }
  }

  /// One of our own to a single recipient: nobody is told of what becomes of it.
  ///
  /// @param due when it is tried first
  public static Mail own(Envelope envelope, Address to, Instant due) {
    int chunks = Math.toIntExact(Math.ceilDiv(envelope.traits().size(), Content.CHUNK_OCTETS));
    var recipient = new Recipient(0, to, Set.of(DsnNotify.NEVER), null);
    return new Mail(
        envelope, new byte[0], chunks, List.of(recipient), List.of(RecipientState.fresh(due)));
  }

  /// Its name.
  public QueueId id() {
    return envelope.id();
  }

  /// Octets as they go to a next hop, before any conversion.
  public long size() {
    return trace.length + envelope.traits().size();
  }
}
