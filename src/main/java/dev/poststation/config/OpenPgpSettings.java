package dev.poststation.config;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// `openpgp`: what all its services have in common. Immutable.
///
/// @param password encrypts the private keys on disk; null: there are none
/// @param warnBefore how long before its end `status` tells of a key of ours
/// @param wkd keys that the web servers of domains have
/// @param harvest keys that come with mail
public record OpenPgpSettings(
    @Nullable Secret password, Duration warnBefore, WebKeyDirectories wkd, Harvest harvest) {
  /// Keys of others that come with their mail (Autocrypt).
  ///
  /// @param on whether they are kept and used
  /// @param keep how long one is kept whose owner writes no more
  /// @param most how many are kept
  public record Harvest(boolean on, Duration keep, int most) {
    /// None is kept.
    public static final Harvest OFF = new Harvest(false, Duration.ofDays(400), 10_000);

    private static Harvest read(Section in) {
      return new Harvest(
          in.read(
              "harvest",
              Kinds.FLAG,
              "off",
              """
              Whether `openpgp-verify` keeps keys that come with mail from outside (Autocrypt), each
              for the address in From, where the domain has signed that field (DKIM), and
              `openpgp-encrypt` uses them for recipients of whom none was imported, nor found by WKD.
              `off`: none is kept, and those that were are not used.
              """),
          in.read(
              "harvest-keep",
              Kinds.duration("1 day", "3650 days"),
              "400 days",
              """
              How long such a key is kept after a mail has brought it last. It is not used beyond its
              own end.
              """),
          in.read(
              "harvest-most",
              Kinds.integer(1, 100_000),
              "10000",
              """
              How many such keys are kept. When there are so many, new ones are not kept, which
              `status` says; those that are there stay.
              """));
    }
  }

  static OpenPgpSettings read(Section in) {
    Optional<Secret> password =
        in.optional(
            "password",
            in.secret(),
            Standard.none("no private keys can be kept", "file:/etc/poststation/openpgp.secret"),
            """
            Encrypts the private keys that stand in `openpgp` in `data`. Keep it apart from the
            backup of `data`, and do not lose it: without it the keys are lost.
            """);
    Duration warnBefore =
        in.read(
            "warn-before",
            Kinds.duration("1 day", "365 days"),
            "30 days",
            """
            How long before its end `status` tells of a key of ours.
            """);
    return new OpenPgpSettings(
        password.orElse(null), warnBefore, WebKeyDirectories.read(in), Harvest.read(in));
  }
}
