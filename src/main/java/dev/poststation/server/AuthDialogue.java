package dev.poststation.server;

import dev.poststation.account.Guard;
import dev.poststation.config.ListenerSettings;
import dev.poststation.config.Tolerance;
import dev.poststation.os.Binding;
import dev.poststation.os.Connection;
import dev.poststation.sasl.Channel;
import dev.poststation.sasl.Guess;
import dev.poststation.sasl.Mechanism;
import dev.poststation.sasl.Step;
import dev.poststation.sasl.UnavailableException;
import dev.poststation.smtp.AuthReplies;
import dev.poststation.smtp.Command;
import dev.poststation.smtp.Line;
import dev.poststation.smtp.Replies;
import dev.poststation.smtp.Reply;
import dev.poststation.smtp.SmtpReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The part of a session in which the client shows who it is: AUTH (RFC 4954). What it says there
/// is secret and goes into no log. Confined to the session's thread, which waits for whoever knows
/// the users.
final class AuthDialogue {
  private static final Logger LOG = LoggerFactory.getLogger(AuthDialogue.class);

  /// Never in clear: no device is so old that it knows tokens, but not TLS.
  private static final Set<Mechanism> TOKENS = EnumSet.of(Mechanism.OAUTHBEARER, Mechanism.XOAUTH2);

  private static final Set<Mechanism> PASSWORDS = EnumSet.of(Mechanism.PLAIN, Mechanism.LOGIN);

  private final Connection connection;
  private final Client client;
  private final SmtpReader reader;
  private final ReplyWriter writer;
  private final Patience patience;
  private final Logins logins;
  private final SessionReport report;
  private final Channel channel = new SessionChannel();
  private final List<Guess> guesses = new ArrayList<>(0);
  private final List<Guard.Mistake> mistakes = new ArrayList<>(0);
  private int failures;

  AuthDialogue(
      Connection connection,
      Client client,
      SmtpReader reader,
      ReplyWriter writer,
      Patience patience,
      Logins logins,
      SessionReport report) {
    this.connection = connection;
    this.client = client;
    this.reader = reader;
    this.writer = writer;
    this.patience = patience;
    this.logins = logins;
    this.report = report;
  }

  private final class SessionChannel implements Channel {
    @Override
    public String hostname() {
      return client.settings().hostname();
    }

    @Override
    public byte @Nullable [] binding(Binding kind) {
      return connection.binding(kind);
    }

    @Override
    public List<X509Certificate> peerChain() {
      return client.certificates();
    }
  }

  /// Whether the client could log in now.
  boolean possible() {
    return client.identity() == null
        && switchedOn()
        && (client.tls() != null || client.clearText() != null);
  }

  private boolean switchedOn() {
    return client.settings().listener().auth() != ListenerSettings.Auth.OFF && logins.possible();
  }

  /// What EHLO offers: nothing in clear, lest a password be sent so, unless that is tolerated.
  List<Mechanism> offered() {
    if (!possible()) {
      return List.of();
    }
    var all = logins.offered(channel);
    return client.tls() != null
        ? all
        : all.stream().filter(mechanism -> !TOKENS.contains(mechanism)).toList();
  }

