package dev.poststation.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// `smime`: what all its services have in common. Immutable.
///
/// @param password encrypts the private keys on disk; null: there are none
/// @param warnBefore how long before its end `status` tells of a certificate of ours
/// @param authorities who may issue certificates of those who sign; null: those of the machine
public record SmimeSettings(
    @Nullable Secret password, Duration warnBefore, @Nullable Path authorities) {
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
    return new SmimeSettings(password.orElse(null), warnBefore, authorities.orElse(null));
  }
}
