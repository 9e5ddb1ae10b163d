package dev.poststation.bounce;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/// Spells times for notices. Pure functions.
final class MailDates {
  private static final DateTimeFormatter HUMAN =
      DateTimeFormatter.ofPattern("EEEE, d MMMM uuuu, HH:mm 'UTC'", Locale.ENGLISH)
          .withZone(ZoneOffset.UTC);

  private MailDates() {}

  /// `Tuesday, 24 November 2026, 04:11 UTC`.
  static String human(Instant when) {
    return HUMAN.format(when);
  }

  /// `5 days`, `4 hours`, `10 minutes`: as exact as people want it.
  static String human(Duration duration) {
    long minutes = Math.max(1, duration.toMinutes());
    if (minutes >= 48 * 60) {
      return Math.round(minutes / 1440.0) + " days";
    }
    if (minutes >= 120) {
      return Math.round(minutes / 60.0) + " hours";
    }
    return minutes == 1 ? "1 minute" : minutes + " minutes";
  }
}
