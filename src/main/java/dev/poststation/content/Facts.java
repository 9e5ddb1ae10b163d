package dev.poststation.content;

import dev.poststation.message.Envelope;
import dev.poststation.message.QueueId;
import dev.poststation.message.Recipient;
import dev.poststation.os.TlsFacts;
import dev.poststation.smtp.Address;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What services know of a mail besides its content. Immutable.
///
/// @param id under which it will be in the queue
/// @param source who hands it to us
/// @param recipients at least one
/// @param hostname our name
/// @param tls how the session is encrypted in which it comes, or null
/// @param trial whether the mail goes nowhere, because somebody only wants to know what would
///   become of it: who keeps something of a mail keeps nothing then
/// @param fromUs whether it comes from one of us, so that what we say of its author is true: its
///   client has authenticated, or may send to anybody, or its From was looked at
/// @param held whether it waits for an administrator, whatever services make of it
/// @param came the mail as it came, before any service had it; null: they are not at work yet
/// @param visit the milters that have heard of its envelope, or null
public record Facts(
    QueueId id,
    Envelope.Source source,
    Address sender,
    List<Recipient> recipients,
    String hostname,
    @Nullable TlsFacts tls,
    boolean trial,
    boolean fromUs,
    boolean held,
    @Nullable Message came,
    @Nullable Visit visit) {
  public Facts {
    recipients = List.copyOf(recipients);
  }

  /// What is known before any service is at work, of mail that comes from outside unless it is our
  /// own.
  public Facts(
      QueueId id,
      Envelope.Source source,
      Address sender,
      List<Recipient> recipients,
      String hostname,
      @Nullable TlsFacts tls,
      boolean trial) {
    this(id, source, sender, recipients, hostname, tls, trial, source.isOurs(), false, null, null);
  }

  /// Why no service signs it for us, where it does not come from us.
  String cameFromOutside() {
    return "it came from outside, by client rule \"%s\", which has recipients and lets anybody stand in From"
        .formatted(source.client());
  }

  /// The same while services are at work.
  Facts of(Message message) {
    return new Facts(
        id, source, sender, recipients, hostname, tls, trial, fromUs, held, message, visit);
  }

  /// The same from this sender, for some of the recipients.
  Facts of(Address from, List<Recipient> some) {
    return new Facts(id, source, from, some, hostname, tls, trial, fromUs, held, came, visit);
  }

  /// What tells it from others.
  Handed handed() {
    return visit == null ? Handed.of(id, source, sender) : visit.handed();
  }
}
