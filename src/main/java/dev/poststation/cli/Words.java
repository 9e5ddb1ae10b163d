package dev.poststation.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.poststation.os.FileFault;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/// Numbers and times as people read them. Pure functions.
final class Words {
  private Words() {}

  /// Why a file cannot be read, as a clause: for one that is not there Java says its name alone.
  static String why(Exception e) {
    return e instanceof IOException io ? FileFault.why(io) : String.valueOf(e.getMessage());
  }

  /// `1 mail`, `2 mails`.
  static String count(long count, String word) {
    return count + " " + word + (count == 1 ? "" : "s");
  }

  /// In UTC, as traces have it: `2026-11-24 08:17:47.546`.
  static String time(Instant time) {
    return time.truncatedTo(ChronoUnit.MILLIS).toString().replace('T', ' ').replace("Z", "");
  }

  /// The same of a time in JSON, without a fraction that is none.
  static String time(JsonNode time) {
    return time.asText().replace('T', ' ').replaceFirst("(\\.0+)?Z$", "");
  }

  /// How long ago or ahead, in two units at most: `3 d 4 h`, `12 s`.
  static String span(Instant from, Instant to) {
    long seconds = Math.max(0, Duration.between(from, to).toSeconds());
    if (seconds < 60) {
      return seconds + " s";
    }
    if (seconds < 3600) {
      return seconds / 60 + " m " + seconds % 60 + " s";
    }
    return seconds < 86_400
        ? seconds / 3600 + " h " + seconds % 3600 / 60 + " m"
        : seconds / 86_400 + " d " + seconds % 86_400 / 3600 + " h";
  }

  /// Octets, rounded: `3.4 kB`.
  static String size(long octets) {
    String[] units = {"B", "kB", "MB", "GB", "TB"};
    double rest = octets;
    int unit = 0;
    while (rest >= 1000 && unit < units.length - 1) {
      rest /= 1000;
      unit++;
    }
    return unit == 0 ? octets + " B" : Math.round(rest * 10) / 10.0 + " " + units[unit];
  }

  /// A text that strangers wrote, safe for a terminal.
  static String shown(String text) {
    var out = new StringBuilder(text.length());
    text.codePoints()
        .map(
            point ->
                switch (Character.getType(point)) {
                  case Character.CONTROL, Character.FORMAT, Character.SURROGATE -> '?';
                  default -> point;
                })
        .forEach(out::appendCodePoint);
    return out.toString();
  }

  /// The beginning of a text, where it is too long: whole words, if there is more than one.
  ///
  /// @param most so many chars, the three dots with them
  static String cut(String text, int most) {
    if (text.length() <= most) {
      return text;
    }
    int end = most - 3;
    int gap = text.lastIndexOf(' ', end);
    if (gap > end / 3) {
      end = gap;
    } else if (Character.isLowSurrogate(text.charAt(end))) {
      end--;
    }
    return text.substring(0, end).replaceFirst("[\\s,;:]+$", "") + "...";
  }

  /// Texts of a JSON list, divided by commas.
  static String list(JsonNode texts) {
    return StreamSupport.stream(texts.spliterator(), false)
        .map(JsonNode::asText)
        .collect(Collectors.joining(", "));
  }

  /// An address in brackets, the null sender included.
  static String address(String address) {
    return shown("<" + address + ">");
  }
}
