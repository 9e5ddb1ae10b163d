package dev.poststation.config;

import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZonedDateTime;
import java.time.format.DateTimeParseException;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Hours of the week: `08:00-18:00`, `mon-fri 08:00-18:00`, `sat 22:00-06:00`. What begins in the
/// evening and ends in the morning belongs to the day on which it begins. Immutable.
///
/// @param days on which it begins
/// @param until the first minute that does not belong to it; as `from`: a whole day
public record Hours(Set<DayOfWeek> days, LocalTime from, LocalTime until, String text) {
  private static final Pattern FORM =
      Pattern.compile(
          "(?:([a-z]{3})(?:-([a-z]{3}))? +)?([0-9]{2}:[0-9]{2}) ?- ?([0-9]{2}:[0-9]{2})");
  private static final List<String> DAYS = List.of("mon", "tue", "wed", "thu", "fri", "sat", "sun");
  private static final String REMEDY =
      "write them as in \"08:00-18:00\" or \"mon-fri 08:00-18:00\"";

  public Hours {
    days = Set.copyOf(days);
  }

  static Parsed<Hours> read(String text) {
    Matcher parts = FORM.matcher(text.strip().toLowerCase(Locale.ROOT));
    if (!parts.matches()) {
      return Parsed.bad("are no hours", REMEDY);
    }
    Set<DayOfWeek> days = days(parts.group(1), parts.group(2));
    if (days.isEmpty()) {
      return Parsed.bad("names no day", "the days are " + String.join(", ", DAYS));
    }
    try {
      if (parts.group(3).equals(parts.group(4))) {
        return Parsed.bad("end when they begin", "write 00:00-24:00 for the whole day");
      }
      String end = parts.group(4).equals("24:00") ? "00:00" : parts.group(4);
      return Parsed.good(
          new Hours(days, LocalTime.parse(parts.group(3)), LocalTime.parse(end), text.strip()));
    } catch (DateTimeParseException _) {
      return Parsed.bad("are no hours", REMEDY);
    }
  }

  private static Set<DayOfWeek> days(@Nullable String first, @Nullable String last) {
    if (first == null) {
      return EnumSet.allOf(DayOfWeek.class);
    }
    int from = DAYS.indexOf(first);
    int to = last == null ? from : DAYS.indexOf(last);
    Set<DayOfWeek> days = EnumSet.noneOf(DayOfWeek.class);
    if (from >= 0 && to >= 0) {
      for (int day = from; ; day = (day + 1) % 7) {
        days.add(DayOfWeek.of(day + 1));
        if (day == to) {
          break;
        }
      }
    }
    return days;
  }

  /// Whether it is one of these hours.
  public boolean include(LocalDateTime when) {
    LocalTime time = when.toLocalTime();
    DayOfWeek day = when.getDayOfWeek();
    if (from.isBefore(until)) {
      return days.contains(day) && !time.isBefore(from) && time.isBefore(until);
    }
    return (days.contains(day) && !time.isBefore(from))
        || (days.contains(day.minus(1)) && time.isBefore(until));
  }

  /// When they begin next, after this time.
  public Instant nextBegin(ZonedDateTime after) {
    for (LocalDate day = after.toLocalDate(); ; day = day.plusDays(1)) {
      var begin = day.atTime(from).atZone(after.getZone());
      if (days.contains(day.getDayOfWeek()) && begin.isAfter(after)) {
        return begin.toInstant();
      }
    }
  }

  /// As it is written in the file.
  @Override
  public String toString() {
    return text;
  }
}
