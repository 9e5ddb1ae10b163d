package dev.poststation.server;

import dev.poststation.config.ClientRule;
import dev.poststation.config.ListenerSettings;
import dev.poststation.config.Tolerance;
import dev.poststation.content.Caller;
import dev.poststation.message.Envelope;
import dev.poststation.os.IpText;
import dev.poststation.os.Time;
import dev.poststation.os.TlsFacts;
import dev.poststation.policy.Facts;
import dev.poststation.policy.Permit;
import dev.poststation.policy.Verdict;
import dev.poststation.sasl.Accounts;
import dev.poststation.sasl.Mechanism;
import dev.poststation.smtp.Command;
import dev.poststation.tls.OldTls;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Who is at the other end of a session: address, rule, name, encryption, together with the
/// configuration that applies to it now. Confined to the session's thread.
final class Client {
  /// A mail that comes so soon after a decision is decided by it: mostly the first of a session,
  /// and those of whoever sends many.
  static final Duration DECIDED_FOR = Duration.ofSeconds(1);

  private final Peer peer;
  private final InetSocketAddress local;
  private final Time time;
  private InetSocketAddress address;
  private String addressText;
  private final Supplier<ServerSettings> newest;
  private ServerSettings settings;
  private Facts facts;
  private @Nullable Verdict verdict;
  private long decidedAt;
  private boolean clearTextKnown;
  private @Nullable ClientRule clearText;
  private Permit.@Nullable Stay stay;
  private String stayedBy = "";
  private Command.@Nullable Hello hello;
  private @Nullable TlsFacts tls;
  private volatile @Nullable Identity identity; // Whoever shares out places asks for it, too.
  private Envelope.@Nullable Source source;
  private @Nullable Announced announced;
  private @Nullable Announced forwarded;

  /// Who the client has shown itself to be.
  record Identity(Accounts.Login login, Mechanism mechanism, Accounts.Standing standing) {
    /// The user's name.
    String user() {
      return login.user();
    }

    /// Which of the user's passwords it was, or empty.
    String label() {
      return login.label();
    }

    /// Whether that is still true.
    boolean holds() {
      return standing.holds(login);
    }

    /// For the trace.
    String reason() {
      String which = label().isEmpty() ? "" : " (" + label() + ")";
      return "logged in as " + user() + " with " + mechanism.word() + which;
    }
  }

  /// @param local our end of the connection
  Client(Peer peer, InetSocketAddress local, Supplier<ServerSettings> newest, Time time) {
    this.peer = peer;
    this.local = local;
    this.time = time;
    this.address = peer.address();
    this.addressText = IpText.of(address.getAddress());
    this.newest = newest;
    this.settings = newest.get();
    this.facts = facts();
  }

  /// Takes over a configuration that was loaded in the meantime. Not within a mail.
  void refresh() {
    var now = newest.get();
    if (!now.equals(settings)) { // Mostly the very same parts, so this is cheap.
      settings = now;
      changed();
    }
  }

  /// Something that decisions go by is different now.
  private void changed() {
    facts = facts();
    verdict = null;
    clearTextKnown = false;
    source = null;
  }

  private Facts facts() {
    var listener = settings.listener();
    var shown = shown();
    return new Facts(
        address.getAddress(),
        listener.name(),
        listener.zone(),
        shown,
        Facts.fingerprint(shown),
        user(),
        helloName());
  }

  /// TLS without the certificates of a proxy, which are not those of the client it speaks for.
  private @Nullable TlsFacts shown() {
    return announced == null || tls == null
        ? tls
        : new TlsFacts(tls.protocol(), tls.cipher(), tls.requestedName(), List.of());
  }

  /// The certificates that it has shown, its own first.
  List<X509Certificate> certificates() {
    var shown = shown();
    return shown == null ? List.of() : shown.peerChain();
  }

  private @Nullable String user() {
    if (identity != null) {
      return identity.user();
    }
    return login().isEmpty() ? null : login();
  }

  /// What is known of it now.
  Facts known() {
    return facts;
  }

  /// A mail begins: hours, days and names may have changed since the last one.
  void decideAnew() {
    if (verdict instanceof Verdict.Allowed && time.nanos() - decidedAt < DECIDED_FOR.toNanos()) {
      return;
    }
    String before = ruleName();
    verdict = null;
    if (!before.equals(ruleName())) {
      source = null;
    }
  }

  /// Counts the session where its entry says how many there may be.
  ///
  /// @return whether there may be this one
  boolean mayStay(Permit permit) {
    if (stay != null && stayedBy.equals(permit.rule().name())) {
      return true;
    }
    leave();
    var entered = permit.enter(facts);
    stay = entered.orElse(null);
    stayedBy = permit.rule().name();
    return entered.isPresent();
  }

