package dev.poststation.log;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/// Spells times; what belongs to a second is spelled once a second. Safe for any thread.
final class Timestamps {
  private final DateTimeFormatter format;
  private final boolean millis;
  private volatile Second last = new Second(Long.MIN_VALUE, "");

  private Timestamps(DateTimeFormatter format, boolean millis) {
    this.format = format;
    this.millis = millis;
  }

  /// `2026-11-24T04:10:21.123Z` (RFC 3339).
  static Timestamps iso() {
    return new Timestamps(
        DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss", Locale.ENGLISH)
            .withZone(ZoneOffset.UTC),
        true);
  }

  /// `Nov 24 04:10:21` (RFC 3164 4.1.2), in the zone of the machine.
  static Timestamps syslog(ZoneId zone) {
    return new Timestamps(
        DateTimeFormatter.ofPattern("MMM ppd HH:mm:ss", Locale.ENGLISH).withZone(zone), false);
  }

  /// Appends a time.
  void append(StringBuilder out, Instant time) {
    long second = time.getEpochSecond();
    int nano = time.getNano();
    var known = last;
    if (known.number != second) {
      known = new Second(second, format.format(time));
      last = known;
    }
    out.append(known.text);
    if (millis) {
      out.append('.');
      threeDigits(out, nano / 1_000_000);
      out.append('Z');
    }
  }

  /// Appends a duration as seconds with up to three decimals: `0`, `0.004`, `3.1`, `86400.25`.
  /// Negative ones, which only a clock that was set back can cause, count as zero.
  static void seconds(StringBuilder out, Duration duration) {
    if (duration.isNegative()) {
      out.append('0');
      return;
    }
    out.append(duration.getSeconds());
    int fraction = duration.getNano() / 1_000_000;
    if (fraction > 0) {
      out.append('.');
      threeDigits(out, fraction);
      while (out.charAt(out.length() - 1) == '0') {
        out.setLength(out.length() - 1);
      }
    }
  }

  private static void threeDigits(StringBuilder out, int number) {
    out.append((char) ('0' + number / 100))
        .append((char) ('0' + number / 10 % 10))
        .append((char) ('0' + number % 10));
  }

  private record Second(long number, String text) {}
}
