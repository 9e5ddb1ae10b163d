package dev.poststation.quarantine;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.poststation.config.DigestSettings;
import dev.poststation.content.Sealed;
import dev.poststation.message.QueueId;
import dev.poststation.os.Chance;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.AddressParser;
import java.nio.ByteBuffer;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Optional;

/// What a link of a digest lets its recipient do: about one mail, for him alone, for a while. It is
/// [Sealed], so that nobody makes one up, and an address stands in no log of a proxy. Immutable.
///
/// @param until when it ends, to the second
public record DigestLink(
    DigestSettings.Action action, QueueId mail, Address recipient, Instant until) {
  private static final String PURPOSE = "quarantine-digest";
  private static final byte VERSION = 1;
  private static final int FIXED = 2 + 2 * Long.BYTES;

  /// A longer one is none of ours.
  private static final int TEXT_MAX = 1000;

  /// In letters that need no escape in a URL.
  public String text(String secret, Chance chance) {
    byte[] who = recipient.toString().getBytes(UTF_8);
    var plain = ByteBuffer.allocate(FIXED + who.length);
    plain.put(VERSION).put((byte) letter(action)).putLong(mail.value());
    plain.putLong(until.getEpochSecond()).put(who);
    return Sealed.text(PURPOSE, secret, plain.array(), chance);
  }

  /// Reads one; empty when it was not made with this secret.
  public static Optional<DigestLink> read(String text, String secret) {
    return text.length() > TEXT_MAX
        ? Optional.empty()
        : Sealed.open(PURPOSE, secret, text).flatMap(plain -> read(ByteBuffer.wrap(plain)));
  }

  private static Optional<DigestLink> read(ByteBuffer plain) {
    if (plain.remaining() <= FIXED || plain.get() != VERSION) {
      return Optional.empty(); // Of a later version.
    }
    byte letter = plain.get();
    try {
      var mail = new QueueId(plain.getLong());
      var until = Instant.ofEpochSecond(plain.getLong());
      var who = AddressParser.parse(UTF_8.decode(plain).toString());
      for (var action : DigestSettings.Action.values()) {
        if (letter(action) == letter && who.isPresent()) {
          return Optional.of(new DigestLink(action, mail, who.get(), until));
        }
      }
      return Optional.empty();
    } catch (DateTimeException | IllegalArgumentException _) {
      return Optional.empty();
    }
  }

  private static char letter(DigestSettings.Action action) {
    return switch (action) {
      case RELEASE -> 'r';
      case DELETE -> 'd';
      case GOOD -> 'g';
    };
  }
}
