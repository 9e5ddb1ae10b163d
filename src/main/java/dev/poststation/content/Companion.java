package dev.poststation.content;

import dev.poststation.message.Octets;
import dev.poststation.smtp.Address;

/// A mail of our own that goes to somebody else because of a mail. It is made durable in the batch
/// that makes the other one so. Immutable.
public sealed interface Companion permits JournalReport, MirrorCopy {
  /// Whose it is: the name of the service in the configuration.
  String service();

  /// Who gets it.
  Address to();

  /// Its own, with angle brackets; empty: it has none.
  String messageId();

  /// All of it.
  Octets content();
}
