package dev.poststation.server;

import dev.poststation.config.ClientRule;
import dev.poststation.intake.Admission;
import dev.poststation.intake.Arrival;
import dev.poststation.intake.DeviceCheck.Finding;
import dev.poststation.os.Time;
import dev.poststation.policy.Permit;
import dev.poststation.profile.Assessment;
import dev.poststation.profile.ContentFacts;
import dev.poststation.profile.HeaderFacts;
import dev.poststation.profile.Observation;
import dev.poststation.profile.Profiles;
import dev.poststation.profile.SessionFacts;
import dev.poststation.smtp.BodyType;
import dev.poststation.smtp.Command;
import dev.poststation.smtp.Line;
import dev.poststation.smtp.PolicyReplies;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Watches how a client speaks, and asks its profile whether it is the device that it always was,
/// where its entry says so: at MAIL as far as the session shows it, at the end of the content with
/// what the mail shows. Confined to the session's thread.
///
/// As long as nobody asks, it costs a few additions per command, and no memory.
final class DeviceWatch {
  /// Of the verbs before the first mail; more than these are not told apart.
  private static final int OPENING_MAX = 15;

  private static final String[] VERBS = {
    "", "EHLO", "HELO", "STARTTLS", "AUTH", "RSET", "NOOP", "XCLIENT", "XFORWARD", "other", "MAIL"
  };

  private static final String[] EHLO = {"EHLO", "ehlo", "Ehlo"};
  private static final String[] HELO = {"HELO", "helo", "Helo"};
  private static final String[] MAIL = {"MAIL", "mail", "Mail"};

  private final Client client;
  private final SessionReport report;
  private final Time time;
  private long greeted;
  private long untilHello = -1;
  private long opening;
  private int verbs;
  private boolean opened;
  private int helloSpelling;
  private int mailSpelling;
  private boolean waited;
  private boolean pipelining;
  private boolean bareNewlines;
  private @Nullable Watched watched;

  /// The mail under way, where its entry wants it to be watched.
  private static final class Watched {
    private final Permit permit;
    private final Profiles.Key key;
    private final boolean loggedIn;
    private Observation seen;
    private boolean complete;
    private boolean held;
    private Assessment found = Assessment.NOTHING;

    Watched(Permit permit, Profiles.Key key, boolean loggedIn, Observation seen) {
      this.permit = permit;
      this.key = key;
      this.loggedIn = loggedIn;
      this.seen = seen;
    }

    /// What is done about a mail that deviates. Who has logged in can be asked for nothing more.
    ClientRule.Profile action() {
      var said = permit.rule().profile();
      return said == ClientRule.Profile.STEP_UP && loggedIn ? ClientRule.Profile.REPORT : said;
    }

    String rule(ClientRule.Profile action, String why) {
      var rule = permit.rule();
      String origin = "\" (" + rule.origin() + "): ";
      return "profile = " + word(action) + " of client rule \"" + rule.name() + origin + why;
    }
  }

  DeviceWatch(Client client, SessionReport report, Time time) {
    this.client = client;
    this.report = report;
    this.time = time;
  }

  private static String word(ClientRule.Profile action) {
    return switch (action) {
      case OFF -> "off";
      case LEARN -> "learn";
      case REPORT -> "report";
      case HOLD -> "hold";
      case STEP_UP -> "step-up";
    };
  }

  /// We said who we are.
  void greeted() {
    greeted = time.nanos();
  }

  /// It is another client that speaks from now on.
  void begunAnew() {
    opening = 0;
    verbs = 0;
    opened = false;
    helloSpelling = 0;
  }

  /// The connection is read: what was said so far is answered.
  void waits() {
    waited = true;
  }

  /// The client said a command.
  void said(Command command, Line.Text line) {
    boolean ahead = !waited;
    waited = false;
    int verb =
        switch (command) {
          case Command.Hello said -> {
            if (untilHello < 0) {
              untilHello = time.nanos() - greeted;
            }
            helloSpelling = spelling(line);
            yield said.extended() ? 1 : 2;
          }
          case Command.Mail _ -> {
            mailSpelling = spelling(line);
            yield 10;
          }
          case Command.Rcpt _, Command.Data _, Command.Bdat _ -> {
            pipelining |= ahead;
            yield 0;
          }
          case Command.StartTls _ -> 3;
          case Command.Auth _ -> 4;
          case Command.Rset _ -> 5;
          case Command.Noop _ -> 6;
          case Command.Forwarded said -> said.xclient() ? 7 : 8;
          case Command.Quit _, Command.Vrfy _, Command.Expn _, Command.Help _ -> 9;
          case Command.Unknown _, Command.Invalid _ -> 9;
        };
    if (!opened && verb > 0 && verbs < OPENING_MAX) {
      opening = (opening << 4) | verb;
      verbs++;
    }
    opened |= verb == 10;
  }

