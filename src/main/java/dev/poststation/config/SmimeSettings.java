package dev.poststation.config;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// `smime`: what all its services have in common. Immutable.
///
/// @param password encrypts the private keys on disk; null: there are none
/// @param warnBefore how long before its end `status` tells of a certificate of ours
public record SmimeSettings(@Nullable Secret password, Duration warnBefore) {
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
    return new SmimeSettings(password.orElse(null), warnBefore);
  }
}
