package dev.poststation.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// `smime`: what all its services have in common. Immutable.
///
/// @param password encrypts the private keys on disk; null: there are none
/// @param warnBefore how long before its end `status` tells of a certificate of ours
/// @param authorities who may issue certificates of those who sign; null: those of the machine
/// @param harvest certificates that come with mail
/// @param revocation whether certificates were revoked
public record SmimeSettings(
    @Nullable Secret password,
    Duration warnBefore,
    @Nullable Path authorities,
    Harvest harvest,
    Revocation revocation) {
  /// Whether it is asked if certificates were revoked.
  public enum Mode {
    /// It is not.
    OFF,
    /// It is; where nobody says so, they count.
    IF_REACHABLE,
    /// It is; where nobody says so, they do not count.
    REQUIRE
  }

  /// How it is asked if certificates were revoked.
  ///
  /// @param timeout how long one place is asked
  /// @param networks of ours that may be called
  public record Revocation(Mode mode, Duration timeout, List<Cidr> networks) {
    public Revocation {
      networks = List.copyOf(networks);
    }

    private static Revocation read(Section in) {
      return new Revocation(
          in.read(
              "revocation",
              Kinds.choice(Mode.class),
              "off",
              """
              Whether it is asked if certificates of others were revoked, at the places that they name
              (OCSP, then CRL, by HTTP), before mail is encrypted by them, and of those that have
              signed mail. `if-reachable`: where nobody says so they count; `require`: then they do
              not, and mail that is to be encrypted waits.
              """),
          in.read(
              "revocation-timeout",
              Kinds.duration("1 s", "1 minute"),
              "5 s",
              """
              How long such a place may take. One that fails is left alone for five minutes.
              """),
          in.list(
              "revocation-networks",
              Kinds.NETWORK,
              Standard.emptyList("none", "10.0.0.0/8"),
              """
              Networks of ours with such places. Without that, nothing is called but port 80 of hosts
              in the Internet, for whoever makes a certificate writes what is called.
              """));
    }
  }

  /// Certificates of others that come with their mail.
  ///
  /// @param on whether they are kept and used
  /// @param keep how long one is kept whose owner writes no more
  /// @param most how many are kept
  public record Harvest(boolean on, Duration keep, int most) {
    private static Harvest read(Section in) {
      return new Harvest(
          in.read(
              "harvest",
              Kinds.FLAG,
              "off",
              """
              Whether certificates are kept that come with mail which `smime-verify` finds good, each
              for the address in From, and `smime-encrypt` uses them for recipients of whom none was
              imported. `off`: none is kept, and those that were are not used.
              """),
          in.read(
              "harvest-keep",
              Kinds.duration("1 day", "3650 days"),
              "400 days",
              """
              How long such a certificate is kept after its owner has signed a mail with it last. It is
              not used beyond its own end.
              """),
          in.read(
              "harvest-most",
              Kinds.integer(1, 100_000),
              "10000",
              """
              How many such certificates are kept. When there are so many, new ones are not kept, which
              `status` says; those that are there stay.
              """));
    }
  }

  static SmimeSettings read(Section in) {
    Optional<Secret> password =
        in.optional(
            "password",
            in.secret(),
            Standard.none("no private keys can be kept", "file:/etc/poststation/smime.secret"),
            """
            Encrypts the private keys that stand in `smime` in `data`. Keep it apart from the backup
            of `data`, and do not lose it: without it the keys are lost.
            """);
    Duration warnBefore =
        in.read(
            "warn-before",
            Kinds.duration("1 day", "365 days"),
            "30 days",
            """
            How long before its end `status` tells of a certificate of ours.
            """);
    Optional<Path> authorities =
        in.optional(
            "authorities",
            in.file(),
            Standard.none("those of the machine", "/etc/poststation/smime-ca.pem"),
            """
            A PEM file with the authorities whose certificates `smime-verify` trusts. Those of the
            machine are authorities of web servers; many issue certificates of persons, too.
            """);
    return new SmimeSettings(
        password.orElse(null),
        warnBefore,
        authorities.orElse(null),
        Harvest.read(in),
        Revocation.read(in));
  }
}
