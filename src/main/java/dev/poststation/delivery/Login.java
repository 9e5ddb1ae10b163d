package dev.poststation.delivery;

import dev.poststation.config.Connector;
import dev.poststation.delivery.Introduction.Result.Refused;
import dev.poststation.delivery.Introduction.Then;
import dev.poststation.message.Outcome.Stage;
import dev.poststation.smtp.Capabilities;
import dev.poststation.smtp.Reply;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/// Logs in at a next hop (RFC 4954) with PLAIN (RFC 4616) or LOGIN; in clear only where the
/// connector has `tls = off`. Whatever fails here is the fault of the configuration, not of the
/// mail: deferred. Secrets do not reach the transcript, not even if the next hop repeats them.
/// Confined to one thread.
final class Login {
  /// RFC 4954 4: with more, the credentials wait for the 334.
  private static final int INITIAL_MAX = 500;

  private final Dialogue dialogue;
  private final Connector connector;
  private final Connector.Auth auth;
  private final Diagnosis diagnosis;

  Login(Dialogue dialogue, Connector connector, Connector.Auth auth, Diagnosis diagnosis) {
    this.dialogue = dialogue;
    this.connector = connector;
    this.auth = auth;
    this.diagnosis = diagnosis;
  }

  /// Logs in.
  ///
  /// @return empty when done, or why not
  Optional<Refused> run(Capabilities can) throws IOException {
    if (dialogue.tls() == null && connector.tls() != Connector.Tls.OFF) {
      return problem(
          Then.NEXT,
          "4.7.11",
          "the login of connector "
              + connector.name()
              + " is sent over TLS only, and there is none with host "
              + diagnosis.relay());
    }
    boolean plain = can.mechanisms().contains("PLAIN");
    if (!plain && !can.mechanisms().contains("LOGIN")) {
      return problem(
          Then.NEXT,
          "4.7.4",
          "host "
              + diagnosis.relay()
              + " offers no login by PLAIN or LOGIN, only: "
              + (can.mechanisms().isEmpty() ? "none" : String.join(" ", can.mechanisms())));
    }
    String password;
    try {
      password = auth.password().reveal();
    } catch (IOException e) {
      return problem(
          Then.STOP,
          "4.3.5",
          "the password of connector " + connector.name() + " cannot be read: " + e.getMessage());
    }
    Reply reply = plain ? plain(password) : login(password);
    if (reply.positive()) {
      return Optional.empty();
    }
    var outcome = diagnosis.of(Stage.HELLO, reply);
    // Other hosts know the same account: to ask them as well could only lock it.
    return problem(
        reply.permanentFailure() ? Then.STOP : Then.NEXT,
        outcome.status().toString(),
        "host "
            + diagnosis.relay()
            + " refused the login of connector "
            + connector.name()
            + " as "
            + auth.user()
            + ": "
            + reply);
  }

  private static Optional<Refused> problem(Then then, String status, String text) {
    return Optional.of(new Refused(Diagnosis.deferred(Stage.HELLO, status, text), then));
  }

  private Reply plain(String password) throws IOException {
    String credentials = encode("\0" + auth.user() + "\0" + password);
    if (credentials.length() <= INITIAL_MAX) {
      return ask("AUTH PLAIN " + credentials, "AUTH PLAIN ***", password, credentials);
    }
    Reply challenge = dialogue.ask("AUTH PLAIN", connector.timeouts().hello());
    return challenge.intermediate() ? ask(credentials, "***", password, credentials) : challenge;
  }

  private Reply login(String password) throws IOException {
    Reply challenge = dialogue.ask("AUTH LOGIN", connector.timeouts().hello());
    if (challenge.intermediate()) {
      String user = encode(auth.user());
      challenge = ask(user, "***", password, user);
    }
    if (challenge.intermediate()) {
      String secret = encode(password);
      return ask(secret, "***", password, secret);
    }
    return challenge;
  }

  private Reply ask(String command, String shown, String password, String encoded)
      throws IOException {
    return dialogue.askSecretly(
        command, shown, connector.timeouts().hello(), List.of(password, encoded));
  }

  private static String encode(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
