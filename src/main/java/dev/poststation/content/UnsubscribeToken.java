package dev.poststation.content;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.poststation.os.Chance;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/// Who wants no more of which mail: what stands in a `List-Unsubscribe` field, encrypted, so that
/// neither who sees it reads an address in it, nor anybody makes up one for somebody else.
/// Immutable.
///
/// @param mail its ID in the queue
/// @param sender of its envelope
/// @param recipient who got it
/// @param when it came, to the second
public record UnsubscribeToken(String mail, String sender, String recipient, Instant when) {
  /// A secret is as long at least.
  static final int SECRET_MIN = 16;

  private static final String MAC = "HmacSHA256";
  private static final String CIPHER = "AES/GCM/NoPadding";

  /// So that the same secret in another place of the configuration makes another key.
  private static final String PURPOSE = "list-unsubscribe";

  private static final int NONCE = 12;
  private static final int TAG_BITS = 128;
  private static final byte VERSION = 1;
  private static final String BETWEEN = "\0";

  /// In letters that need no escape in a URL.
  public String text(String secret, Chance chance) {
    byte[] words = String.join(BETWEEN, mail, sender, recipient).getBytes(UTF_8);
    var plain = ByteBuffer.allocate(1 + Long.BYTES + words.length);
    plain.put(VERSION).putLong(when.getEpochSecond()).put(words);
    byte[] nonce = new byte[NONCE];
    chance.fill(nonce);
    try {
      byte[] sealed = cipher(Cipher.ENCRYPT_MODE, secret, nonce).doFinal(plain.array());
      var all = ByteBuffer.allocate(NONCE + sealed.length).put(nonce).put(sealed);
      return Base64.getUrlEncoder().withoutPadding().encodeToString(all.array());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /// Reads one; empty when it was not made with this secret.
  public static Optional<UnsubscribeToken> read(String text, String secret) {
    byte[] all;
    try {
      all = Base64.getUrlDecoder().decode(text);
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
    if (all.length <= NONCE) {
      return Optional.empty();
    }
    try {
      var cipher = cipher(Cipher.DECRYPT_MODE, secret, Arrays.copyOf(all, NONCE));
      return read(ByteBuffer.wrap(cipher.doFinal(all, NONCE, all.length - NONCE)));
    } catch (AEADBadTagException _) {
      return Optional.empty();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
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

  private static Cipher cipher(int mode, String secret, byte[] nonce)
      throws GeneralSecurityException {
    var mac = Mac.getInstance(MAC);
    mac.init(new SecretKeySpec(secret.getBytes(UTF_8), MAC));
    var key = new SecretKeySpec(mac.doFinal(PURPOSE.getBytes(UTF_8)), "AES");
    var cipher = Cipher.getInstance(CIPHER);
    cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
    return cipher;
  }
}
