package dev.poststation.cli;

import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.temporal.TemporalAdjusters;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/// A time of the day, or of the week, as people name the next one: `23:30`, `sat 23:30`. Pure
/// functions.
final class NextTime {
  private static final List<String> DAYS = List.of("mon", "tue", "wed", "thu", "fri", "sat", "sun");
  private static final Pattern FORM =
      Pattern.compile("(?:(" + String.join("|", DAYS) + ") +)?([01][0-9]|2[0-3]):([0-5][0-9])");

  private NextTime() {}

  /// With its date, by the clock of this machine: `2026-12-24T23:30`. Another text stays.
  static String written(String text, Instant now) {
    var parts = FORM.matcher(text.strip().toLowerCase(Locale.ROOT));
    if (!parts.matches()) {
      return text;
    }
    var time = LocalTime.of(Integer.parseInt(parts.group(2)), Integer.parseInt(parts.group(3)));
    var here = LocalDateTime.ofInstant(now, ZoneId.systemDefault());
    var next = here.toLocalDate().atTime(time);
    if (parts.group(1) == null) {
      return (next.isAfter(here) ? next : next.plusDays(1)).toString();
    }
    var day = DayOfWeek.of(DAYS.indexOf(parts.group(1)) + 1);
    next = next.with(TemporalAdjusters.nextOrSame(day));
    return (next.isAfter(here) ? next : next.plusWeeks(1)).toString();
  }
}
