package dev.poststation.config;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Asks an rspamd whether a mail is spam. Immutable.
///
/// @param learnAt where it is told that it erred; empty: it is not
/// @param at where its normal worker listens; several are asked in turn
/// @param password what it wants to be told, or null
/// @param settingsId which of its settings hold; empty: it finds that out by itself
/// @param on what becomes of a mail by the action that rspamd names
/// @param scores whether the header tells score and symbols
/// @param tellKnown whether it is told of authors to whom the recipients have written
/// @param maxSize larger mail is not shown to it
public record RspamdService(
    List<ServicePoint> at,
    List<ServicePoint> learnAt,
    @Nullable Secret password,
    String settingsId,
    Map<Action, OnSpam> on,
    boolean scores,
    boolean tellKnown,
    long maxSize,
    TooLarge tooLarge)
    implements ContentService {
  static final List<String> KEYS =
      List.of(
          "at",
          "learn-at",
          "password",
          "settings-id",
          "on-reject",
          "on-soft-reject",
          "on-greylist",
          "on-rewrite-subject",
          "on-add-header",
          "scores",
          "tell-known",
          "max-size",
          "too-large");

  static final int PORT = 11_333;

  private static final int CONTROLLER_PORT = 11_334;

  /// What rspamd names, besides "no action".
  public enum Action {
    /// "reject".
    REJECT,
    /// "soft reject".
    SOFT_REJECT,
    /// "greylist".
    GREYLIST,
    /// "rewrite subject".
    REWRITE_SUBJECT,
    /// "add header".
    ADD_HEADER;

    /// As rspamd says it.
    public String words() {
      return Kinds.word(this).replace('-', ' ');
    }

    /// The key that says what becomes of it.
    public String key() {
      return "on-" + Kinds.word(this);
    }
  }

  public RspamdService {
    at = List.copyOf(at);
    learnAt = List.copyOf(learnAt);
    on = Map.copyOf(on);
  }

  @Override
  public Effect effect() {
    return Effect.HEADER;
  }

  static RspamdService read(Section in) {
    List<ServicePoint> at = ContentService.at(in, PORT);
    List<ServicePoint> learnAt =
        in.list(
            "learn-at",
            ServicePoint.kind(CONTROLLER_PORT),
            Standard.emptyList("it learns nothing", "127.0.0.1:11334"),
            """
            Where rspamd's controller listens, that is told of mail that is none of what it was taken
            for (`poststation quarantine report`): as `at`. It wants `password`, unless this machine
            is in its `secure_ip`.
            """);
    Optional<Secret> password =
        in.optional(
            "password",
            in.secret(),
            Standard.none("none is said", "file:/etc/poststation/rspamd.password"),
            """
            The password that rspamd wants, where its worker has one.
            """);
    Optional<String> settingsId =
        in.optional(
            "settings-id",
            Kinds.NAME,
            Standard.none("rspamd finds out by itself", "outbound"),
            """
            Which of rspamd's settings hold for this mail: the name of one of its `settings`.
            """);
    Map<Action, OnSpam> on = new EnumMap<>(Action.class);
    on.put(
        Action.REJECT,
        on(
            in,
            Action.REJECT,
            "reject",
            """
            What becomes of a mail for which rspamd says "reject": `reject` (554 5.7.1, in rspamd's
            words), `defer` (451 4.7.1), `hold` (it is taken, and waits for an administrator),
            `quarantine` (it is taken, and kept from its recipients for `quarantine.keep`), `mark`
            (it goes on with the field `X-Spam: Yes`), or `pass` (it goes on). What rspamd adds to its
            header, or removes, is done whenever it is taken.
            """));
    on.put(
        Action.SOFT_REJECT,
        on(
            in,
            Action.SOFT_REJECT,
            "defer",
            """
            The same for "soft reject", by which rspamd has a client come back: its rate limits say
            so, and its greylisting.
            """));
    on.put(
        Action.GREYLIST,
        on(
            in,
            Action.GREYLIST,
            "pass",
            """
            The same for "greylist", which is a hint: rspamd's own greylisting says "soft reject". With
            `defer` the client is told to come back (451 4.7.1); from five minutes after its first try
            on, the same mail from the same network passes.
            """));
    on.put(
        Action.REWRITE_SUBJECT,
        on(
            in,
            Action.REWRITE_SUBJECT,
            "mark",
            """
            The same for "rewrite subject"; `mark` also makes the subject the one that rspamd says.
            """));
    on.put(
        Action.ADD_HEADER,
        on(
            in,
            Action.ADD_HEADER,
            "mark",
            """
            The same for "add header".
            """));
    return new RspamdService(
        at,
        learnAt,
        password.orElse(null),
        settingsId.orElse(""),
        on,
        ContentService.scores(in),
        ContentService.tellKnown(in),
        ContentService.maxSize(in, "50 MB"),
        TooLarge.read(in, TooLarge.PASS));
  }

  private static OnSpam on(Section in, Action action, String standard, String doc) {
    return in.read(action.key(), Kinds.choice(OnSpam.class), standard, doc);
  }
}