  /// The session ends.
  void leave() {
    var counted = stay;
    stay = null;
    if (counted != null) {
      counted.close();
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
    leave(); // Whoever it was has no session any more.
    announced = all;
    address = all.address(peer.address());
    addressText = IpText.of(address.getAddress());
    hello = all.hello().orElse(null);
    identity = null;
    settings = newest.get();
    changed();
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
    List<String> sentences = new ArrayList<>(4);
    var balancer = peer.balancer();
    if (balancer != null) {
      sentences.add("its address was announced by the balancer " + IpText.of(balancer));
    }
    var old = oldTlsUsed();
    if (old != null) {
      sentences.add(
          "it speaks "
              + old.what().word()
              + ", which client rule \""
              + old.entry().name()
              + "\" ("
              + old.entry().origin()
              + ") tolerates");
    }
    if (announced != null) {
      sentences.add(announced.sentence());
    }
    if (forwarded != null) {
      sentences.add(forwarded.sentence());
    }
    return sentences;
  }

  /// Whether it may relay. May wait for the DNS for a moment.
  Verdict verdict() {
    var decided = verdict;
    if (decided == null) {
      decided = settings.policy().decide(facts);
      verdict = decided;
      decidedAt = time.nanos();
    }
    return decided;
  }

  /// What it may send, or null: it may not relay.
  @Nullable Permit permit() {
    return verdict() instanceof Verdict.Allowed allowed ? allowed.permit() : null;
  }

  /// How large a mail of it may be.
  long messageSize() {
    return verdict().messageSize(settings.limits());
  }

  /// How many recipients a mail of it may have.
  int recipientsPerMail() {
    var permit = permit();
    var limits = settings.limits();
    return permit == null ? limits.recipients() : permit.recipientsPerMail(limits);
  }

  /// The name of its rule, or `-`.
  String ruleName() {
    return verdict() instanceof Verdict.Allowed allowed ? allowed.client().name() : "-";
  }

  /// Whether it is told so in the place of the greeting that it cannot come to relay.
  boolean turnedAway() {
    return settings.policy().turnsAway(facts, speaker(), settings.listener());
  }

  /// Whether its rule tolerates a stray space.
  boolean straySpace() {
    return verdict() instanceof Verdict.Allowed allowed && allowed.client().straySpace();
  }

  /// The entry that lets it say its password before TLS, or null.
  @Nullable ClientRule clearText() {
    if (!clearTextKnown) {
      clearText =
          tlsMode() == ListenerSettings.Tls.REQUIRED
              ? null
              : settings.policy().tolerates(facts, Tolerance.CLEAR_TEXT_PASSWORD);
      clearTextKnown = true;
    }
    return clearText;
  }

  /// An exception that it makes use of.
  record Exempt(ClientRule entry, Tolerance what) {}

  /// The old versions of TLS that it may speak. May wait for the DNS for a moment.
  Set<Tolerance> oldTls() {
    var policy = settings.policy();
    if (!policy.toleratesAny(OldTls.TOLERANCES)) {
      return Set.of(); // Mostly.
    }
    Set<Tolerance> all = EnumSet.noneOf(Tolerance.class);
    for (Tolerance each : OldTls.TOLERANCES) {
      if (policy.tolerates(facts, each) != null) {
        all.add(each);
      }
    }
    return all;
  }

  /// The exception by which it speaks old TLS, or null.
  @Nullable Exempt oldTlsUsed() {
    var what = tls == null ? null : OldTls.used(tls.protocol());
    var entry = what == null ? null : settings.policy().tolerates(facts, what);
    return what == null || entry == null ? null : new Exempt(entry, what);
  }

  /// Whether its CR and LF alone become CRLF.
  boolean normalises() {
    return verdict() instanceof Verdict.Allowed allowed
        && allowed.client().bareNewlines() == ClientRule.BareNewlines.NORMALISE;
  }

  /// It said EHLO or HELO, by which nothing is decided; but what the DNS did not tell before, it
  /// may tell now.
  void hello(Command.Hello said) {
    hello = said;
    facts = facts();
    source = null;
    if (verdict instanceof Verdict.Refused refused && refused.forNow()) {
      verdict = null;
    }
    clearTextKnown &= clearText != null;
  }

  /// What it said, or null.
  Command.@Nullable Hello hello() {
    return hello;
  }

  /// The name it gave, or empty.
  String helloName() {
    return hello == null ? "" : hello.name();
  }

  /// TLS has begun: what was said before is forgotten (RFC 3207 4.2). Of what a proxy said by
  /// XCLIENT its client's address stays, as with Postfix: without it the client would be taken for
  /// the proxy, which may do more.
  void secured(TlsFacts facts) {
    leave(); // Whom it counted among is forgotten, too.
    tls = facts;
    hello = null;
    identity = null;
    announced = announced == null ? null : announced.lasting();
    changed();
  }

  /// It has shown who it is.
  void authenticated(Identity who) {
    leave(); // It counts among those of the user.
    identity = who;
    changed();
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

  /// What milters want to know of it.
  Caller caller(boolean smtputf8) {
    return new Caller(
        source(smtputf8),
        settings.hostname(),
        shown(),
        address.getPort(),
        local,
        identity == null ? "" : identity.mechanism().word());
  }

  /// As the envelope keeps it. The same object for all mails that were sent alike.
  Envelope.Source source(boolean smtputf8) {
    String protocol = protocol(smtputf8);
    var last = source;
    if (last == null || !last.protocol().equals(protocol)) {
      last =
          new Envelope.Source(
              ruleName(),
              settings.listener().name(),
              addressText,
              helloName(),
              protocol,
              Objects.requireNonNullElse(facts.user(), ""));
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
    return word + (tls == null ? "" : "S") + (facts.user() == null ? "" : "A");
  }
}
