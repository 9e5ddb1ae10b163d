package dev.poststation.delivery;

import dev.poststation.log.Event;
import dev.poststation.os.TlsFacts;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.Capabilities;
import java.io.Closeable;
import org.jspecify.annotations.Nullable;

/// An open connection to a next hop, after EHLO (and TLS): carries one mail after the other.
/// Confined to one thread, except for `close`.
public interface Conversation extends Closeable {
  /// Sends a mail. Never throws for what the peer or the network does: that is an outcome.
  Attempt.Result send(Attempt.Order order);

  /// Asks whether a mail would be taken, as far as MAIL and RCPT tell, and takes that back (RSET):
  /// nothing is sent. Outcomes are there of those who would not be taken.
  default Attempt.Result rehearse(Attempt.Order order) {
    throw new UnsupportedOperationException("nobody can be asked here without sending");
  }

  /// What the peer said that it can do.
  default Capabilities can() {
    return Capabilities.NONE;
  }

  /// Whom we talk to, for log and trace: `mx1.example.com[192.0.2.1]:25`.
  String relay();

  /// What TLS was agreed upon; null: in clear.
  @Nullable TlsFacts tls();

  /// As whom we are logged in; null: as nobody.
  default Event.@Nullable Login login() {
    return null;
  }

  /// From which of our addresses; null: the connector names none.
  default @Nullable String source() {
    return null;
  }

  /// Whether the peer refused the last mail for where we come from, and another of our addresses
  /// does better there.
  default boolean unwelcome() {
    return false;
  }

  /// Whether the last mail went out wholly, over a connection that had carried others and is gone,
  /// and not one reply came: the peer may have gone before it, or have taken it (RFC 1047). It is
  /// to be asked at once whether it takes it now, and no other.
  default boolean unheard() {
    return false;
  }

  /// Who is the sender there of mail with this one, in MAIL FROM.
  default Address sender(Address from) {
    return from;
  }

  /// Who is the author there of mail with this one in From.
  default Address author(Address from) {
    return from;
  }

  /// Mails sent so far.
  int sent();

  /// Whether the peer closed or spoke while nothing was asked: then it is of no use any more.
  boolean stale();

  /// Says QUIT without waiting long for the answer, and closes. Never throws.
  @Override
  void close();
}
