package dev.poststation.policy;

import dev.poststation.dns.NumericAddress;
import dev.poststation.message.AddressPatterns;
import dev.poststation.message.Envelope;
import dev.poststation.os.Networks;
import dev.poststation.smtp.Address;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Of whom it is looked at whether they are themselves. Immutable.
///
/// @param client the entry of `clients`; empty for users, who may come by any
/// @param name the user, the address that a client comes from (of IPv6 its /64), or that of a
///   sender
record Subject(Kind kind, String client, String name) {
  /// What kind of somebody it is.
  enum Kind {
    CLIENT,
    USER,
    SENDER;

    /// As people, log and files have it.
    String word() {
      return name().toLowerCase(Locale.ROOT);
    }

    static Optional<Kind> of(String word) {
      for (Kind kind : values()) {
        if (kind.word().equals(word)) {
          return Optional.of(kind);
        }
      }
      return Optional.empty();
    }
  }

  /// Who brings mail now.
  static Subject of(String client, Facts facts) {
    String user = facts.user();
    return user == null
        ? new Subject(Kind.CLIENT, client, Networks.of(facts.address()))
        : new Subject(Kind.USER, "", user);
  }

  /// Who brought a mail.
  static Subject of(Envelope.Source source) {
    if (!source.user().isEmpty()) {
      return new Subject(Kind.USER, "", source.user());
    }
    String address = source.address(); // Of IPv4 it is what counts.
    String network = address.indexOf(':') < 0 ? address : NumericAddress.network(address);
    return new Subject(Kind.CLIENT, source.client(), network);
  }

  /// Whose mail it is said to be; null: nobody's, as of notices.
  static @Nullable Subject of(String client, Address sender) {
    return sender.isNull()
        ? null
        : new Subject(Kind.SENDER, client, AddressPatterns.mailboxKey(sender));
  }
}
