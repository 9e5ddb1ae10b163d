package dev.poststation.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// `mta-sts`.
///
/// @param authorities who vouches for the sites of policies; null: those of the machine
/// @param timeout how long such a site may take to answer
public record StsSettings(@Nullable Path authorities, Duration timeout) {
  static StsSettings read(Section in) {
    Optional<Path> authorities =
        in.optional(
            "authorities",
            in.file(),
            Standard.none("those of the machine", "/etc/poststation/policy-ca.pem"),
            """
            A PEM file with the authorities that vouch for the certificates of
            `https://mta-sts.DOMAIN`, and no others do: for tests, and networks of your own.
            """);
    CertificateFiles.check(in, "authorities", authorities.orElse(Path.of("?")));
    Duration timeout =
        in.read(
            "timeout",
            Kinds.duration("100 ms", "1 minute"),
            "20 s",
            """
            How long a site may take to give its policy. The first mail to a domain waits for it.
            When it does not come, a policy that is known holds until its end; without one, mail goes
            as if there were none.
            """);
    return new StsSettings(authorities.orElse(null), timeout);
  }
}
