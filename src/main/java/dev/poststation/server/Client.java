package dev.poststation.server;

import dev.poststation.config.ClientRule;
import dev.poststation.config.ListenerSettings;
import dev.poststation.message.Envelope;
import dev.poststation.os.IpText;
import dev.poststation.os.TlsFacts;
import dev.poststation.policy.Verdict;
import dev.poststation.sasl.Mechanism;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.Command;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Who is at the other end of a session: address, rule, name, encryption, together with the
/// configuration that applies to it now. Confined to the session's thread.
final class Client {
  private final InetSocketAddress peer;
  private final String address;
  private final Supplier<ServerSettings> newest;
  private ServerSettings settings;
  private Verdict verdict;
  private Command.@Nullable Hello hello;
  private @Nullable TlsFacts tls;
  private @Nullable Identity identity;
  private Envelope.@Nullable Source source;

  /// Who the client has shown itself to be.
  ///
  /// @param user the user's name
  /// @param label which of the user's passwords it was, or empty
  record Identity(String user, String label, Mechanism mechanism) {
    /// For the trace.
    String reason() {
      String which = label.isEmpty() ? "" : " (" + label + ")";
      return "logged in as " + user + " with " + mechanism.word() + which;
    }
  }

  Client(InetSocketAddress peer, Supplier<ServerSettings> newest) {
    this.peer = peer;
    this.address = IpText.of(peer.getAddress());
    this.newest = newest;
    this.settings = newest.get();
    this.verdict = settings.policy().mayRelay(peer.getAddress());
  }

  /// Takes over a configuration that was loaded in the meantime. Not within a mail.
  void refresh() {
    var now = newest.get();
    if (!now.equals(settings)) { // Mostly the very same parts, so this is cheap.
      settings = now;
      verdict = now.policy().mayRelay(peer.getAddress());
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
    return peer;
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
    identity = null;
    source = null;
  }

  /// It has shown who it is.
  void authenticated(Identity who) {
    identity = who;
    source = null;
  }

  /// Who it has shown itself to be, or null.
  @Nullable Identity identity() {
    return identity;
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
    if (!smtputf8 && (hello == null || !hello.extended())) {
      return "SMTP";
    }
    String word = smtputf8 ? "UTF8SMTP" : "ESMTP";
    return word + (tls == null ? "" : "S") + (identity == null ? "" : "A");
  }
}
