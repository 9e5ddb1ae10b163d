package dev.poststation.log;

import dev.poststation.message.QueueId;
import dev.poststation.os.IpText;
import dev.poststation.smtp.Address;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.time.ZoneId;
import org.jspecify.annotations.Nullable;

/// Lines as Postfix's programs write them by way of syslog, so that what reads Postfix's log
/// (pflogsumm, fail2ban) reads ours. What Postfix has no line for is left out or put in words that
/// no parser takes for something else. Safe for any thread.
final class PostfixForm implements Form {
  /// In brackets after smtpd stands a number made of the session's name: parsers pair connect and
  /// disconnect by it.
  private static final int SESSION_NUMBERS = 4_194_304;

  private final Timestamps timestamps;
  private final String host;
  private final long pid;

  /// @param hostname our name; its first label stands in each line, as syslog has it
  /// @param pid what stands in brackets where no session is meant
  PostfixForm(String hostname, ZoneId zone, long pid) {
    this.timestamps = Timestamps.syslog(zone);
    int dot = hostname.indexOf('.');
    this.host = dot > 0 ? hostname.substring(0, dot) : hostname;
    this.pid = pid;
  }

  @Override
  public void write(StringBuilder out, Event event, Instant time) {
    switch (event) {
      case Event.Connected e -> {
        smtpd(out, time, e.session());
        client(out.append("connect from "), e.client()).append('\n');
      }
      case Event.Checked _ -> {}
      case Event.Secured e -> secured(out, e, time);
      case Event.Authenticated e -> authenticated(out, e, time);
      case Event.Tolerated _ -> {} // It has no exceptions of this kind.
      case Event.Announced _ -> {} // Postfix says nothing of it either.
      case Event.Disconnected e -> disconnected(out, e, time);
      case Event.Rejected e -> rejected(out, e, time);
      case Event.Queued e -> queued(out, e, time);
      case Event.Attempted e -> attempted(out, e, time);
      case Event.Noticed e -> noticed(out, e, time);
      case Event.Administered e -> administered(out, e, time);
      case Event.Quarantined e -> quarantined(out, e, time);
      case Event.Inspected e ->
          masked(
                  line(out, time, "cleanup", e.id())
                      .append("content: ")
                      .append(e.service())
                      .append(": ")
                      .append(e.result())
                      .append(" ("),
                  e.text())
              .append(")\n");
      case Event.Removed e -> line(out, time, "qmgr", e.id()).append("removed\n");
      case Event.Deviated e -> deviated(out, e, time);
      case Event.LoginsBlocked e -> blocked(out, e, time);
      case Event.Outbreak e -> {
        program(out, time, "anvil", pid);
        masked(out.append("warning: outbreak of ").append(e.kind()).append(' '), e.name());
        masked(out.append(": ").append(e.action()).append(" ("), e.text()).append(")\n");
      }
      case Event.Suppressed e -> {
        program(out, time, "anvil", pid);
        masked(out.append("suppression list: "), e.address());
        masked(out.append(' ').append(e.action()).append(" ("), e.text()).append(")\n");
      }
      case Event.TokenChanged e -> {
        program(out, time, "qmgr", pid);
        masked(out.append("connector ").append(e.connector()).append(" of "), e.user());
        String problem = e.problem();
        masked(
                out.append(problem == null ? " resumed (" : " paused ("),
                problem == null ? "there is a token again" : "no token: " + problem)
            .append(")\n");
      }
      case Event.DestinationChanged e -> {
        program(out, time, "qmgr", pid);
        out.append("destination ").append(e.destination());
        masked(out.append(e.until() == null ? " resumed (" : " suspended ("), e.text())
            .append(")\n");
      }
      case Event.SourceChanged e -> {
        program(out, time, "qmgr", pid);
        out.append("source ").append(IpText.of(e.address())).append(' ').append(e.state());
        var text = e.text();
        if (text != null) {
          masked(out.append(" ("), text).append(')');
        }
        out.append('\n');
      }
      case Event.TlsReported e -> {
        program(out, time, "tls-report", pid);
        out.append("domain=").append(e.domain()).append(", day=").append(e.day());
        masked(out.append(", to="), e.to()).append(", status=").append(e.status());
        var text = e.text();
        if (text != null) {
          masked(out.append(" ("), text).append(')');
        }
        out.append('\n');
      }
      case Event.ServiceChanged e -> {
        program(out, time, "cleanup", pid);
        masked(
                out.append("service ")
                    .append(e.service())
                    .append(e.up() ? " resumed (" : " suspended ("),
                e.text())
            .append(")\n");
      }
      case Event.HostChanged e -> {
        program(out, time, "qmgr", pid);
        out.append("host ").append(e.host()).append(" of ").append(e.destination());
        masked(out.append(e.probe() == null ? " resumed (" : " suspended ("), e.text())
            .append(")\n");
      }
    }
  }

