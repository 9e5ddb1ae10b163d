package dev.poststation.sasl;

import dev.poststation.os.Chance;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Small parts that several mechanisms have in common. Pure functions, safe for any thread.
final class Words {
  /// RFC 4616 2 wants 255; e-mail addresses are longer now and then.
  static final int NAME_MAX = 512;

  static final int PASSWORD_MAX = 1024;
  private static final int NONCE_OCTETS = 18;

  private Words() {}

  /// The octets as text without NUL; null when they are not UTF-8.
  static @Nullable String text(byte[] octets) {
    try {
      var text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(octets)).toString();
      return text.indexOf('\0') < 0 ? text : null;
    } catch (CharacterCodingException _) {
      return null;
    }
  }

  static byte[] octets(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /// A name as SASLprep wants it: neither empty nor too long.
  static Optional<String> name(String said) {
    return said.length() > NAME_MAX
        ? Optional.empty()
        : SaslPrep.said(said).filter(name -> !name.isEmpty());
  }

  /// Printable octets that nobody can guess.
  static String nonce(Chance chance) {
    return chance.hex(NONCE_OCTETS);
  }

  /// The client is this user. Acting for another one is not supported.
  ///
  /// @param name the same as `said`, prepared
  /// @param said the name with which it logged in
  /// @param authorize the name that it wants to have, or empty
  static Step success(Accounts.Login login, String name, String said, String authorize) {
    return authorize.isEmpty() || authorize.equals(said) || authorize.equals(login.user())
        ? new Step.Success(login, name)
        : Step.Failure.refused(said, "may not act for another user");
  }
}
