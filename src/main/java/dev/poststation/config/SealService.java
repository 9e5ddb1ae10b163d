package dev.poststation.config;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A service that signs, encrypts, decrypts or verifies, by S/MIME or OpenPGP: what both have in
/// common. Immutable.
public sealed interface SealService extends ContentService
    permits SmimeService,
        OpenPgpService,
        SealService.Signs,
        SealService.Encrypts,
        SealService.Decrypts,
        SealService.Verifies {
  /// Signs mail by the key of its author, or of his domain.
  sealed interface Signs extends SealService permits SmimeService.Sign, OpenPgpService.Sign {
    /// For which mail.
    Wish wish();

    /// Whether also where the sender of the envelope is somebody else.
    boolean anyAuthor();

    @Override
    default Effect effect() {
      return Effect.SEALS;
    }
  }

  /// Encrypts mail for its recipients.
  sealed interface Encrypts extends SealService
      permits SmimeService.Encrypt, OpenPgpService.Encrypt {
    /// For which mail.
    Wish wish();

    /// What becomes of a mail that must be encrypted and cannot.
    OnMissing onMissing();

    /// Whose key counts.
    Prefer prefer();

    @Override
    default Effect effect() {
      return Effect.SEALS;
    }
  }

  /// Decrypts mail that is for one of our keys.
  sealed interface Decrypts extends SealService
      permits SmimeService.Decrypt, OpenPgpService.Decrypt {
    @Override
    default Effect effect() {
      return Effect.CHANGES;
    }
  }

  /// Says in the header what is to be thought of a signature.
  sealed interface Verifies extends SealService permits SmimeService.Verify, OpenPgpService.Verify {
    /// What becomes of a mail whose signature is broken.
    OnBroken onBroken();

    @Override
    default Effect effect() {
      return Effect.HEADER;
    }
  }

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

  /// What a service is meant for, and how the sender of a mail says that he wants it.
  ///
  /// @param tag stands in the subject of mail for which it works whatever the policy is; null: none
  /// @param field the same of a field of the header; null: none
  record Wish(Policy policy, @Nullable String tag, @Nullable HeaderPattern field) {
    static final List<String> KEYS = List.of("policy", "tag", "tag-header");

    /// Whether there is mail for which it has to work.
    boolean must() {
      return policy == Policy.ALWAYS || tag != null || field != null;
    }

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

  /// What becomes of a mail that must be encrypted, and somebody has no certificate or key.
  enum OnMissing {
    /// It is refused.
    REJECT,
    /// It is taken, and waits for an administrator.
    HOLD
  }

  /// Which certificate or key counts where somebody and his domain have one.
  enum Prefer {
    ADDRESS,
    DOMAIN
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

  /// Whether the author of a mail may be somebody else than its sender.
  static boolean anyAuthor(Section in) {
    return in.read(
        "any-author",
        Kinds.FLAG,
        "off",
        """
        Whether `smime-sign` and `openpgp-sign` sign by the key of whom From names, whoever the
        sender of the envelope is. `off`: only where they are the same, for `senders` of `clients`
        says who may be that. `on` needs `header-senders` there, or everybody signs as anybody.
        """);
  }

  static OnMissing onMissing(Section in) {
    return in.read(
        "on-missing",
        Kinds.choice(OnMissing.class),
        "reject",
        """
        What becomes of a mail that must be encrypted when one of its recipients has no valid
        certificate or key: `reject` (550 5.7.5, which names him), or `hold` (it is taken, and
        waits for an administrator; `queue release --unencrypted` lets it out as it is).
        """);
  }

  static Prefer prefer(Section in) {
    return in.read(
        "prefer",
        Kinds.choice(Prefer.class),
        "address",
        """
        Which certificate or key counts where both a recipient and his domain have one: that of the
        `address`, or that of the `domain`, whose gateway then decrypts.
        """);
  }

  static OnBroken onBroken(Section in) {
    return in.read(
        "on-broken",
        Kinds.choice(OnBroken.class),
        "pass",
        """
        What becomes of a mail whose signature is not of what is in it: `pass` (its header says
        so), `reject` (550 5.7.7) or `hold`. Mailing lists break signatures, too.
        """);
  }
}