  @Override
  public void dropped(StringBuilder out, long lines, Instant time) {
    program(out, time, "postlogd", pid);
    out.append("warning: ").append(lines).append(" lines of the log are missing here\n");
  }

  private void secured(StringBuilder out, Event.Secured e, Instant time) {
    smtpd(out, time, e.session());
    if (e.problem() == null) {
      var shown = e.certificate();
      out.append(shown == null ? "Anonymous" : shown.verified() ? "Trusted" : "Untrusted");
      client(out.append(" TLS connection established from "), e.client());
      out.append(": ").append(e.protocol()).append(" with cipher ").append(e.cipher());
    } else {
      client(out.append("SSL_accept error from "), e.client()).append(": ");
      masked(out, e.problem());
    }
    out.append('\n');
  }

  /// Postfix has no line for a login that succeeds: the line with client= of each mail shows it.
  private void authenticated(StringBuilder out, Event.Authenticated e, Instant time) {
    var problem = e.problem();
    if (problem == null) {
      return;
    }
    smtpd(out, time, e.session());
    client(out.append("warning: "), e.client()).append(": SASL ").append(e.mechanism());
    masked(out.append(" authentication failed: "), problem);
    if (!e.user().isEmpty()) {
      masked(out.append(", sasl_username="), e.user());
    }
    out.append('\n');
  }

  private void disconnected(StringBuilder out, Event.Disconnected e, Instant time) {
    var fault = fault(e.how());
    if (fault != null) {
      smtpd(out, time, e.session());
      masked(out.append(fault).append(" after "), e.after());
      client(out.append(" from "), e.client()).append('\n');
    }
    smtpd(out, time, e.session());
    client(out.append("disconnect from "), e.client());
    out.append(" mail=").append(e.mails()).append(" rcpt=").append(e.recipients()).append('\n');
  }

  private static @Nullable String fault(String how) {
    return switch (how) {
      case "closed", "broken" -> "lost connection";
      case "timeout" -> "timeout";
      case "errors" -> "too many errors";
      case "early" -> "improper command pipelining";
      default -> null;
    };
  }

  private void rejected(StringBuilder out, Event.Rejected e, Instant time) {
    smtpd(out, time, e.session());
    out.append("NOQUEUE: reject: ").append(e.stage().equals("END") ? "END-OF-MESSAGE" : e.stage());
    client(out.append(" from "), e.peer()).append(": ").append(e.reply().code()).append(' ');
    var status = e.reply().status();
    if (status != null) {
      out.append(status).append(' ');
    }
    var about = e.stage().equals("MAIL") ? e.from() : e.to();
    if (about != null) {
      address(out, about).append(": ");
    }
    if (isRelayDenied(e)) {
      out.append("Relay access denied");
    } else {
      masked(out, Keys.text(e.reply()));
    }
    out.append(';');
    if (e.from() != null) {
      address(out.append(" from="), e.from());
    }
    if (e.to() != null) {
      address(out.append(" to="), e.to());
    }
    if (e.hello().isEmpty()) {
      out.append(" proto=SMTP\n");
    } else {
      Escape.masked(out.append(" proto=ESMTP helo=<"), e.hello(), Escape.LINE_MAX, true);
      out.append(">\n");
    }
  }

  /// Parsers know this refusal by its words, which are not ours.
  private static boolean isRelayDenied(Event.Rejected e) {
    var status = e.reply().status();
    return e.stage().equals("RCPT")
        && e.reply().code() == 554
        && status != null
        && status.subject() == 7
        && status.detail() == 1;
  }

  private void queued(StringBuilder out, Event.Queued e, Instant time) {
    if (!e.session().equals("-")) {
      smtpd(out, time, e.session());
      out.append(e.id()).append(": client=unknown[").append(e.address()).append(']');
      var login = e.login();
      if (login != null) {
        out.append(", sasl_method=").append(login.mechanism());
        masked(out.append(", sasl_username="), login.user());
      }
      out.append('\n');
    }
    line(out, time, "cleanup", e.id()).append("message-id=");
    Escape.masked(out, e.messageId(), Escape.LINE_MAX, false);
    out.append('\n');
    if (e.replaced() != null) { // Postfix rewrites without a word.
      address(line(out, time, "cleanup", e.id()).append("sender replaced: "), e.replaced());
      out.append('\n');
    }
    address(line(out, time, "qmgr", e.id()).append("from="), e.from());
    out.append(", size=").append(e.size()).append(", nrcpt=").append(e.to().size());
    out.append(" (queue active)\n");
  }

