package dev.poststation.message;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;

/// Writes dates as mail has them (RFC 5322 3.3), in UTC: `Tue, 24 Nov 2026 04:11:00 +0000`.
/// Remembers the last one, because many mails arrive in the same second. Safe for any thread.
public final class MailDate {
  private static final String[] DAYS = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
  private static final String[] MONTHS = {
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"
  };

  private volatile Written last = write(0);

  /// The date of a moment, where many are asked for.
  public String of(Instant when) {
    long second = when.getEpochSecond();
    var written = last;
    if (written.second != second) {
      written = write(second);
      last = written;
    }
    return written.text;
  }

  /// The date of a moment.
  public static String at(Instant when) {
    return write(when.getEpochSecond()).text;
  }

  private static Written write(long second) {
    var when = LocalDateTime.ofEpochSecond(second, 0, ZoneOffset.UTC);
    var text = new StringBuilder(31);
    text.append(DAYS[when.getDayOfWeek().getValue() - 1]).append(", ");
    text.append(when.getDayOfMonth()).append(' ');
    text.append(MONTHS[when.getMonthValue() - 1]).append(' ').append(when.getYear()).append(' ');
    two(text, when.getHour()).append(':');
    two(text, when.getMinute()).append(':');
    two(text, when.getSecond()).append(" +0000");
    return new Written(second, text.toString());
  }

  private static StringBuilder two(StringBuilder text, int number) {
    return text.append((char) ('0' + number / 10)).append((char) ('0' + number % 10));
  }

  private record Written(long second, String text) {}
}
