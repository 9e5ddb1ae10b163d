package dev.poststation.log;

import dev.poststation.os.IpText;
import dev.poststation.smtp.Reply;
import java.net.InetSocketAddress;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// The documented keys of each event, in their order (docs/reference/mail-log.md); the same for
/// logfmt, JSON and the trace. Pure functions.
final class Keys {
  private Keys() {}

  /// Writes an event.
  static void write(Fields out, Event event, Instant time) {
    out.time("time", time);
    switch (event) {
      case Event.Connected e -> connected(out, e);
      case Event.Checked _ -> {} // No line is written of it.
      case Event.Secured e -> secured(out, e);
      case Event.Authenticated e -> authenticated(out, e);
      case Event.Tolerated e -> tolerated(out, e);
      case Event.Announced e -> announced(out, e);
      case Event.Disconnected e -> disconnected(out, e);
      case Event.Rejected e -> rejected(out, e);
      case Event.Queued e -> queued(out, e);
      case Event.Attempted e -> attempted(out, e);
      case Event.Noticed e -> noticed(out, e);
      case Event.Administered e -> administered(out, e);
      case Event.Quarantined e -> quarantined(out, e);
      case Event.Inspected e -> inspected(out, e);
      case Event.Removed e -> {
        out.text("event", "removed");
        out.text("id", e.id().toString());
      }
      case Event.Deviated e -> deviated(out, e);
      case Event.LoginsBlocked e -> blocked(out, e);
      case Event.Outbreak e -> outbreak(out, e);
      case Event.Suppressed e -> suppressed(out, e);
      case Event.TokenChanged e -> {
        out.text("event", "token");
        out.text("connector", e.connector());
        out.text("user", e.user());
        out.text("state", e.problem() == null ? "back" : "paused");
        out.time("expires", e.expires());
        out.time("last-success", e.lastSuccess());
        out.text("text", e.problem());
      }
      case Event.DestinationChanged e -> {
        out.text("event", "destination");
        out.text("destination", e.destination());
        out.time("until", e.until());
        out.text("text", e.text());
      }
      case Event.SourceChanged e -> {
        out.text("event", "source");
        out.text("address", IpText.of(e.address()));
        out.text("state", e.state());
        out.text("text", e.text());
      }
      case Event.TlsReported e -> {
        out.text("event", "tls-report");
        out.text("domain", e.domain());
        out.text("day", e.day().toString());
        out.text("to", e.to());
        out.text("status", e.status());
        out.text("text", e.text());
      }
      case Event.ServiceChanged e -> {
        out.text("event", "service");
        out.text("service", e.service());
        out.text("state", e.up() ? "up" : "down");
        out.text("text", e.text());
      }
      case Event.HostChanged e -> {
        out.text("event", "host");
        out.text("destination", e.destination());
        out.text("host", e.host());
        out.time("probe", e.probe());
        out.text("text", e.text());
      }
    }
  }

  private static void connected(Fields out, Event.Connected e) {
    out.text("event", "connect");
    out.text("session", e.session());
    out.text("listener", e.listener());
    out.text("zone", e.zone().isEmpty() ? null : e.zone());
    out.text("address", address(e.client()));
    out.number("port", e.client().getPort());
    var balancer = e.balancer();
    out.text("balancer", balancer == null ? null : IpText.of(balancer));
  }

  private static void secured(Fields out, Event.Secured e) {
    out.text("event", "tls");
    out.text("session", e.session());
    out.text("address", address(e.client()));
    out.text("protocol", e.protocol());
    out.text("cipher", e.cipher());
    var shown = e.certificate();
    if (shown != null) {
      out.text("certificate", shown.fingerprint());
      out.text("subject", given(shown.subject()));
      out.text("verified", shown.verified() ? "yes" : "no");
    }
    out.text("problem", e.problem());
  }

  private static void authenticated(Fields out, Event.Authenticated e) {
    out.text("event", "auth");
    out.text("session", e.session());
    out.text("address", address(e.client()));
    out.text("mechanism", e.mechanism());
    out.text("user", given(e.user()));
    out.text("label", given(e.label()));
    out.text("problem", e.problem());
  }

  private static void tolerated(Fields out, Event.Tolerated e) {
    out.text("event", "tolerated");
    out.text("session", e.session());
    out.text("address", address(e.client()));
    out.text("client", e.entry());
    out.text("what", e.what());
  }

  private static void announced(Fields out, Event.Announced e) {
    out.text("event", "announced");
    out.text("session", e.session());
    out.text("how", e.how());
    out.text("by", IpText.of(e.by()));
    out.text("address", given(e.address()));
    out.text("port", given(e.port()));
    out.text("name", given(e.name()));
    out.text("helo", given(e.hello()));
    out.text("protocol", given(e.protocol()));
    out.text("user", given(e.user()));
    out.text("ident", given(e.ident()));
  }

  private static void disconnected(Fields out, Event.Disconnected e) {
    out.text("event", "disconnect");
    out.text("session", e.session());
    out.text("address", address(e.client()));
    out.text("how", e.how());
    out.text("after", e.after());
    out.number("mails", e.mails());
    out.number("recipients", e.recipients());
    out.number("errors", e.errors());
    out.seconds("lasted", e.lasted());
  }

