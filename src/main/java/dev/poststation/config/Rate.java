package dev.poststation.config;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// So many in a time: `60/hour`. Immutable.
///
/// @param unit the word for the time: `hour`
public record Rate(int count, String unit) {
  private static final Pattern FORM = Pattern.compile("\\s*([0-9]{1,7})\\s*/\\s*([a-z]+)\\s*");
  private static final Map<String, Duration> UNITS =
      Map.of(
          "second", Duration.ofSeconds(1),
          "minute", Duration.ofMinutes(1),
          "hour", Duration.ofHours(1),
          "day", Duration.ofDays(1));

  static Parsed<Rate> read(String text) {
    Matcher parts = FORM.matcher(text);
    if (!parts.matches() || !UNITS.containsKey(parts.group(2))) {
      return Parsed.bad(
          "is no rate", "write a number and second, minute, hour or day, as in \"60/hour\"");
    }
    int count = Integer.parseInt(parts.group(1));
    return count == 0
        ? Parsed.bad("lets nothing through", "write at least 1, or remove the entry")
        : Parsed.good(new Rate(count, parts.group(2)));
  }

  /// Reads rates that hold together: one, or a list.
  static List<Rate> all(Section in, String key, Standard<List<Rate>> standard, String doc) {
    List<Rate> rates = in.list(key, ClientKinds.RATE, standard, doc);
    Map<String, Rate> byUnit = new HashMap<>();
    for (Rate rate : rates) {
      var other = byUnit.putIfAbsent(rate.unit, rate);
      if (other != null) {
        in.error(
            key,
            in.path(key) + " has " + other + " and " + rate + ", two for one " + rate.unit,
            "remove one of them");
      }
    }
    return rates;
  }

  /// Whether a bucket of this rate, which fills evenly, is empty before one of the other ever is.
  boolean forestalls(Rate other) {
    return count <= other.count
        && count * other.per().toSeconds() <= other.count * per().toSeconds();
  }

  /// The time.
  public Duration per() {
    Duration time = UNITS.get(unit);
    if (time == null) {
      throw new IllegalArgumentException("no unit of a rate: " + unit);
    }
    return time;
  }

  /// As it is written in the file.
  @Override
  public String toString() {
    return count + "/" + unit;
  }
}
