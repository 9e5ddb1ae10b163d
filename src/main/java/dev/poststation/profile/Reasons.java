package dev.poststation.profile;

import java.util.List;
import java.util.stream.Collectors;

/// Says in plain words what is new of a device. Pure functions.
final class Reasons {
  private static final String NONE = "none";

  private Reasons() {}

  static String of(Trait trait, Habit habit, List<String> values) {
    String now =
        values.stream()
            .filter(value -> !habit.knows(value))
            .map(trait::shown)
            .collect(Collectors.joining(", "));
    boolean never = habit.knows(NONE) && habit.counts().size() == 1;
    return switch (trait) {
      case TLS -> {
        if (now.equals(NONE)) {
          yield "it has always used TLS, and now it does not";
        }
        yield never
            ? "it has never used TLS, and now it does"
            : "the TLS fingerprint is new (" + now + ")";
      }
      case AUTH -> {
        if (now.equals(NONE)) {
          yield "it has always logged in, and now it does not";
        }
        yield never
            ? "it has never logged in, and now it does by " + now
            : "it logs in by " + now + " instead of " + habit.usual();
      }
      case MAILER -> {
        if (now.equals(NONE)) {
          yield "it has always said " + habit.usual() + " (X-Mailer), and now says nothing";
        }
        yield never
            ? "it has never said which program it is, and now says \"" + now + "\""
            : "it has always said " + habit.usual() + " (X-Mailer), and now says \"" + now + "\"";
      }
      case ORDER -> "the names or the order of its header fields are new";
      case PARAMETERS ->
          "it said MAIL with " + with(habit.usual()) + ", and now with " + with("\"" + now + "\"");
      case DOMAINS ->
          now.contains(", ")
              ? "the " + trait.words() + " " + now + " are new"
              : "the recipient domain " + now + " is new";
      case SENDER -> "the " + trait.words() + " " + now + " is new";
      default -> "the " + trait.words() + " was " + habit.usual() + ", and now is \"" + now + "\"";
    };
  }

  private static String with(String parameters) {
    return parameters.replace("\"\"", "no parameters");
  }
}
