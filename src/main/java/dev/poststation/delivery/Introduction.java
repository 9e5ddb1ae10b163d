package dev.poststation.delivery;

import static dev.poststation.smtp.Capabilities.Extension.REQUIRETLS;
import static dev.poststation.smtp.Capabilities.Extension.STARTTLS;

import dev.poststation.config.Connector;
import dev.poststation.config.Limits;
import dev.poststation.config.SourceAddress;
import dev.poststation.log.Event;
import dev.poststation.message.Outcome;
import dev.poststation.message.Outcome.Stage;
import dev.poststation.os.Connection;
import dev.poststation.os.NotOursException;
import dev.poststation.os.Os;
import dev.poststation.os.TlsFacts;
import dev.poststation.os.UnboundException;
import dev.poststation.os.Workers;
import dev.poststation.route.NextHop;
import dev.poststation.smtp.Capabilities;
import dev.poststation.smtp.Reply;
import dev.poststation.tls.CertificateText;
import dev.poststation.tls.ClientTls;
import dev.poststation.tls.TlsException;
import dev.poststation.tls.UntrustedException;
import dev.poststation.tlsrpt.ResultType;
import dev.poststation.tlsrpt.TlsSession;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.function.Supplier;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/// The beginning of a conversation with one host at one address: connection, greeting, EHLO, TLS,
/// login. Used once; confined to one thread.
final class Introduction {
  /// What is the same for all introductions.
  ///
  /// @param hashing has platform threads for what keeps a processor busy
  /// @param outward connects
  record Means(
      Os os,
      ClientTls tls,
      String hostname,
      Supplier<Limits> limits,
      Tokens tokens,
      Workers hashing,
      Outward outward) {}

  /// How it ended.
  sealed interface Result {
    /// The host takes mail.
    ///
    /// @param login as whom we are logged in; null: nobody
    record Ready(
        Dialogue dialogue, Capabilities can, Event.@Nullable Login login, Diagnosis diagnosis)
        implements Result {}

    /// It does not.
    ///
    /// @param obstacle why, in kind
    record Refused(Outcome outcome, Then then, Obstacle obstacle) implements Result {
      /// The host was met.
      Refused(Outcome outcome, Then then) {
        this(outcome, then, Obstacle.HOST);
      }
    }
  }

  /// What to do after a refusal.
  enum Then {
    /// Try the next address or host.
    NEXT,
    /// Try the same address once more without TLS (RFC 7435).
    IN_CLEAR,
    /// Try the same address from another one of ours: this machine does not have this one.
    OTHER_SOURCE,
    /// Give up: no other host would do better.
    STOP
  }

  private static final int SMTP_PORT = 25;

  private final Means means;
  private final Connector connector;
  private final NextHop hop;
  private final HopTls tls;
  private final InetAddress address;
  private final @Nullable SourceAddress from;
  private final Transcript transcript;
  private final Diagnosis diagnosis;
  private final boolean lmtp;
  private Stage stage = Stage.CONNECT;
  private boolean tlsUnproven;
  private @Nullable TlsWatch watch;
  private Capabilities capabilities = Capabilities.NONE;

  /// @param tls what the host must show
  /// @param from which of our addresses; null: the system's choice
  Introduction(
      Means means,
      Connector connector,
      NextHop hop,
      HopTls tls,
      InetAddress address,
      @Nullable SourceAddress from,
      Transcript transcript) {
    this.means = means;
    this.connector = connector;
    this.hop = hop;
    this.tls = tls;
    this.address = address;
    this.from = from;
    this.transcript = transcript;
    this.lmtp = connector.type() == Connector.Type.LMTP;
    this.diagnosis = new Diagnosis(Relay.name(hop, address), lmtp ? "LHLO" : "EHLO");
  }

  Diagnosis diagnosis() {
    return diagnosis;
  }

  /// What there is to report of TLS, after `run`; empty: it did not come to that, or nobody asks.
  Optional<TlsSession> seen() {
    return Optional.ofNullable(watch).flatMap(TlsWatch::seen);
  }

  /// Does it.
  ///
  /// @param inClear whether TLS has failed before and is not to be tried again
  Result run(boolean inClear) {
    stage = Stage.CONNECT;
    tlsUnproven = false;
    Connection connection;
    try {
      connection = connect();
    } catch (IOException e) {
      return failed(e);
    }
    var proxy = hop.local() ? null : connector.egress().proxy();
    transcript.note(
        "connected to "
            + diagnosis.relay()
            + (from == null ? "" : " from " + from)
            + (proxy == null ? "" : " through proxy " + proxy));
    var local = proxy == null ? connection.local().getAddress() : null;
    var watching = new TlsWatch(tls, hop, address, local == null ? "" : local.getHostAddress());
    watch = watching;
    var dialogue =
        new Dialogue(
            connection,
            means.os().time(),
            means.limits().get(),
            connector.timeouts().dataBlock(),
            transcript);
    Result result;
    try {
      result = introduce(dialogue, watching, inClear);
    } catch (IOException e) {
      dialogue.hangUp();
      if (stage == Stage.TLS || tlsUnproven) {
        watching.failed(e);
      }
      return failed(e);
    }
    if (result instanceof Result.Refused) {
      dialogue.farewell(connector.timeouts().quit());
    }
    return result;
  }

