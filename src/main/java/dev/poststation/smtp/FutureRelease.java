package dev.poststation.smtp;

import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// When a client wants its mail to be sent at the earliest (RFC 4865). Immutable.
///
/// @param interval HOLDFOR: so long after MAIL; null: a time was said
/// @param until HOLDUNTIL: that time; null: an interval was said
public record FutureRelease(@Nullable Duration interval, @Nullable Instant until) {
  private static final int DIGITS_MAX = 9;

  /// RFC 3339 5.6, with a zone: Z or an offset.
  private static final Pattern DATE_TIME =
      Pattern.compile("[0-9-]{10}[Tt][0-9:]{8}(?:[.][0-9]{1,9})?(?:[Zz]|[+-][0-9]{2}:[0-9]{2})");

  /// Reads the value of HOLDFOR: seconds, nine digits at most.
  static Optional<FutureRelease> interval(String text) {
    return text.matches("[0-9]{1," + DIGITS_MAX + "}") && Integer.parseInt(text) > 0
        ? Optional.of(new FutureRelease(Duration.ofSeconds(Integer.parseInt(text)), null))
        : Optional.empty();
  }

  /// Reads the value of HOLDUNTIL.
  static Optional<FutureRelease> until(String text) {
    if (!DATE_TIME.matcher(text).matches()) {
      return Optional.empty();
    }
    try {
      return Optional.of(new FutureRelease(null, Instant.parse(text)));
    } catch (DateTimeParseException _) {
      return Optional.empty();
    }
  }

  /// The time itself.
  ///
  /// @param arrived when MAIL was accepted
  public Instant at(Instant arrived) {
    return interval == null ? until == null ? arrived : until : arrived.plus(interval);
  }

  /// As it stands in a notice (RFC 4865 4.3): `for;3600`, `until;2026-12-01T08:00:00Z`.
  public String request() {
    return interval == null ? "until;" + until : "for;" + interval.toSeconds();
  }

  /// As it stands in MAIL.
  @Override
  public String toString() {
    return interval == null ? "HOLDUNTIL=" + until : "HOLDFOR=" + interval.toSeconds();
  }
}
