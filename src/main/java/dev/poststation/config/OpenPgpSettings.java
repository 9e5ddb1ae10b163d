package dev.poststation.config;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// `openpgp`: what all its services have in common. Immutable.
///
/// @param password encrypts the private keys on disk; null: there are none
/// @param warnBefore how long before its end `status` tells of a key of ours
/// @param wkd keys that the web servers of domains have
public record OpenPgpSettings(
    @Nullable Secret password, Duration warnBefore, WebKeyDirectories wkd) {
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
    return new OpenPgpSettings(password.orElse(null), warnBefore, WebKeyDirectories.read(in));
  }
}
