package dev.poststation.content;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.poststation.os.Chance;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/// Octets that we give away and know again: encrypted, so that neither who sees them reads what
/// they say, nor anybody makes some up. Pure functions.
public final class Sealed {
  private static final String MAC = "HmacSHA256";
  private static final String CIPHER = "AES/GCM/NoPadding";
  private static final int NONCE = 12;
  private static final int TAG_BITS = 128;

  private Sealed() {}

  /// In letters that need no escape in a URL; a letter comes first, since a command would take what
  /// begins with a hyphen for an option.
  ///
  /// @param purpose so that the same secret in another place makes another key
  public static String text(String purpose, String secret, byte[] plain, Chance chance) {
    byte[] nonce = new byte[NONCE];
    chance.fill(nonce);
    nonce[0] &= 0x7f;
    try {
      byte[] sealed = cipher(Cipher.ENCRYPT_MODE, purpose, secret, nonce).doFinal(plain);
      var all = ByteBuffer.allocate(NONCE + sealed.length).put(nonce).put(sealed);
      return Base64.getUrlEncoder().withoutPadding().encodeToString(all.array());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /// What was sealed; empty when it was not for this purpose, and with this secret.
  public static Optional<byte[]> open(String purpose, String secret, String text) {
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
      var cipher = cipher(Cipher.DECRYPT_MODE, purpose, secret, Arrays.copyOf(all, NONCE));
      return Optional.of(cipher.doFinal(all, NONCE, all.length - NONCE));
    } catch (AEADBadTagException _) {
      return Optional.empty();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Cipher cipher(int mode, String purpose, String secret, byte[] nonce)
      throws GeneralSecurityException {
    var mac = Mac.getInstance(MAC);
    mac.init(new SecretKeySpec(secret.getBytes(UTF_8), MAC));
    var key = new SecretKeySpec(mac.doFinal(purpose.getBytes(UTF_8)), "AES");
    var cipher = Cipher.getInstance(CIPHER);
    cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
    return cipher;
  }
}
