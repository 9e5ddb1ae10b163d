package dev.poststation.smtp;

import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/// By when a client wants its mail to be delivered (RFC 2852). Immutable.
///
/// @param seconds after MAIL; not above zero: the time is over, and its sender was told
/// @param returns whether it goes back to its sender then (`R`); if not, its sender is told, and it
///   is tried on (`N`)
/// @param trace whether its sender is told of each host that it is handed on to (`T`)
public record DeliverBy(long seconds, boolean returns, boolean trace) {
  /// Nine digits.
  public static final long SECONDS_MAX = 999_999_999;

  private static final Pattern VALUE = Pattern.compile("([+-]?[0-9]{1,9});([RN])(T?)");

  /// Reads the value of BY. With `R` a time that is over is none (RFC 2852 4).
  static Optional<DeliverBy> parse(String text) {
    var matcher = VALUE.matcher(text.toUpperCase(Locale.ROOT));
    if (!matcher.matches()) {
      return Optional.empty();
    }
    long seconds = Long.parseLong(matcher.group(1));
    boolean returns = matcher.group(2).equals("R");
    return returns && seconds <= 0
        ? Optional.empty()
        : Optional.of(new DeliverBy(seconds, returns, !matcher.group(3).isEmpty()));
  }

  /// The time itself.
  ///
  /// @param arrived when MAIL was accepted
  public Instant at(Instant arrived) {
    return arrived.plusSeconds(seconds);
  }

  /// As it stands in MAIL: `BY=3600;RT`.
  @Override
  public String toString() {
    return "BY=" + seconds + ";" + (returns ? "R" : "N") + (trace ? "T" : "");
  }
}