  private static void rejected(Fields out, Event.Rejected e) {
    out.text("event", "reject");
    out.text("session", e.session());
    out.text("address", address(e.peer()));
    out.text("client", e.client());
    out.text("stage", e.stage());
    out.text("helo", given(e.hello()));
    out.address("from", e.from());
    out.address("to", e.to());
    out.number("code", e.reply().code());
    var status = e.reply().status();
    out.text("dsn", status == null ? null : status.toString());
    out.text("reply", text(e.reply()));
    out.text("rule", e.rule());
  }

  private static void queued(Fields out, Event.Queued e) {
    out.text("event", "queued");
    out.text("id", e.id().toString());
    out.text("session", e.session());
    out.text("client", e.client());
    out.text("zone", given(e.zone()));
    out.text("address", given(e.address()));
    out.text("helo", given(e.hello()));
    out.text("protocol", e.protocol());
    out.text("tls", e.tls());
    login(out, e.login());
    out.address("from", e.from());
    out.address("replaced", e.replaced());
    out.recipients("to", e.to());
    out.number("nrcpt", e.to().size());
    out.number("size", e.size());
    out.text("message-id", given(e.messageId()));
    out.text("hop", given(e.hop()));
    out.decisions("decisions", e.decisions());
  }

  private static void login(Fields out, Event.@Nullable Login login) {
    if (login != null) {
      out.text("user", login.user());
      out.text("mechanism", login.mechanism());
    }
  }

  private static void attempted(Fields out, Event.Attempted e) {
    out.text("event", "attempt");
    out.text("id", e.id().toString());
    out.address("to", e.to());
    out.number("attempt", e.attempt());
    out.text("relay", e.relay());
    out.seconds("delay", e.delay());
    out.delays("delays", e.delays());
    out.text("dsn", e.dsn().toString());
    out.text("status", e.status());
    var category = e.category();
    out.text("category", category == null ? null : category.word());
    out.text("destination", given(e.destination()));
    out.text("route", e.route());
    out.text("tls", e.tls());
    login(out, e.login());
    out.text("source", e.source());
    out.address("sender", e.sender());
    out.text("reply", e.text());
    out.text("remote-id", e.remoteId());
    out.time("next", e.next());
    out.dialogue("dialogue", e.dialogue());
  }

  private static void noticed(Fields out, Event.Noticed e) {
    out.text("event", "notice");
    out.text("id", e.id().toString());
    out.text("kind", e.kind());
    var notice = e.notice();
    out.text("notice", notice == null ? null : notice.toString());
    out.address("to", e.to());
    out.text("text", given(e.text()));
  }

  private static void deviated(Fields out, Event.Deviated e) {
    out.text("event", "device");
    out.text("session", e.session());
    out.text("address", address(e.peer()));
    out.text("client", e.client());
    out.text("who", e.who());
    out.text("action", e.action());
    out.number("score", e.score());
    out.text("reasons", String.join("; ", e.reasons()));
  }

  private static void blocked(Fields out, Event.LoginsBlocked e) {
    out.text("event", "block");
    // First, so that a filter for guesses does not take it for one.
    out.text("down", e.down() ? "directory" : null);
    var address = e.address();
    out.text("address", address == null ? null : IpText.of(address));
    out.text("user", e.user());
    out.number("failures", e.failures());
    out.time("until", e.until());
  }

  private static void outbreak(Fields out, Event.Outbreak e) {
    out.text("event", "outbreak");
    out.text("client", e.client());
    out.text("address", e.kind().equals("client") ? e.name() : null);
    out.text("user", e.kind().equals("user") ? e.name() : null);
    out.text("sender", e.kind().equals("sender") ? e.name() : null);
    out.text("action", e.action());
    out.time("until", e.until());
    out.text("text", e.text());
  }

  private static void suppressed(Fields out, Event.Suppressed e) {
    out.text("event", "suppression");
    out.text("client", e.client());
    out.text("to", e.address());
    out.text("action", e.action());
    out.text("category", e.category());
    out.time("until", e.until());
    out.text("text", given(e.text()));
  }

  private static void inspected(Fields out, Event.Inspected e) {
    out.text("event", "content");
    out.text("id", e.id().toString());
    out.text("session", e.session());
    out.text("service", e.service());
    out.text("result", e.result());
    out.seconds("delay", e.took());
    out.text("text", e.text());
  }

  private static void administered(Fields out, Event.Administered e) {
    out.text("event", "admin");
    out.text("id", e.id().toString());
    out.text("action", e.action());
    out.text("by", given(e.by()));
    out.text("text", given(e.text()));
  }

  private static void quarantined(Fields out, Event.Quarantined e) {
    out.text("event", "quarantine");
    out.text("id", e.id().toString());
    out.text("action", e.action());
    out.text("by", e.by());
    if (e.to().size() == 1) {
      out.address("to", e.to().getFirst());
    } else if (!e.to().isEmpty()) {
      out.recipients("to", e.to());
      out.number("recipients", e.to().size());
    }
    var copy = e.copy();
    out.text("copy", copy == null ? null : copy.toString());
    out.text("text", given(e.text()));
  }

  /// A key that has nothing to say is left out.
  private static @Nullable String given(String text) {
    return text.isEmpty() ? null : text;
  }

  /// The address of a peer without its port.
  static String address(InetSocketAddress peer) {
    var address = peer.getAddress();
    return address == null ? peer.getHostString() : IpText.of(address);
  }

  /// The text of a reply on one line, without code and status.
  static String text(Reply reply) {
    return reply.lines().size() == 1 ? reply.lines().getFirst() : String.join(" / ", reply.lines());
  }
}
