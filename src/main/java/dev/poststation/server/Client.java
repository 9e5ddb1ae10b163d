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
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Who is at the other end of a session: address, rule, name, encryption, together with the
/// configuration that applies to it now. Confined to the session's thread.
final class Client {
  private final Peer peer;
  private InetSocketAddress address;
  private String addressText;
  private final Supplier<ServerSettings> newest;
  private ServerSettings settings;
  private Verdict verdict;
  private Command.@Nullable Hello hello;
  private @Nullable TlsFacts tls;
  private Envelope.@Nullable Source source;
  private @Nullable Announced announced;
  private @Nullable Announced forwarded;

  Client(Peer peer, Supplier<ServerSettings> newest) {
    this.peer = peer;
    this.address = peer.address();
    this.addressText = IpText.of(address.getAddress());
    this.newest = newest;
    this.settings = newest.get();
    this.verdict = settings.policy().mayRelay(address.getAddress());
  }

  /// Takes over a configuration that was loaded in the meantime. Not within a mail.
  void refresh() {
    var now = newest.get();
    if (!now.equals(settings)) { // Mostly the very same parts, so this is cheap.
      settings = now;
      verdict = now.policy().mayRelay(address.getAddress());
      source = null;
    }
  }

  ServerSettings settings() {
    return settings;
  }

  ListenerSettings.Tls tlsMode() {
    return settings.listener().tls();
  }

  /// Its address, as the connection has it or as somebody who is believed said.
  InetSocketAddress peer() {
    return address;
  }

  /// Who speaks to us, whatever it says of others.
  InetAddress speaker() {
    return peer.address().getAddress();
  }

  /// What the speaker said by XCLIENT, or null.
  @Nullable Announced announced() {
    return announced;
  }

  /// The speaker said XCLIENT: it is another client from now on, who has said nothing but what is
  /// said here.
  void announced(Announced all) {
    announced = all;
    address = all.address(peer.address());
    addressText = IpText.of(address.getAddress());
    hello = all.hello().orElse(null);
    settings = newest.get();
    verdict = settings.policy().mayRelay(address.getAddress());
    source = null;
  }

  /// The user that the speaker vouches for by XCLIENT; empty: none.
  String login() {
    return announced == null ? "" : announced.text(Command.Attribute.LOGIN);
  }

  /// What the speaker said by XFORWARD of the next mail, or null.
  @Nullable Announced forwarded() {
    return forwarded;
  }

  /// It said so, or its mail is over (null).
  void forwarded(@Nullable Announced all) {
    forwarded = all;
  }

  /// The balancer that announced it, or null.
  @Nullable InetAddress balancer() {
    return peer.balancer();
  }

  /// How we know who it is, where it is not the other end of the connection; for the trace.
  List<String> provenance() {
    List<String> sentences = new ArrayList<>(3);
    var balancer = peer.balancer();
    if (balancer != null) {
      sentences.add("its address was announced by the balancer " + IpText.of(balancer));
    }
    if (announced != null) {
      sentences.add(announced.sentence());
    }
    if (forwarded != null) {
      sentences.add(forwarded.sentence());
    }
    return sentences;
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
              ruleName(), settings.listener().name(), addressText, helloName(), protocol);
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
