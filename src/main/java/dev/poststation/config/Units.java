package dev.poststation.config;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Period;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Durations and sizes with their units, as HOCON writes them; but never without a unit, for
/// `timeout = 300` means milliseconds in HOCON and seconds to everybody else. Pure functions.
public final class Units {
  private static final Pattern QUANTITY = Pattern.compile("([0-9]+(?:\\.[0-9]+)?)\\s*(\\p{L}*)");
  private static final Pattern PERIOD = Pattern.compile("([0-9]{1,9})\\s*(\\p{L}*)");
  private static final int PERIOD_DAYS_MAX = 366 * 200;
  private static final Pattern BANDWIDTH =
      Pattern.compile("([0-9]+(?:\\.[0-9]+)?)\\s*([kMG]?)(bit|B)/s");
  private static final BigDecimal BANDWIDTH_LEAST = BigDecimal.valueOf(125);
  private static final BigDecimal BANDWIDTH_MOST = BigDecimal.valueOf(125_000_000_000L);
  private static final BigDecimal LONG_MAX = BigDecimal.valueOf(Long.MAX_VALUE);
  private static final Map<String, Long> NANOS = new HashMap<>();
  private static final Map<String, Long> OCTETS = new HashMap<>();

  static {
    List.of("ns", "nano", "nanos", "nanosecond", "nanoseconds").forEach(u -> NANOS.put(u, 1L));
    List.of("us", "µs", "micro", "micros", "microsecond", "microseconds")
        .forEach(u -> NANOS.put(u, 1_000L));
    List.of("ms", "milli", "millis", "millisecond", "milliseconds")
        .forEach(u -> NANOS.put(u, 1_000_000L));
    List.of("s", "second", "seconds").forEach(u -> NANOS.put(u, 1_000_000_000L));
    List.of("m", "minute", "minutes").forEach(u -> NANOS.put(u, 60_000_000_000L));
    List.of("h", "hour", "hours").forEach(u -> NANOS.put(u, 3_600_000_000_000L));
    List.of("d", "day", "days").forEach(u -> NANOS.put(u, 86_400_000_000_000L));
    List.of("w", "week", "weeks").forEach(u -> NANOS.put(u, 604_800_000_000_000L));

    List.of("B", "b", "byte", "bytes", "octet", "octets").forEach(u -> OCTETS.put(u, 1L));
    size("k", "kilo", "kibi", 1);
    size("m", "mega", "mebi", 2);
    size("g", "giga", "gibi", 3);
    size("t", "tera", "tebi", 4);
  }

  private Units() {}

  /// `MB` is a power of 1000; `MiB`, `Mi` and the letter alone are powers of 1024.
  private static void size(String letter, String decimal, String binary, int power) {
    String upper = letter.toUpperCase(Locale.ROOT);
    long thousands = BigDecimal.valueOf(1000).pow(power).longValueExact();
    long binaries = 1L << (10 * power);
    List.of(
            letter + "B",
            upper + "B",
            letter + "b",
            upper + "b",
            decimal + "byte",
            decimal + "bytes")
        .forEach(u -> OCTETS.put(u, thousands));
    List.of(letter, upper, upper + "i", upper + "iB", binary + "byte", binary + "bytes")
        .forEach(u -> OCTETS.put(u, binaries));
  }

  /// A duration as people write it, `2h` or `5 minutes`; empty when it is none.
  public static Optional<Duration> parse(String text) {
    return duration(text) instanceof Parsed.Good<Duration>(var value)
        ? Optional.of(value)
        : Optional.empty();
  }

  static Parsed<Duration> duration(String text) {
    Matcher quantity = QUANTITY.matcher(text.strip());
    if (!quantity.matches()) {
      return Parsed.bad(
          "is no duration", "write a number with a unit, as in \"5 minutes\" or \"30 s\"");
    }
    String number = quantity.group(1);
    String unit = quantity.group(2);
    if (unit.isEmpty() && new BigDecimal(number).signum() == 0) {
      return Parsed.good(Duration.ZERO);
    }
    if (unit.isEmpty()) {
      return Parsed.bad(
          "has no unit",
          "write \"" + number + " s\" if seconds are meant (units: ms, s, m, h, d, w)");
    }
    BigDecimal nanos = product(number, NANOS.get(unit));
    if (nanos == null) {
      return Parsed.bad(
          "has an unknown unit of time",
          "units are ms, s, m, h, d, w, or seconds, minutes, hours …");
    }
    return nanos.compareTo(LONG_MAX) > 0
        ? Parsed.bad("is too long", "write at most \"100000 days\"")
        : Parsed.good(Duration.ofNanos(nanos.longValue()));
  }

