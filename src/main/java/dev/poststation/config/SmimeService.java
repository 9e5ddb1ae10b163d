package dev.poststation.config;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a service of S/MIME does, with its settings. Immutable.
public sealed interface SmimeService extends SealService {
  /// How RSA keys sign.
  enum Padding {
    /// RSASSA-PSS.
    PSS,
    /// RSASSA-PKCS1-v1_5.
    PKCS1
  }

  /// The digest of signatures.
  enum Digest {
    SHA256,
    SHA384,
    SHA512
  }

  /// Signs mail by the key of its author, or of his domain.
  ///
  /// @param anyAuthor whether also where the sender of the envelope is somebody else
  record Sign(Wish wish, boolean anyAuthor, Padding padding, Digest digest)
      implements SmimeService, Signs {
    static final List<String> KEYS =
        List.of("policy", "tag", "tag-header", "any-author", "padding", "digest");

    static Sign read(Section in) {
      return new Sign(
          Wish.read(in),
          SealService.anyAuthor(in),
          in.read(
              "padding",
              Kinds.choice(Padding.class),
              "pss",
              """
              How RSA keys sign: `pss` (RSASSA-PSS), or `pkcs1` for programs of before 2010. Keys of
              elliptic curves have nothing of the kind.
              """),
          in.read(
              "digest",
              Kinds.choice(Digest.class),
              "sha256",
              """
              The digest of signatures.
              """));
    }
  }

  /// What the content of mail is encrypted by.
  enum Cipher {
    AES_256_GCM,
    AES_128_GCM,
    AES_256_CBC,
    AES_128_CBC;

    /// Whether who decrypts sees that it was changed (RFC 5083).
    public boolean authenticates() {
      return this == AES_256_GCM || this == AES_128_GCM;
    }

    /// As it is written in the file.
    public String word() {
      return Kinds.word(this);
    }
  }

  /// How RSA keys encrypt the key of the content.
  enum KeyTransport {
    /// RSAES-OAEP with SHA-256.
    OAEP,
    /// RSAES-PKCS1-v1_5.
    PKCS1
  }

  /// Encrypts mail for its recipients.
  ///
  /// @param directory where certificates are, too; null: nowhere
  record Encrypt(
      Wish wish,
      Cipher cipher,
      KeyTransport keyTransport,
      OnMissing onMissing,
      Prefer prefer,
      @Nullable DirectorySettings directory)
      implements SmimeService, Encrypts {
    static final List<String> KEYS =
        List.of(
            "policy",
            "tag",
            "tag-header",
            "cipher",
            "key-transport",
            "on-missing",
            "prefer",
            "directory");

    static Encrypt read(Section in, Map<String, DirectorySettings> directories) {
      return new Encrypt(
          Wish.read(in),
          in.read(
              "cipher",
              Kinds.choice(Cipher.class),
              "aes-256-gcm",
              """
              What mail is encrypted by. Programs of before 2019 or so read `aes-256-cbc` alone.
              """),
          in.read(
              "key-transport",
              Kinds.choice(KeyTransport.class),
              "oaep",
              """
              How it is encrypted for RSA keys: `oaep`, or `pkcs1` for very old programs. For keys of
              elliptic curves it is ECDH.
              """),
          SealService.onMissing(in),
          SealService.prefer(in),
          DirectorySettings.of(in, directories, in.has("directory")).orElse(null));
    }
  }

  /// Decrypts mail that is for one of our keys.
  record Decrypt() implements SmimeService, Decrypts {}

  /// Says in the header what is to be thought of a signature.
  record Verify(OnBroken onBroken) implements SmimeService, Verifies {
    static final List<String> KEYS = List.of("on-broken");

    static Verify read(Section in) {
      return new Verify(SealService.onBroken(in));
    }
  }
}