  private Connection connect() throws IOException {
    return hop.local()
        ? means.os().network().connect(hop.path())
        : means.outward().connect(connector, from, new InetSocketAddress(address, hop.port()));
  }

  private Result failed(IOException failure) {
    if (failure instanceof NotOursException) {
      return unmet("4.3.5", failure, Then.OTHER_SOURCE, Obstacle.SOURCE);
    }
    if (failure instanceof UnboundException) {
      return unmet("4.3.2", failure, Then.STOP, Obstacle.SOURCE); // It is no host's fault.
    }
    if (failure instanceof ProxyException) {
      // No other host would be reached by it, and none is to blame.
      return unmet("4.4.1", failure, Then.STOP, Obstacle.PROXY);
    }
    var outcome = diagnosis.of(stage, failure);
    transcript.note(outcome.text());
    if (failure instanceof OwnCertificateException) {
      return new Result.Refused(outcome, Then.STOP); // The host has done nothing wrong.
    }
    boolean retry = (stage == Stage.TLS || tlsUnproven) && mayFallBack();
    var obstacle = stage == Stage.CONNECT ? Obstacle.of(failure) : Obstacle.HOST;
    return new Result.Refused(outcome, retry ? Then.IN_CLEAR : Then.NEXT, obstacle);
  }

  /// The failure says itself what it is.
  private Result unmet(String status, IOException failure, Then then, Obstacle obstacle) {
    String text = String.valueOf(failure.getMessage());
    transcript.note(text);
    return new Result.Refused(Diagnosis.deferred(stage, status, text), then, obstacle);
  }

  private boolean mayFallBack() {
    return tls.terms().mayBeInClear() && !hop.implicitTls();
  }

  private Result introduce(Dialogue dialogue, TlsWatch watching, boolean inClear)
      throws IOException {
    if (hop.implicitTls()) {
      secure(dialogue, watching);
      watching.encrypted();
    }
    stage = Stage.GREETING;
    Reply greeting = dialogue.reply(connector.timeouts().greeting());
    if (!greeting.positive()) {
      return refused(greeting, Then.NEXT);
    }
    watching.greeted(greeting);
    if (isOurName(greeting)) {
      return loop();
    }
    Reply hello = sayHello(dialogue);
    if (!hello.positive()) {
      return refused(hello, Then.NEXT);
    }
    if (isOurName(hello)) {
      return loop();
    }
    boolean off = tls.terms().level() == Connector.Tls.OFF;
    boolean secureFirst = !hop.implicitTls() && !hop.local() && !inClear && !off;
    if (secureFirst) {
      if (capabilities.offers(STARTTLS)) {
        Optional<Result> refusal = startTls(dialogue, watching);
        if (refusal.isPresent()) {
          return refusal.get();
        }
      } else {
        watching.failed(ResultType.STARTTLS_NOT_SUPPORTED, "");
        if (!tls.terms().mayBeInClear()) {
          stage = Stage.TLS;
          return refused(
              "4.7.4",
              "host " + diagnosis.relay() + " offers no TLS, which " + tls.demand() + " demands",
              Then.NEXT);
        }
      }
    }
    if (dialogue.tls() == null) {
      tls.trial(() -> Optional.of("it is spoken to in clear")).ifPresent(transcript::note);
    }
    if (dialogue.tls() == null) {
      capabilities = capabilities.without(REQUIRETLS); // It would promise what it cannot keep.
    }
    if (tls.terms().strict() && !capabilities.offers(REQUIRETLS)) {
      String text =
          "host " + diagnosis.relay() + " does not offer REQUIRETLS, which the mail demands";
      transcript.note(text);
      return new Result.Refused(Diagnosis.bounced(stage, "5.7.30", text), Then.NEXT);
    }
    return logIn(dialogue);
  }

  private Reply sayHello(Dialogue dialogue) throws IOException {
    stage = Stage.HELLO;
    String name = helloName();
    Reply reply = dialogue.ask(diagnosis.hello() + " " + name, connector.timeouts().hello());
    if (reply.positive()) {
      capabilities = Capabilities.of(reply);
    } else if (reply.permanentFailure() && !lmtp) {
      // RFC 5321 3.2: it may know only HELO.
      reply = dialogue.ask("HELO " + name, connector.timeouts().hello());
      capabilities = Capabilities.NONE;
    }
    return reply;
  }

  private String helloName() {
    if (from != null && from.hello() != null) {
      return from.hello();
    }
    return connector.hello() == null ? means.hostname() : connector.hello();
  }