  private void attempted(StringBuilder out, Event.Attempted e, Instant time) {
    var login = e.login();
    if (login != null) { // Postfix does not say it, and the line that it has is known to parsers.
      masked(line(out, time, "smtp", e.id()).append("logged in at "), e.relay());
      out.append(", sasl_method=").append(login.mechanism());
      masked(out.append(", sasl_username="), login.user()).append('\n');
    }
    if (e.sender() != null) { // Postfix rewrites without a word.
      address(line(out, time, "smtp", e.id()).append("sender there: "), e.sender()).append('\n');
    }
    line(out, time, e.status().equals("expired") ? "qmgr" : "smtp", e.id());
    address(out.append("to="), e.to()).append(", relay=");
    masked(out, e.relay()).append(", delay=");
    Timestamps.seconds(out, e.delay());
    LogfmtText.delays(out.append(", delays="), e.delays());
    out.append(", dsn=").append(e.dsn()).append(", status=");
    out.append(
        switch (e.status()) {
          // Parsers count no status=expired with a recipient: to the sender it is a bounce.
          case "expired" -> "bounced (expired: ";
          case "passed-on" -> "deferred (passed on: ";
          case "held" -> "deferred (held: ";
          case "discarded" -> "sent (";
          default -> e.status() + " (";
        });
    masked(out, e.text()).append(")\n");
  }

  private void noticed(StringBuilder out, Event.Noticed e, Instant time) {
    line(out, time, "bounce", e.id());
    if (e.notice() == null) {
      boolean mirror = e.kind().equals("mirror"); // Its text says what is lost.
      masked(out.append(mirror ? "" : "notification not sent: "), e.text()).append('\n');
      return;
    }
    out.append(
        switch (e.kind()) {
          case "delay" -> "sender delay notification: ";
          case "success", "relayed" -> "sender delivery status notification: ";
          case "alternate" -> "journal report for the alternate mailbox: ";
          default -> "sender non-delivery notification: ";
        });
    out.append(e.notice()).append('\n');
  }

  private void deviated(StringBuilder out, Event.Deviated e, Instant time) {
    smtpd(out, time, e.session());
    client(out.append("warning: "), e.peer()).append(": not the device it was (");
    out.append(e.action()).append(", score ").append(e.score());
    masked(out.append("): "), String.join("; ", e.reasons())).append('\n');
  }

  private void blocked(StringBuilder out, Event.LoginsBlocked e, Instant time) {
    program(out, time, "anvil", pid);
    out.append(e.failures())
        .append(e.down() ? " logins that nobody could look at" : " failed logins");
    if (e.user() != null) {
      Escape.masked(out.append(" as <"), e.user(), Escape.LINE_MAX, true);
      out.append('>');
    }
    if (e.address() != null) {
      out.append(" from unknown[").append(IpText.of(e.address())).append(']');
    }
    timestamps.append(out.append(": blocked until "), e.until());
    out.append('\n');
  }

  private void quarantined(StringBuilder out, Event.Quarantined e, Instant time) {
    line(out, time, "postsuper", e.id()).append("quarantine: ").append(e.action()).append(", by ");
    masked(out, e.by());
    if (e.to().size() == 1) {
      masked(out.append(", to=<"), e.to().getFirst().toString()).append('>');
    }
    if (e.copy() != null) {
      out.append(", as ").append(e.copy());
    }
    if (!e.text().isEmpty()) {
      masked(out.append(" ("), e.text()).append(')');
    }
    out.append('\n');
  }

  private void administered(StringBuilder out, Event.Administered e, Instant time) {
    line(out, time, "postsuper", e.id());
    out.append(
        switch (e.action()) {
          case "hold" -> "placed on hold";
          case "release" -> "released from hold";
          case "retry" -> "requeued";
          case "bounce" -> "expired";
          case "delete" -> "deleted";
          default -> e.action();
        });
    out.append('\n');
  }

  private void smtpd(StringBuilder out, Instant time, String session) {
    program(out, time, "smtpd", Math.floorMod(session.hashCode(), SESSION_NUMBERS));
  }

  private void program(StringBuilder out, Instant time, String program, long number) {
    timestamps.append(out, time);
    out.append(' ').append(host).append(" postfix/").append(program);
    out.append('[').append(number).append("]: ");
  }

  private StringBuilder line(StringBuilder out, Instant time, String program, QueueId id) {
    program(out, time, program, pid);
    return out.append(id).append(": ");
  }

  /// We look up no names of clients.
  private static StringBuilder client(StringBuilder out, InetSocketAddress client) {
    return out.append("unknown[").append(Keys.address(client)).append(']');
  }

  private static StringBuilder address(StringBuilder out, Address address) {
    Escape.masked(out.append('<'), address.toString(), Escape.LINE_MAX, true);
    return out.append('>');
  }

  private static StringBuilder masked(StringBuilder out, String text) {
    Escape.masked(out, text, Escape.LINE_MAX, false);
    return out;
  }
}