  /// AUTH.
  ///
  /// @param withinMail whether a mail is under way
  Answer auth(Command.Auth said, boolean withinMail) throws IOException {
    var refusal = refusal(withinMail);
    if (refusal != null) {
      return refusal;
    }
    var mechanism = Mechanism.of(said.mechanism()).filter(offered()::contains);
    if (mechanism.isEmpty()) {
      return Answer.refused(AuthReplies.MECHANISM, "AUTH", "the mechanism is not offered");
    }
    byte[] initial = null;
    if (said.initial() != null) {
      initial = said.initial().equals("=") ? new byte[0] : decoded(said.initial());
      if (initial == null) {
        return malformed(mechanism.get(), "not BASE64");
      }
    }
    var exception = client.tls() == null ? client.clearText() : null;
    if (exception != null && PASSWORDS.contains(mechanism.get())) {
      report.tolerated(exception, Tolerance.CLEAR_TEXT_PASSWORD);
    }
    var attempt = logins.attempt(mechanism.get(), channel, peer());
    try {
      return converse(mechanism.get(), attempt, initial);
    } catch (UnavailableException e) {
      LOG.info("A client cannot log in now: {}", e.getMessage());
      if (attempt.guarded().askedInVain()) {
        // As if nobody had asked.
        var passage = attempt.guarded().passage("");
        return refused(mechanism.get(), attempt, passage);
      }
      if (attempt.guarded().unanswered()) {
        var passage = attempt.guarded().passage("");
        pause(logins.delayInOutage(passage, attempt.guarded().took()));
        logins.unanswered(passage);
      }
      return Answer.refused(AuthReplies.UNAVAILABLE, "AUTH", String.valueOf(e.getMessage()));
    } finally {
      attempt.guarded().answered();
    }
  }

  /// Why the user whom a proxy names may send nothing now, or null. He has not logged in here, but
  /// whoever is disabled is out on every way.
  @Nullable Answer shutOut() {
    String user = client.login();
    if (user.isEmpty() || client.identity() != null) {
      return null;
    }
    try {
      return logins.disabled(user)
          ? Answer.refused(
              AuthReplies.DISABLED,
              "MAIL",
              "user " + user + " is disabled in the users file, and named by XCLIENT")
          : null;
    } catch (UnavailableException e) {
      return Answer.refused(AuthReplies.UNAVAILABLE, "MAIL", String.valueOf(e.getMessage()));
    }
  }

  private @Nullable Answer refusal(boolean withinMail) {
    if (!switchedOn()) {
      return Answer.refused(AuthReplies.NOT_OFFERED, "AUTH", "not offered");
    }
    if (client.identity() != null) {
      return sequence(AuthReplies.TWICE);
    }
    if (withinMail) {
      return sequence(AuthReplies.WITHIN_MAIL);
    }
    if (client.tls() == null && client.clearText() == null) {
      return Answer.refused(AuthReplies.IN_CLEAR, "AUTH", "the connection is not encrypted");
    }
    var hello = client.hello();
    return hello == null || !hello.extended() ? sequence(AuthReplies.AFTER_EHLO) : null;
  }

  private static Answer sequence(Reply reply) {
    return Answer.refused(reply, "AUTH", "sequence of commands");
  }

  private Answer converse(Mechanism mechanism, Logins.Attempt attempt, byte @Nullable [] initial)
      throws IOException, UnavailableException {
    patience.working();
    var standing = logins.standing();
    var exchange = attempt.exchange();
    Step step = exchange.begin(initial);
    while (step instanceof Step.Challenge(byte[] octets)) {
      writer.add(AuthReplies.challenge(octets));
      patience.command();
      Line line = reader.readAnswer();
      switch (line) {
        case Line.Text text -> {
          if (isCancel(text)) {
            return failed(
                Answer.refused(AuthReplies.CANCELLED, "AUTH", mechanism.word() + ": cancelled"));
          }
          byte[] answer = decoded(text);
          if (answer == null) {
            return malformed(mechanism, "not BASE64");
          }
          patience.working();
          step = exchange.answer(answer);
        }
        case Line.TooLong _ -> {
          return failed(
              Answer.refused(AuthReplies.LINE_TOO_LONG, "AUTH", "a line of 12288 octets"));
        }
        case Line.BareNewline _ -> {
          return Answer.last(Replies.LINE_BARE_NEWLINE, "AUTH", "syntax", Ending.BROKEN);
        }
        case Line.End _ -> throw new EOFException("the client went away while it logged in");
      }
    }
    return switch (step) {
      case Step.Success(var login, var said) -> {
        var who = new Client.Identity(login, mechanism, standing);
        client.authenticated(who);
        logins.succeeded(attempt.guarded().passage(said), login, mistakes);
        report.authenticated(who);
        if (mechanism == Mechanism.LOGIN) {
          report.usedLogin();
        }
        yield Answer.done(AuthReplies.SUCCEEDED);
      }
      case Step.Failure failure when failure.malformed() -> malformed(mechanism, failure.reason());
      case Step.Failure failure -> {
        var passage = attempt.guarded().passage(failure.user());
        if (passage.looked()) {
          report.notAuthenticated(mechanism, failure.user(), failure.reason());
        }
        yield refused(mechanism, attempt, passage);
      }
      case Step.Challenge _ -> throw new IllegalStateException("asked further above");
    };
  }

