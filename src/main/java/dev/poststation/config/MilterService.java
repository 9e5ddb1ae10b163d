package dev.poststation.config;

import java.util.List;

/// Asks a milter: a filter that was made for Sendmail or Postfix. Immutable.
///
/// @param at where it listens; several are asked in turn
/// @param may what it may do to mail
public record MilterService(List<ServicePoint> at, May may) implements ContentService {
  static final List<String> KEYS = List.of("at", "effect");

  /// That of OpenDKIM: others have none either that is theirs alone.
  static final int PORT = 8891;

  /// What a milter may do to mail: nobody but the administrator knows.
  public enum May {
    /// It looks; what it wants to change is not done.
    LOOKS,
    /// It changes the mail.
    CHANGES,
    /// It signs the mail.
    SIGNS
  }

  public MilterService {
    at = List.copyOf(at);
  }

  @Override
  public Effect effect() {
    return switch (may) {
      case LOOKS -> Effect.LOOKS;
      case CHANGES -> Effect.CHANGES;
      case SIGNS -> Effect.SIGNS;
    };
  }

  static MilterService read(Section in) {
    List<ServicePoint> at = ContentService.at(in, PORT);
    May may =
        in.read(
            "effect",
            Kinds.choice(May.class),
            "changes",
            """
            What a milter may do to mail: `changes`; `signs`, which is the same, but `check` says so
            when something behind it would break its signature; or `looks`: it may refuse, discard and
            quarantine, and what it wants to change is not done.
            """);
    return new MilterService(at, may);
  }
}
