package dev.poststation.config;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// `quarantine`: mail that services of `content` keep from its recipients. Immutable.
///
/// @param keep how long it is kept
/// @param digest what its recipients are told; empty: nothing
public record QuarantineSettings(Duration keep, Optional<DigestSettings> digest) {
  /// How long, when nothing is said.
  public static final Duration KEEP = Duration.ofDays(30);

  /// Of which nobody is told.
  public QuarantineSettings(Duration keep) {
    this(keep, Optional.empty());
  }

  /// The same with the page of the digest as it was at the start.
  QuarantineSettings asStarted(QuarantineSettings start) {
    return new QuarantineSettings(keep, digest.map(it -> it.asStarted(start.digest.orElse(null))));
  }

  static QuarantineSettings read(Section in, List<ContentRule> content, List<String> own) {
    return new QuarantineSettings(
        in.read(
            "keep",
            Kinds.duration("1 hour", "400 days"),
            "30 days",
            """
            How long mail is kept in quarantine that nobody releases or deletes. Then it is gone, and
            nobody is told: neither its sender, whose address may be forged, nor its recipients. Mail
            that is there already keeps its time.
            """),
        DigestSettings.read(in, content, own));
  }
}
