package dev.poststation.content;

import dev.poststation.message.Envelope;
import dev.poststation.os.Networks;
import dev.poststation.smtp.Address;
import java.net.InetAddress;

/// What tells one mail, and who hands it in, from others. Immutable.
///
/// @param mail equal for all that one mail became on its way
/// @param client its user, else its address (of IPv6 its /64); empty: we ourselves
record Handed(Object mail, String client, Address sender) {
  static Handed of(Object mail, Envelope.Source source, Address sender) {
    String client =
        source.user().isEmpty() && !source.address().isEmpty()
            ? Networks.of(InetAddress.ofLiteral(source.address()))
            : source.user();
    return new Handed(mail, client, sender);
  }

  /// Whether both may be of the same origin: large providers try a mail again from another address.
  boolean isLike(Handed other) {
    return client.equals(other.client) || (!sender.isNull() && sender.isSameMailbox(other.sender));
  }
}
