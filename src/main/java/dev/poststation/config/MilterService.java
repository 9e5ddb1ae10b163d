package dev.poststation.config;

import java.util.List;

/// Asks a milter: a filter that was made for Sendmail or Postfix. Immutable.
///
/// @param at where it listens; several are asked in turn
/// @param effect what it may do to mail
public record MilterService(List<ServicePoint> at, Effect effect) implements ContentService {
  static final List<String> KEYS = List.of("at", "effect");

  /// That of OpenDKIM: others have none either that is theirs alone.
  static final int PORT = 8891;

  public MilterService {
    at = List.copyOf(at);
  }

  static MilterService read(Section in) {
    List<ServicePoint> at = ContentService.at(in, PORT);
    Effect effect =
        in.read(
            "effect",
            Kinds.choice(Effect.class),
            "changes",
            """
            What a milter may do to mail: `changes`; `signs`, which is the same, but `check` says so
            when something behind it would break its signature; or `looks`: it may refuse, discard and
            quarantine, and what it wants to change is not done.
            """);
    return new MilterService(at, effect);
  }
}
