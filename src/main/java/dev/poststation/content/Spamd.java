package dev.poststation.content;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.poststation.config.SpamdService;
import dev.poststation.dns.Resolver;
import dev.poststation.message.Hold;
import dev.poststation.message.Octets;
import dev.poststation.os.Connection;
import dev.poststation.os.Os;
import dev.poststation.smtp.ContentReplies;
import dev.poststation.smtp.PeerText;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Asks a spamd (SpamAssassin) for the score of a mail, by its protocol SPAMC: a request made like
/// one of HTTP, the mail behind it, and an answer alike. Safe for any thread.
final class Spamd implements Service, Learner {
  private static final int ANSWER_MAX = 64 * 1024;
  private static final byte[] PING = "PING SPAMC/1.5\r\n\r\n".getBytes(UTF_8);
  private static final String PROTOCOL = "SPAMD/";

  /// `True ; 1000.0 / 5.0`.
  private static final Pattern SPAM =
      Pattern.compile("(?i)(?:true|yes|false|no) *; *(-?[0-9.]{1,12}) */ *(-?[0-9.]{1,12})");

  private static final String FLAG = "X-Spam-Flag";
  private static final String STATUS = "X-Spam-Status";
  private static final String LEVEL = "X-Spam-Level";

  private final SpamdService settings;
  private final Call call;
  private final Correspondents correspondents;

  /// What it answered.
  ///
  /// @param required from which score on it calls a mail spam
  record Score(double score, double required, List<String> tests) {
    /// Such as `score=7.2 required=5.0 tests=A, B`.
    String status() {
      return "score=%s required=%s tests=%s"
          .formatted(score, required, tests.isEmpty() ? "none" : String.join(", ", tests));
    }
  }

  Spamd(SpamdService settings, Resolver resolver, Correspondents correspondents, Os os) {
    this.settings = settings;
    this.correspondents = correspondents;
    this.call = new Call(settings.at(), resolver, os, _ -> PING);
  }

  @Override
  public String describe() {
    return "spamd at " + call.places();
  }

  @Override
  public Optional<Finding> unasked(Message message, Facts facts) {
    return Finding.tooLarge(settings.tooLarge(), message, settings.maxSize());
  }

  @Override
  public Finding examine(Message message, Facts facts, Duration atMost) throws ServiceException {
    // SpamAssassin takes the sender of the envelope from where delivery leaves it.
    String sender = facts.sender().isNull() ? "" : facts.sender().toString();
    byte[] front = ("Return-Path: <" + Head.oneLine(sender) + ">\r\n").getBytes(UTF_8);
    var told = settings.tellKnown() ? correspondents.shown(message, facts.recipients()) : message;
    var shown = Octets.joined(List.of(Octets.of(front), told.octets()));
    String request =
        "SYMBOLS SPAMC/1.5\r\nContent-length: %d\r\n%s\r\n"
            .formatted(
                shown.size(), settings.user().isEmpty() ? "" : "User: " + settings.user() + "\r\n");
    return judged(call.make(atMost, (connection, _) -> ask(connection, request, shown)), message);
  }

  static Score ask(Connection connection, String request, Octets octets)
      throws IOException, ServiceException {
    var wire = new Wire(connection);
    wire.write(request);
    wire.write(octets);
    String line = wire.line();
    int status = Head.status(line, PROTOCOL);
    switch (status) {
      case 0 -> {}
      // sysexits(3), as spamd has them: it cannot now, whatever the mail is.
      case 69, 75 -> throw new UnableException("spamd says " + PeerText.of(line));
      default -> throw ServiceException.atThisMail("spamd says " + PeerText.of(line));
    }
    var head = Head.fields(wire, line, status);
    var spam = SPAM.matcher(head.fields().getOrDefault("spam", ""));
    if (!spam.matches()) {
      throw new IOException("spamd answers no score");
    }
    String tests = new String(head.body(wire, ANSWER_MAX), ISO_8859_1);
    return new Score(
        number(spam.group(1)),
        number(spam.group(2)),
        Arrays.stream(tests.split("[,\\s]+", -1))
            .filter(test -> !test.isEmpty())
            .map(PeerText::of)
            .toList());
  }

  private static double number(String text) throws IOException {
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw new IOException("spamd answers no score", e);
    }
  }

  @Override
  public String learnGood(Message message, Duration atMost) throws ServiceException {
    if (!settings.learn()) {
      throw ServiceException.atThisMail("learn is off, so spamd learns nothing");
    }
    var octets = message.octets();
    String user = settings.user().isEmpty() ? "" : "User: " + settings.user() + "\r\n";
    String request =
        "TELL SPAMC/1.5\r\nContent-length: %d\r\n%sMessage-class: ham\r\nSet: local\r\n\r\n"
            .formatted(octets.size(), user);
    return call.make(atMost, (connection, _) -> tell(connection, request, octets));
  }

  private static String tell(Connection connection, String request, Octets octets)
      throws IOException, ServiceException {
    var wire = new Wire(connection);
    wire.write(request);
    wire.write(octets);
    String line = wire.line();
    int status = Head.status(line, PROTOCOL);
    if (status != 0) {
      throw ServiceException.atThisMail("spamd has not learned it: " + PeerText.of(line));
    }
    var head = Head.fields(wire, line, status);
    return head.fields().containsKey("didset")
        ? "spamd has learned it as ham"
        : "spamd had learned it before";
  }

  private Finding judged(Score score, Message message) {
    String why =
        "spamd says score %s of %s%s"
            .formatted(
                score.score,
                score.required,
                score.tests.isEmpty() ? "" : ": " + String.join(", ", score.tests));
    if (reaches(score, settings.rejectAt())) {
      return new Finding.Refused(ContentReplies.SPAM, "reject-at: " + why);
    }
    boolean kept = reaches(score, settings.quarantineAt());
    boolean held = !kept && reaches(score, settings.holdAt());
    var markAt = settings.markAt();
    // Nobody gets what is kept, but when somebody has found that it is none.
    boolean spam = !kept && (held || score.score >= (markAt == null ? score.required : markAt));
    var edits = new FieldEdits(message);
    List.of(FLAG, STATUS, LEVEL).forEach(edits::remove); // Nobody else's are of use behind us.
    if (spam) {
      edits.add(FLAG, "YES", 0);
    }
    if (spam || settings.scores()) {
      edits.add(STATUS, (spam ? "Yes, " : "No, ") + score.status(), 0);
      String level = "*".repeat(Math.clamp((long) score.score, 0, 50));
      if (!level.isEmpty()) {
        edits.add(LEVEL, level, 0);
      }
    }
    if (kept) {
      return new Finding.Quarantined("quarantine-at: " + why, edits.apply());
    }
    if (held) {
      return new Finding.Held(Hold.by("hold-at", why), edits.apply());
    }
    return edits.isEmpty() ? new Finding.Unchanged(why) : new Finding.Changed(edits.apply(), why);
  }

  private static boolean reaches(Score score, @Nullable Double from) {
    return from != null && score.score >= from;
  }
}
