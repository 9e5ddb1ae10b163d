package dev.poststation.conditions;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.poststation.message.AddressPatterns;
import dev.poststation.message.Content;
import dev.poststation.message.Envelope;
import dev.poststation.message.FieldWatch;
import dev.poststation.message.Mail;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.TlsWish;
import java.io.IOException;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What rules ask of a mail, the same for all its recipients. The header is read when a rule asks
/// for it, from where the content is, and remembered for the other recipients. Used by one thread.
public final class MailFacts {
  private final Envelope.Source source;
  private final Address sender;
  private final long size;
  private final TlsWish wish;
  private final @Nullable Header header;
  private @Nullable FieldWatch read;
  private @Nullable List<String> senderKeys;

  /// Where the header can be read.
  private interface Header {
    void read(FieldWatch into) throws IOException;
  }

  private MailFacts(
      Envelope.Source source, Address sender, long size, TlsWish wish, @Nullable Header header) {
    this.wish = wish;
    this.source = source;
    this.sender = sender;
    this.size = size;
    this.header = header;
  }

  /// Of a mail in the queue.
  public static MailFacts of(Mail mail, Content content) {
    var envelope = mail.envelope();
    return new MailFacts(
        envelope.source(),
        envelope.sender(),
        mail.size(),
        envelope.tls(),
        into -> read(mail, content, into));
  }

  /// Of a mail that might come.
  ///
  /// @param size octets; -1: not known
  /// @param header its fields, a line each; null: not known
  public static MailFacts of(
      Envelope.Source source, Address sender, long size, @Nullable String header) {
    if (header == null) {
      return new MailFacts(source, sender, size, TlsWish.NONE, null);
    }
    byte[] octets = header.getBytes(UTF_8);
    return new MailFacts(
        source, sender, size, TlsWish.NONE, into -> into.feed(octets, 0, octets.length));
  }

  /// Of a mail that is coming in.
  ///
  /// @param size octets
  /// @param header its fields; not to be changed by the caller
  public static MailFacts arriving(
      Envelope.Source source, Address sender, long size, byte[] header) {
    return new MailFacts(
        source, sender, size, TlsWish.NONE, into -> into.feed(header, 0, header.length));
  }

  /// What we put in front belongs to the header. That is as long as `limits.header-size` says at
  /// most: longer ones did not come in.
  private static void read(Mail mail, Content content, FieldWatch into) throws IOException {
    into.feed(mail.trace(), 0, mail.trace().length);
    for (int i = 0; i < content.chunks() && !into.ended(); i++) {
      byte[] chunk = content.chunk(i);
      into.feed(chunk, 0, chunk.length);
    }
  }

  /// Who handed it to us.
  public Envelope.Source source() {
    return source;
  }

  /// The sender of its envelope.
  public Address sender() {
    return sender;
  }

  /// All patterns that the sender is meant by, as [AddressPatterns] has them; found once.
  public List<String> senderKeys() {
    var keys = senderKeys;
    if (keys == null) {
      keys = AddressPatterns.keysOf(sender, EnumSet.allOf(AddressPatterns.Kind.class));
      senderKeys = keys;
    }
    return keys;
  }

  /// What is to be kept to of TLS. A notice shall arrive, protected or not (RFC 8689 5).
  public TlsWish tls() {
    return wish == TlsWish.REQUIRED && sender.isNull() ? TlsWish.NONE : wish;
  }

  /// Whether its size is known.
  public boolean sizeKnown() {
    return size >= 0;
  }

  /// Octets; -1: not known.
  public long size() {
    return size;
  }

  /// Whether its header is known, or can be read.
  public boolean headerKnown() {
    return header != null;
  }

  /// The fields of the header.
  ///
  /// @param names of all that anybody may ask for, in lower case
  /// @throws UndecidedException when it cannot be read now
  public FieldWatch fields(Set<String> names) throws UndecidedException {
    var known = read;
    if (known == null) {
      known = new FieldWatch(names);
      try {
        if (header != null) {
          header.read(known);
        }
      } catch (IOException e) {
        throw new UndecidedException("its header cannot be read: " + e.getMessage());
      }
      known.finish();
      read = known;
    }
    return known;
  }
}