  /// Capital letters 0, small ones 1, both 2.
  private static int spelling(Line.Text line) {
    int capitals = 0;
    for (int i = 0; i < 4 && i < line.length(); i++) {
      byte octet = line.buffer()[line.offset() + i];
      capitals += octet >= 'A' && octet <= 'Z' ? 1 : 0;
    }
    return capitals == 4 ? 0 : capitals == 0 ? 1 : 2;
  }

  /// A mail begins.
  ///
  /// @return why it may not, or null
  @Nullable Answer begin(Command.Mail command, Permit permit) {
    watched = null;
    pipelining = false;
    bareNewlines = false;
    var mode = permit.rule().profile();
    if (mode == ClientRule.Profile.OFF) {
      return null;
    }
    boolean loggedIn = client.known().user() != null;
    var key = permit.device(client.known());
    var mail =
        new Watched(permit, key, loggedIn, Observation.of(time.now(), session(command, permit)));
    if (mail.action() == ClientRule.Profile.STEP_UP) {
      if (permit.profiles().steppedUp(key)) {
        return Answer.refused(PolicyReplies.STEP_UP, "MAIL", mail.rule(mode, "it has to log in"));
      }
      mail.found = permit.profiles().judge(key, mail.seen);
      if (mail.found.deviates()) {
        tell(mail, mode);
        return Answer.refused(PolicyReplies.STEP_UP, "MAIL", mail.rule(mode, mail.found.text()));
      }
    }
    watched = mail;
    return null;
  }

  private SessionFacts session(Command.Mail command, Permit permit) {
    var hello = client.hello();
    boolean extended = hello != null && hello.extended();
    boolean direct = client.announced() == null && client.balancer() == null;
    var tls = client.tls();
    var identity = client.identity();
    String hardware =
        direct ? permit.profiles().neighbours().hardware(client.peer().getAddress()) : null;
    return new SessionFacts(
        client.helloName(),
        extended,
        openingWords(),
        (extended ? EHLO : HELO)[helloSpelling] + " " + MAIL[mailSpelling],
        direct && untilHello >= 0 ? Duration.ofNanos(untilHello) : null,
        hardware,
        tls == null ? null : tls.fingerprint() == null ? tls.protocol() : tls.fingerprint(),
        identity == null ? null : identity.mechanism().word(),
        parameters(command),
        command.from().toString());
  }

  private String openingWords() {
    var words = new StringBuilder(32);
    for (int i = verbs - 1; i >= 0; i--) {
      words.append(VERBS[(int) (opening >> (4 * i)) & 15]).append(i > 0 ? " " : "");
    }
    return words.toString();
  }

  private static String parameters(Command.Mail command) {
    var words = new StringBuilder(32);
    words.append(command.size() >= 0 ? "SIZE " : "");
    words.append(command.body() == BodyType.SEVEN_BIT ? "" : "BODY ");
    words.append(command.smtputf8() ? "SMTPUTF8 " : "");
    words.append(command.ret() == null ? "" : "RET ");
    words.append(command.envid() == null ? "" : "ENVID ");
    words.append(command.strayUsed() ? "stray space " : "");
    return words.toString().strip();
  }

  /// CR or LF stood alone in the content.
  void bareNewlines() {
    bareNewlines = true;
  }

  /// The content of a mail begins.
  void watch(Arrival arrival, Transaction transaction) {
    var mail = watched;
    if (mail != null) {
      arrival.watch((header, octets, held) -> judge(mail, transaction, header, octets, held));
    }
  }

  private @Nullable Finding judge(
      Watched mail, Transaction transaction, HeaderFacts header, long octets, boolean held) {
    var content =
        new ContentFacts(
            pipelining, bareNewlines, transaction.domains(), transaction.recipientCount(), octets);
    mail.seen = mail.seen.and(header, content);
    mail.complete = true;
    mail.held = held;
    var action = mail.action();
    if (action == ClientRule.Profile.LEARN) {
      return null;
    }
    mail.found = mail.permit.profiles().judge(mail.key, mail.seen);
    if (!mail.found.deviates()) {
      return null;
    }
    boolean refuse = action == ClientRule.Profile.STEP_UP;
    return new Finding(
        refuse ? PolicyReplies.STEP_UP : null,
        action == ClientRule.Profile.HOLD,
        mail.rule(action, mail.found.text()));
  }

  /// The mail is over: what was usual is learned, what was not is told.
  void over(Admission admission) {
    var mail = watched;
    watched = null;
    if (mail == null || !mail.complete) {
      return;
    }
    boolean taken = admission instanceof Admission.Queued;
    if (!mail.found.deviates()) {
      if (taken && !mail.held) { // What nobody has let in teaches nothing.
        mail.permit.profiles().learn(mail.key, mail.seen);
      }
    } else if (taken || mail.action() == ClientRule.Profile.STEP_UP) {
      tell(mail, mail.action());
    }
  }

  private void tell(Watched mail, ClientRule.Profile action) {
    boolean stepUp = action == ClientRule.Profile.STEP_UP;
    mail.permit.profiles().deviated(mail.key, mail.seen, mail.found, stepUp);
    report.deviated(mail.key, word(action), mail.found);
  }
}
