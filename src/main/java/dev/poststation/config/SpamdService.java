package dev.poststation.config;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Asks a spamd (SpamAssassin) whether a mail is spam. Immutable.
///
/// @param at where it listens; several are asked in turn
/// @param user whose preferences hold; empty: its own
/// @param learn whether it is told that it erred
/// @param markAt from which score on a mail is marked; null: from what spamd calls spam
/// @param holdAt from which score on it waits for an administrator; null: from none
/// @param quarantineAt from which score on it is kept from its recipients; null: from none
/// @param rejectAt from which score on it is refused; null: from none
/// @param scores whether the header tells the score of all mail
/// @param tellKnown whether it is told of authors to whom the recipients have written
/// @param maxSize larger mail is not shown to it
public record SpamdService(
    List<ServicePoint> at,
    String user,
    boolean learn,
    @Nullable Double markAt,
    @Nullable Double holdAt,
    @Nullable Double quarantineAt,
    @Nullable Double rejectAt,
    boolean scores,
    boolean tellKnown,
    long maxSize,
    TooLarge tooLarge)
    implements ContentService {
  static final List<String> KEYS =
      List.of(
          "at",
          "user",
          "learn",
          "mark-at",
          "hold-at",
          "quarantine-at",
          "reject-at",
          "scores",
          "tell-known",
          "max-size",
          "too-large");

  static final int PORT = 783;

  private static final Kind<Double> SCORE =
      new Kind<>(
          "score",
          Kind.Form.WORD,
          (text, _) ->
              text.matches("-?[0-9]{1,5}(\\.[0-9]{1,3})?")
                  ? Parsed.good(Double.valueOf(text))
                  : Parsed.bad("is no score", "write a number, such as 6.5"));

  public SpamdService {
    at = List.copyOf(at);
  }

  @Override
  public Effect effect() {
    return Effect.HEADER;
  }

  static SpamdService read(Section in) {
    List<ServicePoint> at = ContentService.at(in, PORT);
    Optional<String> user =
        in.optional(
            "user",
            Kinds.NAME,
            Standard.none("those of spamd itself", "relay"),
            """
            Whose preferences spamd shall go by (as `spamc -u`).
            """);
    boolean learn =
        in.read(
            "learn",
            Kinds.FLAG,
            "off",
            """
            Whether spamd is told of mail that is none of what it was taken for (`poststation
            quarantine report`). It has to allow that: `spamd --allow-tell`.
            """);
    Optional<Double> markAt =
        in.optional(
            "mark-at",
            SCORE,
            Standard.none("what spamd calls spam: its `required_score`", "5"),
            """
            From which score on a mail goes on with `X-Spam-Flag: YES` and `X-Spam-Status: Yes, …`.
            """);
    Optional<Double> holdAt =
        in.optional(
            "hold-at",
            SCORE,
            Standard.none("none", "8"),
            """
            From which score on a mail is taken and waits for an administrator.
            """);
    Optional<Double> quarantineAt =
        in.optional(
            "quarantine-at",
            SCORE,
            Standard.none("none", "8"),
            """
            From which score on a mail is taken, and kept from its recipients for `quarantine.keep`.
            """);
    Optional<Double> rejectAt =
        in.optional(
            "reject-at",
            SCORE,
            Standard.none("none", "15"),
            """
            From which score on a mail is refused: 554 5.7.1.
            """);
    var service =
        new SpamdService(
            at,
            user.orElse(""),
            learn,
            markAt.orElse(null),
            holdAt.orElse(null),
            quarantineAt.orElse(null),
            rejectAt.orElse(null),
            ContentService.scores(in),
            ContentService.tellKnown(in),
            ContentService.maxSize(in, "500 KB"),
            TooLarge.read(in, TooLarge.PASS));
    service.check(in);
    return service;
  }

  private void check(Section in) {
    if (holdAt != null && rejectAt != null && holdAt > rejectAt) {
      in.warning(
          "hold-at",
          in.where() + ".hold-at is above reject-at, so that no mail is held",
          "write a score below that");
    }
    if (quarantineAt != null && rejectAt != null && quarantineAt > rejectAt) {
      in.warning(
          "quarantine-at",
          in.where() + ".quarantine-at is above reject-at, so that no mail comes there",
          "write a score below that");
    }
    if (holdAt != null && quarantineAt != null && holdAt >= quarantineAt) {
      in.warning(
          "hold-at",
          in.where() + ".hold-at is not below quarantine-at, so that no mail is held",
          "write a score below that");
    }
    var least = least(holdAt, least(quarantineAt, rejectAt));
    if (markAt != null && least != null && markAt > least) {
      in.warning(
          "mark-at",
          in.where() + ".mark-at is above what is held or refused, so that no mail is marked",
          "write a score below that");
    }
  }

  private static @Nullable Double least(@Nullable Double one, @Nullable Double other) {
    if (one == null || other == null) {
      return one == null ? other : one;
    }
    return Math.min(one, other);
  }
}
