package dev.poststation.config;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/// A service that looks at mail, or changes it: an entry of `content`. Immutable.
///
/// @param name what log, trace and metrics call it
/// @param when for which mail it is; without a condition, for all
/// @param onError what becomes of a mail at which it fails
/// @param timeLimit how long it may take for a mail
/// @param retryAfter how long it is left alone after it did not answer
/// @param service what it does
public record ContentRule(
    String name,
    ContentConditions when,
    OnError onError,
    Duration timeLimit,
    Duration retryAfter,
    ContentService service,
    Origin origin) {
  /// What becomes of a mail at which a service fails.
  public enum OnError {
    /// The client is told to come back.
    DEFER,
    /// It goes on as if the service were not there.
    PASS,
    /// It is taken, and waits for an administrator.
    HOLD,
    /// It goes into the quarantine.
    QUARANTINE,
    /// It is refused for good.
    REJECT;

    /// As it is written in the file.
    public String word() {
      return Kinds.word(this);
    }
  }

  /// The services that there are.
  enum Use {
    /// [ContentService.Clamav].
    CLAMAV,
    /// [MilterService].
    MILTER,
    /// [ContentService.HeaderEdits].
    HEADER,
    /// [ListUnsubscribe].
    LIST_UNSUBSCRIBE,
    /// [SmimeService.Sign].
    SMIME_SIGN,
    /// [SmimeService.Encrypt].
    SMIME_ENCRYPT,
    /// [SmimeService.Decrypt].
    SMIME_DECRYPT,
    /// [SmimeService.Verify].
    SMIME_VERIFY,
    /// [OpenPgpService.Sign].
    OPENPGP_SIGN,
    /// [OpenPgpService.Encrypt].
    OPENPGP_ENCRYPT,
    /// [OpenPgpService.Decrypt].
    OPENPGP_DECRYPT,
    /// [OpenPgpService.Verify].
    OPENPGP_VERIFY,
    /// [ContentService.DkimSign].
    DKIM_SIGN,
    /// [ArcService].
    ARC_SEAL,
    /// [ContentService.Remember].
    REMEMBER,
    /// [RspamdService].
    RSPAMD,
    /// [SpamdService].
    SPAMD,
    /// [DisclaimerService].
    DISCLAIMER,
    /// [IcapService].
    ICAP,
    /// [AttachmentsService].
    ATTACHMENTS,
    /// [ArchiveService], [JournalService], [MaildirService], [MboxService], [S3Service].
    ARCHIVE,
    /// [MirrorService].
    MIRROR
  }

  /// Fixed names of services that this version cannot do yet.
  private static final String[] LATER = {"rewrite"};

  /// @param known what its conditions may name
  /// @param own our domains
  static ContentRule read(Section in, RouteConditions.Known known, List<String> own) {
    Use use =
        in.required(
            "use",
            Kinds.choice(Use.class, LATER),
            Use.CLAMAV,
            "clamav",
            """
            Which service: `milter` asks a filter that was made for Sendmail or Postfix;
            `clamav` asks a clamd whether there is malware in a mail, `icap` an ICAP
            server; `rspamd` asks an rspamd whether it is spam, `spamd` a SpamAssassin;
            `header` removes, replaces and adds fields of its header;
            `list-unsubscribe` gives bulk mail the fields by which its recipient gets rid of it;
            `attachments` looks for files that are not wanted;
            `disclaimer` puts a text into it;
            `archive` keeps a copy, or sends one to a journal mailbox;
            `mirror` sends a copy of outbound mail to a filter that learns from it;
            `remember` remembers to whom mail is written;
            `dkim-sign` signs mail by the keys of `dkim`;
            `arc-seal` seals what goes on to somebody else;
            `smime-sign` signs it by the key of its author, `smime-encrypt` encrypts it,
            `smime-decrypt` decrypts what is for us, `smime-verify` looks at signatures;
            `openpgp-sign`, `openpgp-encrypt`, `openpgp-decrypt` and `openpgp-verify` do the same by
            OpenPGP.
            """);
    Optional<String> name =
        in.optional(
            "name",
            Kinds.NAME,
            Standard.none("the word of `use`", "outbound-scan"),
            """
            What log, trace and metrics call it. Two entries with the same `use` need different ones.
            """);
    ContentConditions when =
        in.section(
            "for",
            """
            For which mail it is: all of what is written here must hold. Without any of it, for all
            mail. The words are those of `routes`, and some of its own.
            """,
            section -> ContentConditions.read(section, known, own));
    OnError onError =
        in.read(
            "on-error",
            Kinds.choice(OnError.class),
            "defer",
            """
            What becomes of a mail at which the service fails, or which it cannot look at in time:
            `defer` (451: the client comes back), `reject` (554), `hold` (it is taken, and waits for an
            administrator), `quarantine` (it is taken, and gone after `quarantine.keep` when nobody
            has released it; not for services that change, sign or encrypt mail, which would be
            released without that), or `pass` (it goes on as if the service were not there; not for
            services that decrypt or verify, nor for one by which mail must be encrypted). What
            becomes of the copy of `mirror` is never the business of the mail.
            """);
    Duration timeLimit =
        in.read(
            "time-limit",
            Kinds.duration("1 s", "10 minutes"),
            "1 minute",
            """
            How long it may take for one mail. The client waits so long for its answer; together the
            services should need less than the 10 minutes after which clients may give up (RFC 5321
            4.5.3.2.6).
            """);
    Duration retryAfter =
        in.read(
            "retry-after",
            Kinds.duration("1 s", "1 hour"),
            "30 s",
            """
            How long nobody asks it after it did not answer: `on-error` says what becomes of mail in
            the meantime, at once. Then one mail asks again, for all. Where it gives a sign of life,
            and says nothing about mail, that takes three mails in a row of different clients and
            senders, or ten of fewer.
            """);
    ContentService service =
        switch (use) {
          case CLAMAV -> ContentService.Clamav.read(in);
          case MILTER -> MilterService.read(in);
          case HEADER -> ContentService.HeaderEdits.read(in);
          case LIST_UNSUBSCRIBE -> ListUnsubscribe.read(in);
          case SMIME_SIGN -> SmimeService.Sign.read(in);
          case SMIME_ENCRYPT -> SmimeService.Encrypt.read(in, known.directories());
          case SMIME_DECRYPT -> new SmimeService.Decrypt();
          case SMIME_VERIFY -> SmimeService.Verify.read(in);
          case OPENPGP_SIGN -> OpenPgpService.Sign.read(in);
          case OPENPGP_ENCRYPT -> OpenPgpService.Encrypt.read(in);
          case OPENPGP_DECRYPT -> new OpenPgpService.Decrypt();
          case OPENPGP_VERIFY -> OpenPgpService.Verify.read(in);
          case DKIM_SIGN -> new ContentService.DkimSign();
          case ARC_SEAL -> ArcService.read(in);
          case REMEMBER -> new ContentService.Remember();
          case RSPAMD -> RspamdService.read(in);
          case SPAMD -> SpamdService.read(in);
          case DISCLAIMER -> DisclaimerService.read(in, known.directories());
          case ICAP -> IcapService.read(in);
          case ATTACHMENTS -> AttachmentsService.read(in);
          case ARCHIVE -> ArchiveService.read(in);
          case MIRROR -> MirrorService.read(in);
        };
    refuseError(in, service, onError);
    if (in.reading().documenting()) {
      MilterService.read(in);
      ContentService.HeaderEdits.read(in);
      ListUnsubscribe.read(in);
      SmimeService.Sign.read(in);
      SmimeService.Encrypt.read(in, known.directories());
      SmimeService.Verify.read(in);
      ArcService.read(in);
      RspamdService.read(in);
      SpamdService.read(in);
      DisclaimerService.read(in, known.directories());
      IcapService.read(in);
      AttachmentsService.read(in);
      ArchiveService.read(in);
      MirrorService.read(in);
    } else {
      misplaced(in, use);
    }
    boolean mirror = service instanceof MirrorService;
    return new ContentRule(
        isNamed(in) ? name.orElse(Kinds.word(use)) : "",
        mirror ? MirrorService.conditions(in, when) : when,
        mirror ? OnError.PASS : onError,
        timeLimit,
        retryAfter,
        service,
        in.origin());
  }

  private static void refuseError(Section in, ContentService service, OnError onError) {
    if (service instanceof MirrorService && onError != OnError.PASS && in.has("on-error")) {
      in.error(
          "on-error",
          in.path("on-error")
              + " is not for mirror: whatever becomes of the copy, the mail goes on",
          "remove it");
      return;
    }
    if (service instanceof AttachmentsService it
        && it.unreadable() == ContentService.TooLarge.PASS
        && onError == OnError.PASS) {
      in.warning(
          "unreadable",
          "attachments lets go on all that it cannot read (unreadable = pass) or look at in time"
              + " (on-error = pass): whoever makes a mail that is either sends what he likes",
          "write unreadable = hold, or on-error = defer");
    }
    boolean keeps = onError == OnError.HOLD || onError == OnError.QUARANTINE;
    boolean tells =
        service instanceof SealService.Decrypts || service instanceof SealService.Verifies;
    if (service instanceof KeepingService && keeps) {
      in.error(
          "on-error",
          "on-error = "
              + onError.word()
              + " of archive would let mail go out that is not in it, once it is released",
          "write defer, or pass if that is meant");
    }
    if (service instanceof SealService.Encrypts it && it.wish().must() && onError == OnError.PASS) {
      in.error(
          "on-error",
          "on-error = pass of a service by which mail must be encrypted (policy = always, tag,"
              + " tag-header) would let it go on in the clear",
          "write defer, reject, or hold");
    }
    if (tells && onError == OnError.PASS) {
      in.error(
          "on-error",
          "on-error = pass of a service that decrypts or verifies would let mail go on with what it"
              + " claims itself, in our name, of encryption and signatures",
          "write defer, reject, or hold");
    }
  }

  /// Whether it is known how an entry is called: it is not where `use` or `name` is wrong.
  private static boolean isNamed(Section in) {
    return in.has("name") ? !in.refused("name") : in.has("use") && !in.refused("use");
  }

  private static void misplaced(Section in, Use use) {
    var told = new TreeSet<String>();
    for (Use other : Use.values()) {
      for (String key : keys(other)) {
        if (in.has(key) && !keys(use).contains(key) && told.add(key)) {
          in.misplaced(key, "use = " + Kinds.word(use), "use = " + Kinds.word(other));
        }
      }
    }
  }

  private static List<String> keys(Use use) {
    return switch (use) {
      case CLAMAV -> ContentService.Clamav.KEYS;
      case MILTER -> MilterService.KEYS;
      case HEADER -> ContentService.HeaderEdits.KEYS;
      case LIST_UNSUBSCRIBE -> ListUnsubscribe.KEYS;
      case SMIME_SIGN -> SmimeService.Sign.KEYS;
      case SMIME_ENCRYPT -> SmimeService.Encrypt.KEYS;
      case SMIME_DECRYPT -> List.of();
      case SMIME_VERIFY -> SmimeService.Verify.KEYS;
      case OPENPGP_SIGN -> OpenPgpService.Sign.KEYS;
      case OPENPGP_ENCRYPT -> OpenPgpService.Encrypt.KEYS;
      case OPENPGP_DECRYPT -> List.of();
      case OPENPGP_VERIFY -> OpenPgpService.Verify.KEYS;
      case DKIM_SIGN -> List.of();
      case ARC_SEAL -> ArcService.KEYS;
      case REMEMBER -> List.of();
      case RSPAMD -> RspamdService.KEYS;
      case SPAMD -> SpamdService.KEYS;
      case DISCLAIMER -> DisclaimerService.KEYS;
      case ICAP -> IcapService.KEYS;
      case ATTACHMENTS -> AttachmentsService.KEYS;
      case ARCHIVE -> ArchiveService.KEYS;
      case MIRROR -> MirrorService.KEYS;
    };
  }

  /// What can only be seen of all entries together.
  static void check(Section in, List<ContentRule> rules) {
    var names = new TreeSet<String>();
    for (ContentRule rule : rules) {
      if (!rule.name.isEmpty() && !names.add(rule.name)) {
        in.reading()
            .problems()
            .error(
                rule.origin,
                "content has two entries with the name " + rule.name,
                "write name = … in one of them");
      }
    }
    new QuarantineCheck(in).check(rules);
    new ContentOrder(in.reading().problems()).check(rules);
    ContentWait.check(rules, in.reading().problems());
    ArchiveService.agree(rules, in.reading().problems());
    JournalService.agree(rules, in.reading().problems());
  }
}
