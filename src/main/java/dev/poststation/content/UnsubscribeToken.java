package dev.poststation.content;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.poststation.os.Chance;
import java.nio.ByteBuffer;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Optional;

/// Who wants no more of which mail: what stands in a `List-Unsubscribe` field, [Sealed]. Immutable.
///
/// @param mail its ID in the queue
/// @param sender of its envelope
/// @param recipient who got it
/// @param when it came, to the second
public record UnsubscribeToken(String mail, String sender, String recipient, Instant when) {
  /// A secret is as long at least.
  static final int SECRET_MIN = 16;

  private static final String PURPOSE = "list-unsubscribe";
  private static final byte VERSION = 1;
  private static final String BETWEEN = "\0";

  /// In letters that need no escape in a URL.
  public String text(String secret, Chance chance) {
    byte[] words = String.join(BETWEEN, mail, sender, recipient).getBytes(UTF_8);
    var plain = ByteBuffer.allocate(1 + Long.BYTES + words.length);
    plain.put(VERSION).putLong(when.getEpochSecond()).put(words);
    return Sealed.text(PURPOSE, secret, plain.array(), chance);
  }

  /// Reads one; empty when it was not made with this secret.
  public static Optional<UnsubscribeToken> read(String text, String secret) {
    return Sealed.open(PURPOSE, secret, text).flatMap(plain -> read(ByteBuffer.wrap(plain)));
  }

  private static Optional<UnsubscribeToken> read(ByteBuffer plain) {
    if (plain.remaining() <= 1 + Long.BYTES || plain.get() != VERSION) {
      return Optional.empty(); // Of a later version.
    }
    try {
      var when = Instant.ofEpochSecond(plain.getLong());
      String[] words = UTF_8.decode(plain).toString().split(BETWEEN, -1);
      return words.length == 3
          ? Optional.of(new UnsubscribeToken(words[0], words[1], words[2], when))
          : Optional.empty();
    } catch (DateTimeException _) {
      return Optional.empty();
    }
  }
}