  /// Whole days, and years as the calendar has them: what laws speak of. A year of so many hours
  /// would end too early where more leap days fall into ten of them.
  static Parsed<Period> period(String text) {
    Matcher quantity = PERIOD.matcher(text.strip());
    if (!quantity.matches()) {
      return Parsed.bad(
          "is no number of days or years", "write one with a unit, as in \"10 years\"");
    }
    int number = Integer.parseInt(quantity.group(1));
    return switch (quantity.group(2)) {
      case "d", "day", "days" -> bounded(Period.ofDays(number), number);
      case "w", "week", "weeks" -> bounded(Period.ofWeeks(number), 7L * number);
      case "mo", "month", "months" -> bounded(Period.ofMonths(number), 31L * number);
      case "y", "year", "years" -> bounded(Period.ofYears(number), 366L * number);
      case "" -> Parsed.bad("has no unit", "write \"" + number + " days\" if days are meant");
      default ->
          Parsed.bad(
              "is no number of days", "units are d, w, mo, y, or days, weeks, months, years");
    };
  }

  private static Parsed<Period> bounded(Period period, long days) {
    if (days == 0) {
      return Parsed.bad("is too short", "write at least \"1 day\"");
    }
    return days > PERIOD_DAYS_MAX
        ? Parsed.bad("is too long", "write at most \"200 years\"")
        : Parsed.good(period);
  }

  /// A size as the file has them; empty: it is none.
  public static Optional<Long> octets(String text) {
    return size(text) instanceof Parsed.Good<Long>(var value)
        ? Optional.of(value)
        : Optional.empty();
  }

  static Parsed<Long> size(String text) {
    Matcher quantity = QUANTITY.matcher(text.strip());
    if (!quantity.matches()) {
      return Parsed.bad("is no size", "write a number with a unit, as in \"50 MB\" or \"512 KiB\"");
    }
    String number = quantity.group(1);
    String unit = quantity.group(2);
    BigDecimal octets = product(number, unit.isEmpty() ? Long.valueOf(1) : OCTETS.get(unit));
    if (octets == null) {
      return Parsed.bad(
          "has an unknown unit of size",
          "units are B, kB, MB, GB, TB (powers of 1000) and KiB, MiB, GiB, TiB (powers of 1024)");
    }
    return octets.compareTo(LONG_MAX) > 0
        ? Parsed.bad("is too large", "write at most \"8000000 TB\"")
        : Parsed.good(octets.longValue());
  }

  /// `1 Mbit/s` or `64 kB/s`, in octets a second.
  static Parsed<Long> bandwidth(String text) {
    Matcher quantity = BANDWIDTH.matcher(text.strip());
    if (!quantity.matches()) {
      return Parsed.bad("is no bandwidth", "write it as in \"1 Mbit/s\" or \"64 kB/s\"");
    }
    int power = " kMG".indexOf(quantity.group(2).isEmpty() ? " " : quantity.group(2));
    BigDecimal octets =
        new BigDecimal(quantity.group(1))
            .multiply(BigDecimal.valueOf(1000).pow(power))
            .divide(BigDecimal.valueOf(quantity.group(3).equals("bit") ? 8 : 1));
    if (octets.compareTo(BANDWIDTH_LEAST) < 0) {
      return Parsed.bad("is too little for any mail", "write at least \"1 kbit/s\"");
    }
    return octets.compareTo(BANDWIDTH_MOST) > 0
        ? Parsed.bad("is too much", "write at most \"1000 Gbit/s\", or remove it")
        : Parsed.good(octets.longValue());
  }

  private static @Nullable BigDecimal product(String number, @Nullable Long factor) {
    return factor == null ? null : new BigDecimal(number).multiply(BigDecimal.valueOf(factor));
  }

  /// In the largest unit that leaves a whole number: `5 minutes`.
  public static String show(Duration duration) {
    long millis = duration.toMillis();
    if (millis % 1000 != 0) {
      return millis + " ms";
    }
    long seconds = millis / 1000;
    if (seconds % 86_400 == 0 && seconds > 0) {
      return counted(seconds / 86_400, "day");
    }
    if (seconds % 3600 == 0 && seconds > 0) {
      return counted(seconds / 3600, "hour");
    }
    return seconds % 60 == 0 && seconds > 0 ? counted(seconds / 60, "minute") : seconds + " s";
  }

  private static String counted(long count, String unit) {
    return count + " " + unit + (count == 1 ? "" : "s");
  }

  /// In the largest decimal unit that leaves a whole number: `50 MB`.
  public static String show(long octets) {
    List<String> units = List.of("B", "kB", "MB", "GB", "TB");
    long rest = octets;
    int unit = 0;
    while (rest != 0 && rest % 1000 == 0 && unit < units.size() - 1) {
      rest /= 1000;
      unit++;
    }
    return rest + " " + units.get(unit);
  }
}
