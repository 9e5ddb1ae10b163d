package dev.poststation.server;

import dev.poststation.config.ClientRule;
import dev.poststation.config.Tolerance;
import dev.poststation.log.Event;
import dev.poststation.log.Journal;
import dev.poststation.os.TlsFacts;
import dev.poststation.profile.Assessment;
import dev.poststation.profile.Profiles;
import dev.poststation.sasl.Mechanism;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.Command;
import dev.poststation.tls.Fingerprint;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Reports what happens in one session to the journal, except for the mails that it brings.
/// Confined to the session's thread.
final class SessionReport {
  private final Journal journal;
  private final String session;
  private final Client client;
  private Event.@Nullable Connected untold;

  SessionReport(Journal journal, String session, Client client) {
    this.journal = journal;
    this.session = session;
    this.client = client;
  }

  /// @param check whether it may be no more than a look whether we are well, which comes every few
  ///   seconds: then nothing is told unless something happens
  void connected(boolean check) {
    var listener = client.settings().listener();
    untold =
        new Event.Connected(
            session, listener.name(), listener.zone(), client.peer(), client.balancer());
    if (!check) {
      begun();
    }
  }

  /// It is more than such a look.
  void begun() {
    var connected = untold;
    untold = null;
    if (connected != null) {
      journal.report(connected);
    }
  }

  private void report(Event event) {
    begun();
    journal.report(event);
  }

  void secured(TlsFacts facts) {
    var chain = facts.peerChain();
    Event.Shown shown = null;
    if (!chain.isEmpty()) {
      var own = chain.getFirst();
      String subject = own.getSubjectX500Principal().getName();
      shown = new Event.Shown(Fingerprint.of(own), subject, facts.peerVerified());
    }
    report(
        new Event.Secured(session, client.peer(), facts.protocol(), facts.cipher(), shown, null));
  }

  void notSecured(String problem) {
    report(new Event.Secured(session, client.peer(), null, null, null, problem));
  }

  void announced(Announced all) {
    report(
        new Event.Announced(
            session,
            all.xclient() ? "xclient" : "xforward",
            all.by(),
            all.text(Command.Attribute.ADDR),
            all.text(Command.Attribute.PORT),
            all.text(Command.Attribute.NAME),
            all.text(Command.Attribute.HELO),
            all.text(Command.Attribute.PROTO),
            all.text(Command.Attribute.LOGIN),
            all.text(Command.Attribute.IDENT)));
  }

  void authenticated(Client.Identity who) {
    report(
        new Event.Authenticated(
            session, client.peer(), who.mechanism().word(), who.user(), who.label(), null));
  }

  /// @param user the claimed name, or empty
  void notAuthenticated(Mechanism mechanism, String user, String problem) {
    report(new Event.Authenticated(session, client.peer(), mechanism.word(), user, "", problem));
  }

  /// The client makes use of an exception.
  void tolerated(ClientRule entry, Tolerance what) {
    tolerated(entry.name(), what.word());
  }

  /// The client knew no better mechanism than LOGIN, which is counted for the entry that it has now
  /// (docs/adr/0013-auth-login.md). Whoever has none may not relay anyway.
  void usedLogin() {
    if (client.permit() != null) {
      tolerated(client.ruleName(), "auth-login");
    }
  }

  /// The same, by the words of the log.
  void tolerated(String entry, String what) {
    report(new Event.Tolerated(session, client.peer(), entry, what));
  }

  void rejected(Answer answer, @Nullable Address from, @Nullable Address to) {
    report(
        new Event.Rejected(
            session,
            client.peer(),
            client.ruleName(),
            answer.stage(),
            client.helloName(),
            from,
            to,
            answer.reply(),
            answer.rule()));
  }

  void deviated(Profiles.Key device, String action, Assessment found) {
    report(
        new Event.Deviated(
            session,
            client.peer(),
            device.client(),
            device.who(),
            action,
            found.score(),
            found.reasons()));
  }

  void disconnected(Ending how, String after, MailDialogue mail, int errors, Duration lasted) {
    if (untold != null && (how == Ending.CLOSED || how == Ending.QUIT)) {
      journal.report(new Event.Checked(untold.listener()));
      return;
    }
    report(
        new Event.Disconnected(
            session,
            client.peer(),
            how.word(),
            after,
            mail.queued(),
            mail.recipientsQueued(),
            errors,
            lasted));
  }
}
