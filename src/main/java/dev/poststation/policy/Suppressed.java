package dev.poststation.policy;

import dev.poststation.store.Ledger;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A recipient that is not tried. Immutable.
///
/// @param client for the mail of which entry of `clients`; `*`: for all
/// @param address in lower case
/// @param since when it came on the list
/// @param until when it leaves it; null: when an administrator says so
/// @param category that of the bounce; empty: an administrator put it there
/// @param text what was said
public record Suppressed(
    String client,
    String address,
    Instant since,
    @Nullable Instant until,
    String category,
    String text) {
  /// In place of a client: all of them.
  public static final String ALL = "*";

  private static final int TEXT_MAX = 300;

  public Suppressed {
    since = since.truncatedTo(ChronoUnit.SECONDS);
    until = until == null ? null : until.truncatedTo(ChronoUnit.SECONDS);
    text = text.length() > TEXT_MAX ? text.substring(0, TEXT_MAX) + "…" : text;
    if (!Ledger.fits(text)) {
      text = text.replaceAll("\\p{Cntrl}", " ");
    }
  }

  /// By what it is found.
  record Key(String client, String address) {}

  Key key() {
    return new Key(client, address);
  }

  boolean isOver(Instant now) {
    return until != null && !now.isBefore(until);
  }

  /// Whether an administrator put it there.
  public boolean byHand() {
    return category.isEmpty();
  }

  /// When, for a reply: a day.
  String day() {
    return since.atZone(ZoneOffset.UTC).toLocalDate().toString();
  }

  /// Until when, for people.
  String end() {
    return until == null
        ? "until it is lifted"
        : "until " + until.atZone(ZoneOffset.UTC).toLocalDate();
  }

  /// Why, for the log and for a bounce.
  String sentence() {
    return "suppressed since "
        + since
        + ' '
        + end()
        + (byHand() ? " by an administrator" : ", " + category)
        + (text.isEmpty() ? "" : ": " + text)
        + "; poststation suppress remove "
        + address
        + " lifts it";
  }

  /// As a line of a file.
  String line() {
    return String.join(
        "\t", client, address, since.toString(), until == null ? "-" : "" + until, category, text);
  }

  static Optional<Suppressed> parse(String line) {
    String[] words = line.split("\t", 6);
    if (words.length < 6 || words[1].indexOf('@') < 0) {
      return Optional.empty();
    }
    try {
      var until = words[3].equals("-") ? null : Instant.parse(words[3]);
      return Optional.of(
          new Suppressed(words[0], words[1], Instant.parse(words[2]), until, words[4], words[5]));
    } catch (DateTimeException _) {
      return Optional.empty();
    }
  }
}
