package dev.poststation.policy;

import dev.poststation.config.OutbreakSettings.Action;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Somebody who is not itself any more. Immutable.
///
/// @param kind `client`, `user` or `sender`
/// @param client the entry of `clients` by which it came
/// @param name the address of the client, the user, or the address of the sender
/// @param since when it was noticed
/// @param until when it is over by itself; null: when an administrator says so
/// @param reason what was noticed
public record Outbreak(
    String kind,
    String client,
    String name,
    Action action,
    Instant since,
    @Nullable Instant until,
    String reason) {

  static Outbreak of(
      Subject who, String client, Action action, Instant now, Instant pause, String reason) {
    var since = now.truncatedTo(ChronoUnit.SECONDS);
    var until = action == Action.HOLD ? null : pause.truncatedTo(ChronoUnit.SECONDS);
    return new Outbreak(who.kind().word(), client, who.name(), action, since, until, reason);
  }

  Optional<Subject> subject() {
    return Subject.Kind.of(kind)
        .map(is -> new Subject(is, is == Subject.Kind.USER ? "" : client, name));
  }

  boolean isOver(Instant now) {
    return until != null && !now.isBefore(until);
  }

  /// Whether it goes on at another moment, as far as anybody knows now; null: now, when it does.
  boolean isAt(@Nullable Instant moment) {
    return moment == null || (!moment.isBefore(since) && !isOver(moment));
  }

  /// Whether people mean it by these words: its name, or that of its entry.
  boolean isCalled(String words) {
    return name.equalsIgnoreCase(words) || client.equals(words);
  }

  /// `user anna (client rule staff)`.
  public String who() {
    return kind + " " + name + " (client rule " + client + ")";
  }

  /// For the administrator, in one sentence.
  public String sentence() {
    String what =
        switch (action) {
          case OFF, REPORT -> "is told of";
          case THROTTLE -> "is refused until " + until;
          case HOLD -> "is held until poststation outbreak lift";
        };
    return "Outbreak since " + since + ": mail of " + who() + " " + what + ": " + reason;
  }

  /// As a line of a file; the name has no tabs.
  String line() {
    return String.join(
        "\t",
        kind,
        client,
        action.word(),
        since.toString(),
        "" + (until == null ? "-" : until),
        name,
        reason);
  }

  static Optional<Outbreak> parse(String line) {
    String[] words = line.split("\t", 7);
    if (words.length < 7 || Subject.Kind.of(words[0]).isEmpty()) {
      return Optional.empty();
    }
    try {
      var action = Action.valueOf(words[2].toUpperCase(Locale.ROOT));
      var until = words[4].equals("-") ? null : Instant.parse(words[4]);
      return Optional.of(
          new Outbreak(
              words[0], words[1], words[5], action, Instant.parse(words[3]), until, words[6]));
    } catch (DateTimeException | IllegalArgumentException _) {
      return Optional.empty();
    }
  }
}
