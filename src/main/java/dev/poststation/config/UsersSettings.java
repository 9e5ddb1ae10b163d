package dev.poststation.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// `users`: who can log in, and what becomes of those who guess.
///
/// @param file the users file
/// @param iterations how often a new password is hashed
/// @param passwordAgeWarning older passwords are told of; null: none are
/// @param blockAfter failed logins in a row until whoever fails is blocked
/// @param blockFor how long
/// @param ldap a directory with more users, or null
/// @param oauth who issues tokens to users, or null
public record UsersSettings(
    Path file,
    int iterations,
    @Nullable Duration passwordAgeWarning,
    int blockAfter,
    Duration blockFor,
    @Nullable LdapSettings ldap,
    @Nullable OauthSettings oauth) {
  /// Of the users file alone.
  public UsersSettings(
      Path file,
      int iterations,
      @Nullable Duration passwordAgeWarning,
      int blockAfter,
      Duration blockFor) {
    this(file, iterations, passwordAgeWarning, blockAfter, blockFor, null, null);
  }

  /// The name of the file in `data`, when it is not written.
  private static final String FILE = "users";

  static UsersSettings read(Section in, Path data) {
    Path standard = data.resolve(FILE);
    Path file =
        in.read(
            "file",
            in.file(),
            Standard.computed(
                standard, standard.toString(), "`users` in `data`", Schema.DATA + "/" + FILE),
            """
            Where the users stand. `poststation user` writes it, and the relay takes what changes
            without a reload. It must belong to the relay's user, and nobody else may read it.
            While it is not there, only those can log in who are in `ldap` or come by `oauth`.
            """);
    int iterations =
        in.read(
            "iterations",
            Kinds.integer(4096, 1_000_000),
            "15000",
            """
            How often a new password is hashed. Whoever steals the users file needs so much longer
            for each guess, and the relay for each login by PLAIN or LOGIN: some ten milliseconds of
            one processor. It must be at least 4096 (RFC 7677 4).
            """);
    Optional<Duration> passwordAgeWarning =
        in.optional(
            "password-age-warning",
            Kinds.duration("1 day", "36500 days"),
            Standard.none("off", "400 days"),
            """
            `status` tells of passwords that are older. A password does not grow weak with age, but
            those who know it grow in number.
            """);
    int blockAfter =
        in.read(
            "block-after",
            Kinds.integer(1, 1_000_000),
            "10",
            """
            Failed logins until a user is blocked at an address (of IPv6 its /64), or an address for
            all, where one name counts for half of them at most; each one is answered later than the
            one before. A user is blocked everywhere after ten times as many. At an address where he
            has logged in before, his password is looked at all the same until so many wrong ones
            were said for him there: so no stranger can lock him out.
            """);
    Duration blockFor =
        in.read(
            "block-for",
            Kinds.duration("1 s", "7 days"),
            "15 minutes",
            """
            How long a block lasts, and how long failed logins are remembered.
            """);
    Optional<LdapSettings> ldap =
        in.optionalSection(
            "ldap",
            """
            A directory whose people can log in by PLAIN and LOGIN: it is asked for whoever is not
            in the users file.
            """,
            LdapKeys::read);
    Optional<OauthSettings> oauth =
        in.optionalSection(
            "oauth",
            """
            Who issues tokens by which users can log in with OAUTHBEARER and XOAUTH2.
            """,
            OauthSettings::read);
    return new UsersSettings(
        file,
        iterations,
        passwordAgeWarning.orElse(null),
        blockAfter,
        blockFor,
        ldap.orElse(null),
        oauth.orElse(null));
  }
}
