package dev.poststation.dkim;

import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Where a key stands in its life, as it is kept on disk. Immutable.
///
/// @param selector under which its record stands
/// @param generation what it was made as; keys of several algorithms that were made together share
///   it
/// @param foreign whether the key itself is named in the configuration
/// @param made null: nobody knows
/// @param active since when it signs, or when it began to; null: not yet, or nobody knows
/// @param retired since when it does not sign any more
public record KeyEntry(
    String selector,
    Algorithm algorithm,
    String generation,
    boolean foreign,
    State state,
    @Nullable Instant made,
    @Nullable Instant active,
    @Nullable Instant retired) {
  private static final int WORDS = 8;

  /// The states of a key; one that is gone has none.
  public enum State {
    /// It is there, and is to be published before it signs.
    MADE,
    /// It signs.
    ACTIVE,
    /// It does not sign any more, and stays published for mail under way.
    RETIRED;

    /// As people and files have it.
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /// It signs from now on.
  KeyEntry activated(Instant now) {
    return new KeyEntry(selector, algorithm, generation, foreign, State.ACTIVE, made, now, null);
  }

  /// It does not sign any more.
  KeyEntry retired(Instant now) {
    return new KeyEntry(selector, algorithm, generation, foreign, State.RETIRED, made, active, now);
  }

  /// Since when it is what it is.
  public Optional<Instant> since() {
    return Optional.ofNullable(
        switch (state) {
          case MADE -> made;
          case ACTIVE -> active == null ? made : active;
          case RETIRED -> retired;
        });
  }

  /// As a line of the file.
  String line() {
    return String.join(
        " ",
        selector,
        algorithm.word(),
        generation,
        foreign ? "foreign" : "own",
        state.word(),
        text(made),
        text(active),
        text(retired));
  }

  private static String text(@Nullable Instant at) {
    return at == null ? "-" : at.toString();
  }

  /// Reads a line; empty when it is none.
  static Optional<KeyEntry> parse(String line) {
    String[] words = line.split(" ", -1);
    if (words.length != WORDS || !isName(words[0]) || !isName(words[2])) {
      return Optional.empty();
    }
    var algorithm = Algorithm.of(words[1]);
    boolean foreign = words[3].equals("foreign");
    if (algorithm.isEmpty() || (!foreign && !words[3].equals("own"))) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new KeyEntry(
              words[0],
              algorithm.get(),
              words[2],
              foreign,
              State.valueOf(words[4].toUpperCase(Locale.ROOT)),
              instant(words[5]),
              instant(words[6]),
              instant(words[7])));
    } catch (RuntimeException _) {
      return Optional.empty(); // No state, or no time.
    }
  }

  /// It becomes the name of a file.
  private static boolean isName(String text) {
    return text.matches("[A-Za-z0-9][A-Za-z0-9.-]{0,200}") && !text.contains("..");
  }

  private static @Nullable Instant instant(String text) {
    return text.equals("-") ? null : Instant.parse(text);
  }
}