  /// The reply to a failure, when its time has come. It counts then, and not when the look at the
  /// password has ended: a second session would see by the counters when that was. Who goes away
  /// meanwhile has failed as well.
  private Answer refused(Mechanism mechanism, Logins.Attempt attempt, Guard.Passage passage)
      throws IOException {
    // It was counted before; what nobody looked at as there was no turn was not.
    boolean again = !passage.crowded() && again(attempt.exchange().guess());
    pause(logins.delay(passage, again, attempt.guarded().took()));
    if (again) {
      // It is counted.
    } else if (PASSWORDS.contains(mechanism)) {
      logins.failed(passage);
    } else {
      mistakes.add(logins.failedSoFar(passage));
    }
    var answer =
        passage.blocked()
            ? Answer.refused(AuthReplies.BLOCKED, "AUTH", why(passage))
            : Answer.refused(AuthReplies.FAILED, "AUTH", ""); // It is in the log, with the name.
    // Who had no turn is no robot for that: he may come again in this session.
    return again || passage.crowded() ? answer : failed(answer);
  }

  private static String why(Guard.Passage passage) {
    return passage.crowded()
        ? "many logins of this user, or from this address, are under way"
        : "too many failed logins; blocked for "
            + Math.max(1, passage.left().toSeconds())
            + " s more";
  }

  private void pause(Duration delay) throws IOException {
    patience.working();
    try {
      logins.pause(delay);
    } catch (InterruptedException e) {
      throw new InterruptedIOException(e.getMessage()); // The relay ends.
    }
  }

  /// Whether it is one that failed already in this session, by another mechanism: as often as there
  /// are mechanisms, it counts once.
  private boolean again(@Nullable Guess guess) {
    if (guess == null) {
      return false;
    }
    var same = guesses.stream().filter(guess::repeats).findAny();
    boolean tried = guesses.stream().anyMatch(guess::sameMechanism);
    guesses.add(logins.kept(guess));
    return same.isPresent() && !tried;
  }

  private InetAddress peer() {
    return client.peer().getAddress();
  }

  private Answer malformed(Mechanism mechanism, String reason) {
    return failed(Answer.refused(AuthReplies.SYNTAX, "AUTH", mechanism.word() + ": " + reason));
  }

  private Answer failed(Answer answer) {
    failures++;
    return failures < client.settings().limits().authFailures()
        ? answer
        : Answer.last(AuthReplies.TOO_MANY_FAILURES, "AUTH", "limits.auth-failures", Ending.LOGINS);
  }

  private static boolean isCancel(Line.Text text) {
    return text.length() == 1 && text.buffer()[text.offset()] == '*'; // RFC 4954 4
  }

  private static byte @Nullable [] decoded(Line.Text text) {
    int from = text.offset();
    return decoded(new String(text.buffer(), from, text.length(), StandardCharsets.ISO_8859_1));
  }

  private static byte @Nullable [] decoded(String base64) {
    try {
      return Base64.getDecoder().decode(base64);
    } catch (IllegalArgumentException _) {
      return null; // Its message would show what was said.
    }
  }
}
