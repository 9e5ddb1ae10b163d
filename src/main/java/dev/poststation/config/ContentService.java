package dev.poststation.config;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;

/// What a service of `content` does, with its settings. Immutable.
public sealed interface ContentService
    permits ContentService.Clamav,
        MilterService,
        ListUnsubscribe,
        ContentService.HeaderEdits,
        SealService,
        ContentService.DkimSign,
        ArcService,
        ContentService.Remember,
        RspamdService,
        SpamdService,
        DisclaimerService,
        IcapService,
        AttachmentsService,
        KeepingService {
  /// What it may do to a mail.
  enum Effect {
    /// It only looks.
    LOOKS,
    /// It only looks, and learns from it: mail that a service before it refuses or keeps teaches
    /// nothing.
    LEARNS,
    /// It keeps a copy of mail that all services let go on.
    KEEPS,
    /// It changes fields of the header alone.
    HEADER,
    /// It changes the mail.
    CHANGES,
    /// It signs or encrypts what is in the mail: who changes that afterwards breaks it, but fields
    /// of the header are still free.
    SEALS,
    /// It signs the mail: whoever changes that afterwards breaks the signature.
    SIGNS
  }

  /// What it may do to a mail.
  Effect effect();

  /// Where a service listens.
  ///
  /// @param port its usual one
  static List<ServicePoint> at(Section in, int port) {
    var usual = new ServicePoint("127.0.0.1", port);
    List<ServicePoint> at =
        in.list(
            "at",
            port == MilterService.PORT ? ServicePoint.ofMilter(port) : ServicePoint.kind(port),
            Standard.computed(
                List.of(usual),
                usual.toString(),
                "its usual port on this machine: 8891 for `milter`, 3310 for `clamav`, 1344 for"
                    + " `icap`, 11333 for `rspamd`, 783 for `spamd`",
                "127.0.0.1:3310"),
            """
            Where the service listens: `host:port`, or `unix:/path` for a socket of this machine. With
            several each mail asks another one first, and the next where one does not answer.
            `inet:port@host` and `local:/path`, as milters write it, are understood too.
            """);
    in.refuseEmpty("at", at, "write where it listens, or leave the key out");
    return at;
  }

  /// Whether the header tells of the score.
  static boolean scores(Section in) {
    return in.read(
        "scores",
        Kinds.FLAG,
        "off",
        """
        Whether the header of mail that goes on has a field `X-Spam-Status` with score and symbols.
        Such fields that came with it are removed then.
        """);
  }

  /// Whether a service is told of authors to whom its recipients have written.
  static boolean tellKnown(Section in) {
    return in.read(
        "tell-known",
        Kinds.FLAG,
        "off",
        """
        Whether the service is told that all recipients of a mail have written to its author
        (`use = remember`): what is shown to it has the field `X-Known-Correspondent: yes` then.
        """);
  }

  /// What is not shown to a service that judges mail.
  static long maxSize(Section in, String standard) {
    return in.read(
        "max-size",
        Kinds.size("1 KB", "1 GB"),
        Standard.computed(
            Kinds.size("1 KB", "1 GB").standard(standard),
            standard,
            "100 MB for `icap`, 50 MB for `rspamd`, 500 KB for `spamd`",
            "5 MB"),
        """
        Mail that is larger is not shown to the service: `too-large` says what becomes of it.
        """);
  }

  /// Asks a clamd whether there is malware in a mail.
  ///
  /// @param at where it listens; several are asked in turn, and the next one where one is down
  /// @param tooLarge what becomes of a mail that is larger than clamd takes
  /// @param sizeSaid whether that was written
  record Clamav(List<ServicePoint> at, OnFound onFound, TooLarge tooLarge, boolean sizeSaid)
      implements ContentService {
    static final List<String> KEYS = List.of("at", "on-found", "too-large");

    static final int PORT = 3310;

    @Override
    public Effect effect() {
      return Effect.LOOKS;
    }

    public Clamav {
      at = List.copyOf(at);
    }

    static Clamav read(Section in) {
      List<ServicePoint> at = ContentService.at(in, PORT);
      return new Clamav(
          at, OnFound.read(in), TooLarge.read(in, TooLarge.REJECT), in.has("too-large"));
    }
  }

  /// What becomes of a mail in which something was found.
  enum OnFound {
    /// It is refused.
    REJECT,
    /// It is taken, and waits for an administrator.
    HOLD,
    /// It goes into the quarantine.
    QUARANTINE;

    static OnFound read(Section in) {
      return in.read(
          "on-found",
          Kinds.choice(OnFound.class),
          "reject",
          """
          What becomes of a mail with malware: `reject` (550 5.7.1: who hands it to us knows),
          `quarantine` (it is taken, and kept from its recipients for `quarantine.keep`), or `hold`
          (it is taken, and waits for an administrator). With `use = attachments`, for files
          that are not wanted, also `strip`: it goes on without them.
          """);
    }
  }

  /// What becomes of mail that is taken for spam.
  enum OnSpam {
    /// It is refused.
    REJECT,
    /// The client is told to come back.
    DEFER,
    /// It is taken, and waits for an administrator.
    HOLD,
    /// It goes into the quarantine.
    QUARANTINE,
    /// It goes on, with fields that say so.
    MARK,
    /// It goes on.
    PASS
  }

  /// What becomes of a mail that is too large to look at.
  enum TooLarge {
    /// It goes on.
    PASS,
    /// It is refused.
    REJECT,
    /// It is taken, and waits for an administrator.
    HOLD;

    /// @param standard to let malware pass unseen needs a word; spam does not
    static TooLarge read(Section in, TooLarge standard) {
      return in.read(
          "too-large",
          Kinds.choice(TooLarge.class),
          Standard.computed(
              standard,
              Kinds.word(standard),
              "`reject` for `clamav` and `icap`, `pass` for `rspamd` and `spamd`",
              "hold"),
          """
          What becomes of a mail that is larger than the service takes (for clamd its
          `StreamMaxLength`, 25 MB on Debian; else `max-size`): `pass` lets it go on, which the trace
          tells; `reject` refuses it (552 5.3.4); `hold` keeps it for an administrator.
          """);
    }
  }

  /// Removes, replaces and adds fields of the header.
  ///
  /// @param remove fields that do not go on
  /// @param replace fields of which the mail has this one afterwards, and no other of that name
  /// @param add fields that are put in front
  /// @param hideReceived whether the `Received` fields of the hops before us are removed
  /// @param privacy whether fields that tell about the sender's machine are removed
  record HeaderEdits(
      List<HeaderPattern> remove,
      List<Field> replace,
      List<Field> add,
      boolean hideReceived,
      boolean privacy)
      implements ContentService {
    static final List<String> KEYS =
        List.of("remove", "replace", "add", "hide-received", "privacy");

    @Override
    public Effect effect() {
      return Effect.HEADER;
    }

    public HeaderEdits {
      remove = List.copyOf(remove);
      replace = List.copyOf(replace);
      add = List.copyOf(add);
    }

    static HeaderEdits read(Section in) {
      List<HeaderPattern> remove =
          in.list(
              "remove",
              HeaderPattern.KIND,
              Standard.emptyList("none", "X-Originating-IP", "X-Spam-Flag: *"),
              """
              Fields that are removed: a name, or a name and what stands in it, where `*` is
              anything.
              """);
      List<Field> replace =
          in.list(
              "replace",
              Field.KIND,
              Standard.emptyList("none", "Organization: Example Ltd"),
              """
              Fields that take the place of all others of that name; where there is none, they are
              added.
              """);
      List<Field> add =
          in.list(
              "add",
              Field.KIND,
              Standard.emptyList("none", "X-Relayed-By: relay.example.com"),
              """
              Fields that are put in front of the mail.
              """);
      boolean hideReceived =
          in.read(
              "hide-received",
              Kinds.FLAG,
              "off",
              """
              Removes the `Received` fields of the hops before this relay, which tell names and
              addresses of the network inside. Ours stays (`hide-address` of a client makes it tell
              less). A field `X-Loop` with the `hostname` of this relay takes their place, by which
              a loop that leads through here is still seen; `limits.hops` no longer sees the hops
              before.
              """);
      boolean privacy =
          in.read(
              "privacy",
              Kinds.FLAG,
              "off",
              """
              Removes fields that tell about the machine, the program and the account of the sender
              (`X-Originating-IP`, `X-Mailer`, `User-Agent`, `X-Sender` …: the manual lists them).
              """);
      var edits = new HeaderEdits(remove, replace, add, hideReceived, privacy);
      boolean refused = KEYS.stream().anyMatch(in::refused);
      if (edits.isEmpty() && !refused && !in.reading().documenting()) {
        in.error(
            "use",
            in.where() + " changes nothing",
            "write what: remove, replace, add, hide-received = on, or privacy = on");
      }
      for (HeaderPattern pattern : remove) {
        edits.warn(in, pattern);
      }
      return edits;
    }

    /// RFC 5322 3.6: these must be there.
    private void warn(Section in, HeaderPattern pattern) {
      String name =
          switch (pattern.name()) {
            case "from" -> "From";
            case "date" -> "Date";
            default -> "";
          };
      boolean back =
          Stream.concat(replace.stream(), add.stream())
              .anyMatch(field -> field.name().equalsIgnoreCase(name));
      boolean any = pattern.value().isEmpty() || pattern.value().equals("*");
      if (!name.isEmpty() && any && !back) {
        in.warning(
            "remove",
            in.path("remove") + " removes " + name + ", which each mail must have (RFC 5322 3.6)",
            "take it out, or write another one into replace");
      }
    }

    private boolean isEmpty() {
      return remove.isEmpty() && replace.isEmpty() && add.isEmpty() && !hideReceived && !privacy;
    }
  }

  /// Signs mail by the domain of its author, by the keys of `dkim`.
  record DkimSign() implements ContentService {
    @Override
    public Effect effect() {
      return Effect.SIGNS;
    }
  }

  /// Remembers to whom mail is written, for services that judge the answers.
  record Remember() implements ContentService {
    @Override
    public Effect effect() {
      return Effect.LEARNS;
    }
  }

  /// A field as it is to stand in the header.
  ///
  /// @param name as it is written
  /// @param value behind the colon
  record Field(String name, String value) {
    /// RFC 5322 2.1.1, with some room.
    private static final int LINE_MAX = 900;

    static final Kind<Field> KIND =
        new Kind<>("header field", Kind.Form.QUOTED, (text, _) -> read(text));

    private static Parsed<Field> read(String text) {
      int colon = text.indexOf(':');
      String name = colon < 0 ? "" : text.substring(0, colon).stripTrailing();
      String value = text.substring(colon + 1).strip();
      if (name.isEmpty() || value.isEmpty() || !name.chars().allMatch(c -> c > ' ' && c < 127)) {
        return Parsed.bad(
            "is no header field", "write its name and its text: \"Organization: Example Ltd\"");
      }
      if (text.chars().anyMatch(c -> c < ' ' || c == 127)) {
        return Parsed.bad("has a line break or control character", "write it in one line");
      }
      return text.getBytes(StandardCharsets.UTF_8).length > LINE_MAX
          ? Parsed.bad("is too long", "write at most " + LINE_MAX + " octets")
          : Parsed.good(new Field(name, value));
    }

    /// The line, without its end.
    @Override
    public String toString() {
      return name + ": " + value;
    }
  }
}