  private Optional<Result> startTls(Dialogue dialogue, TlsWatch watching) throws IOException {
    stage = Stage.TLS;
    Reply reply = dialogue.ask("STARTTLS", connector.timeouts().hello());
    if (!reply.positive()) {
      watching.failed(ResultType.STARTTLS_NOT_SUPPORTED, reply.toString());
      return Optional.of(refused(reply, mayFallBack() ? Then.IN_CLEAR : Then.NEXT));
    }
    if (dialogue.unasked()) {
      // Somebody between us put replies in that would be taken for encrypted ones (RFC 3207 6,
      // CVE-2011-0411): the connection is given up. Who can do that can also hide STARTTLS from us,
      // so that opportunistic TLS loses nothing by going on in clear on a new one.
      watching.failed(ResultType.VALIDATION_FAILURE, "more in clear after the reply to STARTTLS");
      return Optional.of(
          refused(
              "4.7.5",
              "host "
                  + diagnosis.relay()
                  + " sent more in clear after its reply to STARTTLS: an injection",
              mayFallBack() ? Then.IN_CLEAR : Then.NEXT));
    }
    secure(dialogue, watching);
    // In TLS 1.3 our part of the handshake ends before the host has said that it agrees: one that
    // hangs up now has refused it.
    tlsUnproven = true;
    Reply hello = sayHello(dialogue); // RFC 3207 4.2: what was learned in clear counts no more.
    tlsUnproven = false;
    watching.encrypted();
    return hello.positive() ? Optional.empty() : Optional.of(refused(hello, Then.NEXT));
  }

  private void secure(Dialogue dialogue, TlsWatch watching) throws IOException {
    stage = Stage.TLS;
    boolean numeric = hop.host().equals(address.getHostAddress()) || hop.host().indexOf(':') >= 0;
    TlsFacts facts;
    try {
      String name = numeric ? null : hop.host();
      var start = means.tls().start(tls.terms(), name, means.os().disk(), tls.judges());
      facts = dialogue.secure(start, means.limits().get().tlsTimeout());
    } catch (TlsException e) {
      throw new OwnCertificateException(e);
    } catch (SSLException e) {
      var shown = UntrustedException.shownIn(e);
      if (!shown.isEmpty()) {
        transcript.note(CertificateText.of(shown));
      }
      throw e;
    }
    transcript.note("encrypted with " + facts.protocol() + " " + facts.cipher() + judged());
    if (!facts.peerChain().isEmpty()) {
      transcript.note(CertificateText.of(facts.peerChain()));
    }
    tls.trial(() -> flaw(facts, watching)).ifPresent(transcript::note);
    if (tls.looksCloser()) {
      var flaw = tls.flaw(facts.peerChain(), means.os().time().now());
      if (flaw.isPresent()) {
        throw new DistrustException(
            flaw.get().type(), "its certificate " + flaw.get().words() + " (" + tls.demand() + ")");
      }
      transcript.note("the certificate is as demanded");
    }
  }

  private Optional<String> flaw(TlsFacts facts, TlsWatch watching) {
    var flaw = means.tls().flaw(facts.peerChain(), tls.names().getFirst());
    flaw.ifPresent(each -> watching.failed(each.type(), each.words()));
    return flaw.map(each -> "its certificate " + each.words());
  }

  private String judged() {
    String how =
        switch (tls.terms().level()) {
          case VERIFY -> ", certificate verified";
          case OFF, OPPORTUNISTIC, REQUIRED, PINNED, DANE, MTA_STS, DANE_OR_STS ->
              tls.looksCloser() ? "" : ", any certificate taken";
        };
    return how + " (" + tls.demand() + ")";
  }

  private Result logIn(Dialogue dialogue) throws IOException {
    var account = connector.account();
    if (account == null) {
      return new Result.Ready(dialogue, capabilities, null, diagnosis);
    }
    stage = Stage.AUTH;
    boolean direct = connector.egress().proxy() == null;
    boolean here = hop.local() || direct && address.isLoopbackAddress();
    var login = new Login(means, dialogue, connector, account, hop, diagnosis, here);
    Optional<Result.Refused> refusal = login.run(capabilities);
    if (refusal.isPresent()) {
      transcript.note(refusal.get().outcome().text());
      return refusal.get();
    }
    return new Result.Ready(dialogue, capabilities, login.done(), diagnosis);
  }

  /// As Postfix does, only at port 25: elsewhere, another program on this machine may well use its
  /// name.
  private boolean isOurName(Reply reply) {
    String text = reply.lines().getFirst();
    int space = text.indexOf(' ');
    String name = space < 0 ? text : text.substring(0, space);
    return hop.port() == SMTP_PORT && name.equalsIgnoreCase(means.hostname());
  }

  /// Never a reason to return mail: who says so is not proven, and a firewall that leads port 25
  /// back to us says it for every host. What is certainly us was left out of the route.
  private Result loop() {
    return refused(
        "4.4.6",
        "host "
            + diagnosis.relay()
            + " greets with my own name "
            + means.hostname()
            + ": connector "
            + connector.name()
            + " leads back to myself, by the DNS or by a firewall on the way",
        Then.NEXT);
  }

  private Result refused(Reply reply, Then then) {
    return new Result.Refused(diagnosis.of(stage, reply), then);
  }

  private Result refused(String status, String text, Then then) {
    transcript.note(text);
    return new Result.Refused(Diagnosis.deferred(stage, status, text), then);
  }
}
