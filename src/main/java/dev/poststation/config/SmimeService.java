package dev.poststation.config;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What a service of S/MIME does, with its settings. Immutable.
public sealed interface SmimeService extends ContentService {
  /// For which mail it works.
  enum Policy {
    /// For none, unless its sender wishes it.
    NEVER,
    /// For all that there are keys for.
    IF_POSSIBLE,
    /// For all; what there are no keys for is not sent.
    ALWAYS;

    /// As it is written in the file.
    public String word() {
      return Kinds.word(this);
    }
  }

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

  /// What a service is meant for, and how the sender of a mail says that he wants it.
  ///
  /// @param tag stands in the subject of mail for which it works whatever the policy is; null: none
  /// @param field the same of a field of the header; null: none
  record Wish(Policy policy, @Nullable String tag, @Nullable HeaderPattern field) {
    static final List<String> KEYS = List.of("policy", "tag", "tag-header");

    private static final int TAG_MOST = 60;

    private static final Kind<String> TAG =
        new Kind<>(
            "text",
            Kind.Form.QUOTED,
            (text, _) ->
                text.strip().length() < 3 || text.length() > TAG_MOST
                    ? Parsed.bad("is no tag", "write 3 to 60 characters, as in \"[secure]\"")
                    : Parsed.good(text.strip()));

    static Wish read(Section in) {
      Policy policy =
          in.read(
              "policy",
              Kinds.choice(Policy.class),
              "if-possible",
              """
              For which mail a service that signs or encrypts works: `if-possible` for all that there
              are keys for; `always` for all, and what there are no keys for is refused; `never` for
              none, unless its sender wishes it by `tag` or `tag-header`.
              """);
      Optional<String> tag =
          in.optional(
              "tag",
              TAG,
              Standard.none("none", "[secure]"),
              """
              Where this stands in the subject, the sender wishes it for this mail: as with `policy =
              always`. It is taken out of the subject.
              """);
      Optional<HeaderPattern> field =
          in.optional(
              "tag-header",
              HeaderPattern.KIND,
              Standard.none("none", "X-Secure: yes"),
              """
              The same, by a field of the header; it is removed.
              """);
      boolean wishes = in.has("tag") || in.has("tag-header");
      if (policy == Policy.NEVER && !wishes && !in.reading().documenting()) {
        in.warning(
            "policy",
            in.path("policy") + " = never, and there is no tag: the service does nothing",
            "write by what senders wish it, as in tag = \"[secure]\", or remove the service");
      }
      return new Wish(policy, tag.orElse(null), field.orElse(null));
    }
  }

  /// Signs mail by the key of its author, or of his domain.
  ///
  /// @param anyAuthor whether also where the sender of the envelope is somebody else
  record Sign(Wish wish, boolean anyAuthor, Padding padding, Digest digest)
      implements SmimeService {
    static final List<String> KEYS =
        List.of("policy", "tag", "tag-header", "any-author", "padding", "digest");

    @Override
    public Effect effect() {
      return Effect.SEALS;
    }

    static Sign read(Section in) {
      return new Sign(
          Wish.read(in),
          in.read(
              "any-author",
              Kinds.FLAG,
              "off",
              """
              Whether `smime-sign` signs by the key of whom From names, whoever the sender of the
              envelope is. `off`: only where they are the same, for `senders` of `clients` says who
              may be that. `on` needs `header-senders` there, or everybody signs as anybody.
              """),
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

  /// What becomes of a mail that must be encrypted, and somebody has no certificate.
  enum OnMissing {
    /// It is refused.
    REJECT,
    /// It is taken, and waits for an administrator.
    HOLD
  }

  /// Which certificate counts where somebody and his domain have one.
  enum Prefer {
    ADDRESS,
    DOMAIN
  }

  /// Encrypts mail for its recipients.
  record Encrypt(
      Wish wish, Cipher cipher, KeyTransport keyTransport, OnMissing onMissing, Prefer prefer)
      implements SmimeService {
    static final List<String> KEYS =
        List.of("policy", "tag", "tag-header", "cipher", "key-transport", "on-missing", "prefer");

    @Override
    public Effect effect() {
      return Effect.SEALS;
    }

    static Encrypt read(Section in) {
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
          in.read(
              "on-missing",
              Kinds.choice(OnMissing.class),
              "reject",
              """
              What becomes of a mail that must be encrypted when one of its recipients has no valid
              certificate: `reject` (550 5.7.5, which names him), or `hold` (it is taken, and waits
              for an administrator).
              """),
          in.read(
              "prefer",
              Kinds.choice(Prefer.class),
              "address",
              """
              Which certificate counts where both a recipient and his domain have one: that of the
              `address`, or that of the `domain`, whose gateway then decrypts.
              """));
    }
  }

  /// Decrypts mail that is for one of our keys.
  record Decrypt() implements SmimeService {
    @Override
    public Effect effect() {
      return Effect.CHANGES;
    }
  }

  /// What becomes of a mail whose signature is broken.
  enum OnBroken {
    /// It goes on, and its header says so.
    PASS,
    /// It is refused.
    REJECT,
    /// It is taken, and waits for an administrator.
    HOLD
  }

  /// Says in the header what is to be thought of a signature.
  record Verify(OnBroken onBroken) implements SmimeService {
    static final List<String> KEYS = List.of("on-broken");

    @Override
    public Effect effect() {
      return Effect.HEADER;
    }

    static Verify read(Section in) {
      return new Verify(
          in.read(
              "on-broken",
              Kinds.choice(OnBroken.class),
              "pass",
              """
              What becomes of a mail whose signature is not of what is in it: `pass` (its header says
              so), `reject` (550 5.7.7) or `hold`. Mailing lists break signatures, too.
              """));
    }
  }
}
