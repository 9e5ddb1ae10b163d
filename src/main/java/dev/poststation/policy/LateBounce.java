package dev.poststation.policy;

import dev.poststation.message.Envelope;
import dev.poststation.message.QueueId;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.EnhancedStatus;
import java.time.Instant;

/// A bounce that came in: a recipient was refused after a next hop had taken the mail. Immutable;
/// of the mail the trace tells, of the refusal whoever wrote the bounce.
///
/// @param mail that was sent
/// @param queued when it was taken
/// @param source who brought it
/// @param recipient to whom it was sent
/// @param destination which took it
/// @param status of the refusal
public record LateBounce(
    QueueId mail,
    Instant queued,
    Envelope.Source source,
    Address sender,
    Address recipient,
    String destination,
    EnhancedStatus status) {}
