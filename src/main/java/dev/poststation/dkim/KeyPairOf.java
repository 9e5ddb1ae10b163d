package dev.poststation.dkim;

import dev.poststation.tls.Der;
import dev.poststation.tls.Pem;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.interfaces.EdECPrivateKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.EdECPrivateKeySpec;
import java.security.spec.NamedParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.RSAPublicKeySpec;
import java.util.Arrays;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/// A secret key with the public one that belongs to it: made here, or read from what other programs
/// have made. Immutable.
///
/// @param secret never printed
/// @param open what the record has of it: the key as DER for RSA, its 32 octets for Ed25519
/// @param bits its size
public record KeyPairOf(Algorithm algorithm, PrivateKey secret, byte[] open, int bits) {
  /// RFC 8301 3.2: verifiers must not take shorter ones.
  private static final int RSA_LEAST = 1024;

  private static final int ED25519_OCTETS = 32;

  /// Makes one; for RSA that takes some tenths of a second.
  ///
  /// @param bits for RSA
  public static KeyPairOf make(Algorithm algorithm, int bits) {
    try {
      return switch (algorithm) {
        case RSA_SHA256 -> {
          var generator = KeyPairGenerator.getInstance("RSA");
          generator.initialize(bits);
          yield of(generator.generateKeyPair());
        }
        case ED25519_SHA256 -> of(KeyPairGenerator.getInstance(algorithm.java()).generateKeyPair());
      };
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException(e); // Every Java has both.
    }
  }

  /// Reads one as OpenDKIM, rspamd, dkimpy, OpenSSL and we write it: PEM with PKCS #8 or PKCS #1,
  /// or an Ed25519 key in base 64 alone.
  ///
  /// @throws IOException with one clause that says what is wrong
  public static KeyPairOf read(byte[] file) throws IOException {
    try {
      for (Pem block : Pem.read(file)) {
        if (block.encrypted()) {
          throw new IOException("the key is encrypted; store it in clear, for its owner only");
        }
        switch (block.label()) {
          case Pem.KEY -> {
            return ofPkcs8(block.der());
          }
          case "RSA PRIVATE KEY" -> {
            return ofPkcs8(Der.pkcs8OfRsa(block.der()));
          }
          default -> {} // A public key may stand beside it.
        }
      }
    } catch (IllegalArgumentException e) {
      throw new IOException(String.valueOf(e.getMessage()), e);
    }
    return ofSeed(file);
  }

  private static KeyPairOf ofPkcs8(byte[] der) throws IOException {
    try {
      var rsa = KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(der));
      if (rsa instanceof RSAPrivateCrtKey crt) {
        var open = new RSAPublicKeySpec(crt.getModulus(), crt.getPublicExponent());
        return of(new KeyPair(KeyFactory.getInstance("RSA").generatePublic(open), rsa));
      }
    } catch (GeneralSecurityException _) {
      // Of another type.
    }
    try {
      var other = KeyFactory.getInstance("EdDSA").generatePrivate(new PKCS8EncodedKeySpec(der));
      if (other instanceof EdECPrivateKey key
          && key.getParams().getName().equals(NamedParameterSpec.ED25519.getName())
          && key.getBytes().isPresent()) {
        return ofSeed(key.getBytes().get(), null);
      }
    } catch (GeneralSecurityException _) {
      // Said below.
    }
    throw new IOException("the key is damaged, or neither RSA nor Ed25519");
  }

  /// Base 64 of 32 octets, or of these and the 32 of the public key.
  private static KeyPairOf ofSeed(byte[] text) throws IOException {
    byte[] octets;
    try {
      String line = new String(text, StandardCharsets.ISO_8859_1).strip();
      octets = Base64.getDecoder().decode(line);
    } catch (IllegalArgumentException e) {
      throw new IOException("there is no private key in it; name a file in PEM format", e);
    }
    return switch (octets.length) {
      case ED25519_OCTETS -> ofSeed(octets, null);
      case 2 * ED25519_OCTETS ->
          ofSeed(
              Arrays.copyOf(octets, ED25519_OCTETS),
              Arrays.copyOfRange(octets, ED25519_OCTETS, 2 * ED25519_OCTETS));
      default -> throw new IOException("there is no private key in it; name a file in PEM format");
    };
  }

  private static KeyPairOf ofSeed(byte[] seed, byte @Nullable [] open) throws IOException {
    try {
      var generator = KeyPairGenerator.getInstance("Ed25519");
      generator.initialize(NamedParameterSpec.ED25519, new Given(seed));
      var pair = of(generator.generateKeyPair());
      var spec = new EdECPrivateKeySpec(NamedParameterSpec.ED25519, seed);
      if (!pair.secret.equals(KeyFactory.getInstance("Ed25519").generatePrivate(spec))) {
        throw new IOException("this Java cannot tell the public key of an Ed25519 key");
      }
      if (open != null && !Arrays.equals(open, pair.open)) {
        throw new IOException("the public key in it belongs to another one");
      }
      return pair;
    } catch (GeneralSecurityException e) {
      throw new IOException("this Java cannot read Ed25519 keys", e);
    }
  }

  /// Gives what it was given: Java makes an Ed25519 key of 32 random octets, and nothing else tells
  /// the public key of a secret one.
  private static final class Given extends SecureRandom {
    private static final long serialVersionUID = 1;
    private final byte[] octets;

    private Given(byte[] octets) {
      this.octets = octets.clone();
    }

    @Override
    public void nextBytes(byte[] bytes) {
      System.arraycopy(octets, 0, bytes, 0, Math.min(octets.length, bytes.length));
    }
  }

  private static KeyPairOf of(KeyPair pair) throws IOException {
    return switch (pair.getPublic()) {
      case RSAPublicKey rsa -> {
        int bits = rsa.getModulus().bitLength();
        if (bits < RSA_LEAST) {
          throw new IOException(
              "the key has " + bits + " bits, and verifiers take none below " + RSA_LEAST);
        }
        yield new KeyPairOf(Algorithm.RSA_SHA256, pair.getPrivate(), rsa.getEncoded(), bits);
      }
      case EdECPublicKey other ->
          new KeyPairOf(Algorithm.ED25519_SHA256, pair.getPrivate(), raw(other), 256);
      case PublicKey _ -> throw new IOException("the key is neither RSA nor Ed25519");
    };
  }

  /// RFC 8032 5.1.2.
  private static byte[] raw(EdECPublicKey key) {
    byte[] octets = new byte[ED25519_OCTETS];
    BigInteger y = key.getPoint().getY();
    for (int i = 0; i < ED25519_OCTETS; i++) {
      octets[i] = y.shiftRight(8 * i).byteValue();
    }
    if (key.getPoint().isXOdd()) {
      octets[ED25519_OCTETS - 1] |= (byte) 0x80;
    }
    return octets;
  }

  /// As a file: PKCS #8 in PEM.
  public byte[] pem() {
    return Pem.of(Pem.KEY, secret.getEncoded()).getBytes(StandardCharsets.US_ASCII);
  }

  /// The same public key.
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof KeyPairOf pair && Arrays.equals(open, pair.open);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(open);
  }

  @Override
  public String toString() {
    return algorithm.word() + ", " + bits + " bits";
  }
}
