package dev.poststation.delivery;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.poststation.message.Content;
import dev.poststation.message.Recipient;
import dev.poststation.smtp.Address;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

/// A mail as it is posted: its octets as they are, its envelope in fields of the request.
/// Immutable.
///
/// @param key by which the endpoint knows a mail that it has already
/// @param international whether addresses in its header may be in UTF-8 (RFC 6532)
record PostedMail(
    Attempt.Order order, List<Recipient> recipients, String key, boolean international) {
  /// Octets of addresses in one request: servers take 8 KB of a header, some less.
  private static final int NAMES_MAX = 4 * 1024;

  private static final int KEY_OCTETS = 8;

  /// Stand for something else in a field.
  private static final String ESCAPED = "%\"<>,";

  /// What we call ourselves there.
  static final String AGENT = "Poststation";

  PostedMail {
    recipients = List.copyOf(recipients);
  }

  /// How many of these recipients have room in one request; one at least.
  static int going(List<Recipient> recipients) {
    int left = NAMES_MAX;
    for (int i = 0; i < recipients.size(); i++) {
      left -= field(recipients.get(i).address()).length() + "X-Envelope-To: \r\n".length();
      if (left < 0) {
        return Math.max(1, i);
      }
    }
    return recipients.size();
  }

  /// The same mail to the same recipients has the same key, whenever and how often it is sent.
  ///
  /// @param hostname ours: others may post there, too
  static PostedMail of(Attempt.Order order, List<Recipient> recipients, String hostname) {
    var envelope = order.mail().envelope();
    var about = new StringBuilder(hostname).append('\n').append(envelope.arrived().toEpochMilli());
    for (var each : recipients) {
      about.append('\n').append(each.address());
    }
    byte[] digest = sha256(about.toString().getBytes(UTF_8));
    String key = envelope.id() + "-" + HexFormat.of().formatHex(digest, 0, KEY_OCTETS);
    return new PostedMail(order, recipients, key, envelope.smtputf8());
  }

  private static byte[] sha256(byte[] octets) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(octets);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  long size() {
    return order.mail().size();
  }

  /// What is sent.
  ///
  /// @param authorization empty: none
  HttpRequest request(URI to, String authorization) {
    var envelope = order.mail().envelope();
    var request =
        HttpRequest.newBuilder(to)
            .version(HttpClient.Version.HTTP_1_1)
            .header("User-Agent", AGENT)
            .header("Content-Type", international ? "message/global" : "message/rfc822")
            .header("Idempotency-Key", '"' + key + '"')
            .header("X-Queue-Id", envelope.id().toString())
            .header("X-Arrived", Instant.ofEpochSecond(envelope.arrived().getEpochSecond()) + "")
            .header("X-Envelope-From", field(envelope.sender()))
            .POST(body());
    recipients.forEach(each -> request.header("X-Envelope-To", field(each.address())));
    if (!authorization.isEmpty()) {
      request.header("Authorization", authorization);
    }
    return request.build();
  }

  private BodyPublisher body() {
    if (size() == 0) {
      return BodyPublishers.noBody();
    }
    Iterable<byte[]> pieces = () -> new Pieces(order.mail().trace(), order.content());
    // Who gets fewer octets than were announced takes nothing (RFC 9112 8).
    return BodyPublishers.fromPublisher(BodyPublishers.ofByteArrays(pieces), size());
  }

  /// In ASCII: other octets, and the sign itself, by percent signs (RFC 3986 2.1). So are those by
  /// which somebody may find the end of the address: a local part may have them (RFC 5321 4.1.2).
  static String field(Address address) {
    var out = new StringBuilder("<");
    for (byte octet : address.toString().getBytes(UTF_8)) {
      if (octet >= ' ' && octet < 127 && ESCAPED.indexOf(octet) < 0) {
        out.append((char) octet);
      } else {
        out.append('%').append(HexFormat.of().withUpperCase().toHexDigits(octet));
      }
    }
    return out.append('>').toString();
  }

  /// The octets, read piece by piece as they go out. Confined to one thread at a time.
  private static final class Pieces implements Iterator<byte[]> {
    private final byte[] trace;
    private final Content content;
    private int next;

    Pieces(byte[] trace, Content content) {
      this.trace = trace;
      this.content = content;
      this.next = trace.length == 0 ? 0 : -1;
    }

    @Override
    public boolean hasNext() {
      return next < content.chunks();
    }

    @Override
    public byte[] next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      int number = next++;
      try {
        return number < 0 ? trace : Payload.chunk(content, number);
      } catch (UnreadableContentException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
