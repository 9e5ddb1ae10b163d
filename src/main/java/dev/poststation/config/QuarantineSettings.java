package dev.poststation.config;

import java.time.Duration;

/// `quarantine`: mail that services of `content` keep from its recipients. Immutable.
///
/// @param keep how long it is kept
public record QuarantineSettings(Duration keep) {
  /// How long, when nothing is said.
  public static final Duration KEEP = Duration.ofDays(30);

  static QuarantineSettings read(Section in) {
    return new QuarantineSettings(
        in.read(
            "keep",
            Kinds.duration("1 hour", "400 days"),
            "30 days",
            """
            How long mail is kept in quarantine that nobody releases or deletes. Then it is gone, and
            nobody is told: neither its sender, whose address may be forged, nor its recipients. Mail
            that is there already keeps its time.
            """));
  }
}
