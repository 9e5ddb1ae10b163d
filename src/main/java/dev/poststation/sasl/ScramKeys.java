package dev.poststation.sasl;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/// What a server keeps of a password for SCRAM (RFC 5802 3): enough to check a proof or a password,
/// not enough to log in with. Safe for any thread; nobody may change the arrays.
///
/// @param iterations how often the password is hashed
/// @param storedKey the hash of the key that the client proves to have
/// @param serverKey with which we prove that we know the keys
public record ScramKeys(
    Hash hash, byte[] salt, int iterations, byte[] storedKey, byte[] serverKey) {
  /// More would let a damaged file keep a core busy for minutes.
  private static final int ITERATIONS_MAX = 10_000_000;

  private static final Pattern TEXT =
      Pattern.compile(
          "(SCRAM-SHA-(?:1|256))\\$([1-9][0-9]{0,7}):([A-Za-z0-9+/=]{4,1024})"
              + "\\$([A-Za-z0-9+/=]{28,44}):([A-Za-z0-9+/=]{28,44})");

  /// The hash functions that SCRAM is defined for here.
  public enum Hash {
    /// RFC 5802.
    SHA_1("SHA-1", "HmacSHA1", "PBKDF2WithHmacSHA1", 20),
    /// RFC 7677.
    SHA_256("SHA-256", "HmacSHA256", "PBKDF2WithHmacSHA256", 32);

    private final String digest;
    private final String hmac;
    private final String pbkdf2;
    private final int octets;

    Hash(String digest, String hmac, String pbkdf2, int octets) {
      this.digest = digest;
      this.hmac = hmac;
      this.pbkdf2 = pbkdf2;
      this.octets = octets;
    }

    /// The name of the mechanism without channel binding.
    public String mechanism() {
      return "SCRAM-" + digest;
    }

    /// How many octets a key has.
    public int octets() {
      return octets;
    }

    byte[] of(byte[] octets) {
      try {
        return MessageDigest.getInstance(digest).digest(octets);
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException(e);
      }
    }

    byte[] hmac(byte[] key, byte[] text) {
      try {
        var mac = Mac.getInstance(hmac);
        mac.init(new SecretKeySpec(key, hmac));
        return mac.doFinal(text);
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException(e);
      }
    }

    byte[] hmac(byte[] key, String text) {
      return hmac(key, text.getBytes(StandardCharsets.UTF_8));
    }

    /// Takes as long as there are iterations.
    byte[] salted(String password, byte[] salt, int iterations) {
      var spec = new PBEKeySpec(password.toCharArray(), salt, iterations, octets * 8);
      try {
        return SecretKeyFactory.getInstance(pbkdf2).generateSecret(spec).getEncoded();
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException(e);
      } finally {
        spec.clearPassword();
      }
    }
  }

  /// The keys of a password. Takes as long as there are iterations: not on a virtual thread.
  ///
  /// @throws IllegalArgumentException when the password is empty or has characters that SASLprep
  ///   forbids
  public static ScramKeys derive(Hash hash, String password, byte[] salt, int iterations) {
    String prepared =
        SaslPrep.stored(password)
            .filter(text -> !text.isEmpty())
            .orElseThrow(() -> new IllegalArgumentException("no password for SASL (RFC 4013)"));
    return of(hash, prepared, salt, iterations);
  }

  /// Keys that no password has.
  static ScramKeys nobody(Hash hash) {
    return new ScramKeys(hash, new byte[1], 1, new byte[hash.octets], new byte[hash.octets]);
  }

  private static ScramKeys of(Hash hash, String prepared, byte[] salt, int iterations) {
    byte[] salted = hash.salted(prepared, salt, iterations);
    byte[] clientKey = hash.hmac(salted, "Client Key");
    byte[] serverKey = hash.hmac(salted, "Server Key");
    return new ScramKeys(hash, salt, iterations, hash.of(clientKey), serverKey);
  }

  /// Whether these are the keys of the password. Takes as long as `derive`, whatever the password
  /// is.
  public boolean matches(String password) {
    var prepared = SaslPrep.said(password).filter(text -> !text.isEmpty());
    var theirs = of(hash, prepared.orElse("-"), salt, iterations);
    return MessageDigest.isEqual(storedKey, theirs.storedKey) && prepared.isPresent();
  }

  /// As a file keeps it (RFC 5803): `SCRAM-SHA-256$4096:SALT$STOREDKEY:SERVERKEY`.
  public String text() {
    var base64 = Base64.getEncoder();
    return hash.mechanism()
        + "$"
        + iterations
        + ":"
        + base64.encodeToString(salt)
        + "$"
        + base64.encodeToString(storedKey)
        + ":"
        + base64.encodeToString(serverKey);
  }

  /// What `text` gave; empty when it is something else.
  public static Optional<ScramKeys> parse(String text) {
    Matcher found = TEXT.matcher(text);
    if (!found.matches()) {
      return Optional.empty();
    }
    var hash = found.group(1).equals(Hash.SHA_1.mechanism()) ? Hash.SHA_1 : Hash.SHA_256;
    int iterations = Integer.parseInt(found.group(2));
    try {
      var base64 = Base64.getDecoder();
      byte[] salt = base64.decode(found.group(3));
      byte[] storedKey = base64.decode(found.group(4));
      byte[] serverKey = base64.decode(found.group(5));
      boolean whole = storedKey.length == hash.octets && serverKey.length == hash.octets;
      return whole && salt.length > 0 && iterations <= ITERATIONS_MAX
          ? Optional.of(new ScramKeys(hash, salt, iterations, storedKey, serverKey))
          : Optional.empty();
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ScramKeys keys
        && hash == keys.hash
        && iterations == keys.iterations
        && Arrays.equals(salt, keys.salt)
        && MessageDigest.isEqual(storedKey, keys.storedKey)
        && MessageDigest.isEqual(serverKey, keys.serverKey);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(storedKey);
  }

  /// Says nothing that would help a thief.
  @Override
  public String toString() {
    return hash.mechanism() + "$" + iterations + ":***";
  }
}
