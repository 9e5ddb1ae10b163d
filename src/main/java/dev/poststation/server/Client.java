package dev.poststation.server;

import dev.poststation.config.ClientRule;
import dev.poststation.config.ListenerSettings;
import dev.poststation.message.Envelope;
import dev.poststation.os.IpText;
import dev.poststation.os.TlsFacts;
import dev.poststation.policy.Verdict;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.Command;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Who is at the other end of a session: address, rule, name, encryption, together with the
/// configuration that applies to it now. Confined to the session's thread.
final class Client {
  private final Peer peer;
  private final String address;
  private final Supplier<ServerSettings> newest;
  private ServerSettings settings;
  private Verdict verdict;
  private Command.@Nullable Hello hello;
  private @Nullable TlsFacts tls;
  private Envelope.@Nullable Source source;

  Client(Peer peer, Supplier<ServerSettings> newest) {
    this.peer = peer;
    this.address = IpText.of(peer.address().getAddress());
    this.newest = newest;
    this.settings = newest.get();
    this.verdict = settings.policy().mayRelay(peer.address().getAddress());
  }

  /// Takes over a configuration that was loaded in the meantime. Not within a mail.
  void refresh() {
    var now = newest.get();
    if (!now.equals(settings)) { // Mostly the very same parts, so this is cheap.
      settings = now;
      verdict = now.policy().mayRelay(peer.address().getAddress());
      source = null;
    }
  }

  ServerSettings settings() {
    return settings;
  }

  ListenerSettings.Tls tlsMode() {
    return settings.listener().tls();
  }

  InetSocketAddress peer() {
    return peer.address();
  }

  /// The balancer that announced it, or null.
  @Nullable InetAddress balancer() {
    return peer.balancer();
  }

  /// How we know who it is, where it is not the other end of the connection; for the trace.
  List<String> provenance() {
    var balancer = peer.balancer();
    return balancer == null
        ? List.of()
        : List.of("its address was announced by the balancer " + IpText.of(balancer));
  }

  /// Whether it may relay.
  Verdict verdict() {
    return verdict;
  }

  /// Whether it may not send for this one. A client that may not relay at all hears so at RCPT.
  Optional<Verdict.Refused> refusesSender(Address sender) {
    return verdict instanceof Verdict.Allowed allowed
        ? settings.policy().refusesSender(allowed.client(), sender)
        : Optional.empty();
  }

  /// The name of its rule, or `-`.
  String ruleName() {
    return verdict instanceof Verdict.Allowed allowed ? allowed.client().name() : "-";
  }

  /// Whether its rule tolerates a stray space.
  boolean straySpace() {
    return verdict instanceof Verdict.Allowed allowed && allowed.client().straySpace();
  }

  /// Whether its CR and LF alone become CRLF.
  boolean normalises() {
    return verdict instanceof Verdict.Allowed allowed
        && allowed.client().bareNewlines() == ClientRule.BareNewlines.NORMALISE;
  }

  /// It said EHLO or HELO.
  void hello(Command.Hello said) {
    hello = said;
    source = null;
  }

  /// What it said, or null.
  Command.@Nullable Hello hello() {
    return hello;
  }

  /// The name it gave, or empty.
  String helloName() {
    return hello == null ? "" : hello.name();
  }

  /// TLS has begun: what was said before is forgotten (RFC 3207 4.2).
  void secured(TlsFacts facts) {
    tls = facts;
    hello = null;
    source = null;
  }

  @Nullable TlsFacts tls() {
    return tls;
  }

  /// Whether STARTTLS makes sense now.
  boolean canStartTls() {
    boolean offered =
        tlsMode() == ListenerSettings.Tls.OFFERED || tlsMode() == ListenerSettings.Tls.REQUIRED;
    return offered && tls == null && settings.certificates().present();
  }

  /// As the envelope keeps it. The same object for all mails that were sent alike.
  Envelope.Source source(boolean smtputf8) {
    String protocol = protocol(smtputf8);
    var last = source;
    if (last == null || !last.protocol().equals(protocol)) {
      last =
          new Envelope.Source(
              ruleName(), settings.listener().name(), address, helloName(), protocol);
      source = last;
    }
    return last;
  }

  /// The word for Received's `with` (RFC 3848, RFC 6531 4.3). There is none for HELO with TLS.
  private String protocol(boolean smtputf8) {
    if (smtputf8) {
      return tls == null ? "UTF8SMTP" : "UTF8SMTPS";
    }
    if (hello == null || !hello.extended()) {
      return "SMTP";
    }
    return tls == null ? "ESMTP" : "ESMTPS";
  }
}
