package dev.poststation.delivery;

import dev.poststation.config.Account;
import dev.poststation.config.Connector;
import dev.poststation.delivery.Introduction.Result.Refused;
import dev.poststation.delivery.Introduction.Then;
import dev.poststation.log.Event;
import dev.poststation.message.Outcome.Stage;
import dev.poststation.os.Binding;
import dev.poststation.route.NextHop;
import dev.poststation.sasl.Mechanism;
import dev.poststation.sasl.Proof;
import dev.poststation.smtp.Capabilities;
import dev.poststation.smtp.Masking;
import dev.poststation.smtp.PeerText;
import dev.poststation.smtp.Reply;
import java.io.IOException;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/// Logs in at a next hop (RFC 4954) with the strongest mechanism that it offers, or the one that is
/// fixed; in clear only where the connector has `tls = off`. Whatever fails here is the fault of
/// the configuration, not of the mail: deferred. What is said in between does not reach the
/// transcript, nor do secrets that the next hop repeats. Used once; confined to one thread.
final class Login {
  /// RFC 4954 4: with more, the credentials wait for the 334.
  private static final int INITIAL_MAX = 500;

  private static final int ROUNDS_MAX = 8;

  /// It does not know AUTH, not now, or not this mechanism (RFC 5321 4.2.2, RFC 4954 4): that says
  /// nothing of the account, and another host may.
  private static final Set<Integer> OF_HOST = Set.of(500, 502, 503, 504);

  private final Introduction.Means means;
  private final Dialogue dialogue;
  private final Connector connector;
  private final Account account;
  private final NextHop hop;
  private final Diagnosis diagnosis;
  private final boolean here;
  private @Nullable Mechanism used;

  /// @param here whether there is no line to the next hop: it is this machine
  Login(
      Introduction.Means means,
      Dialogue dialogue,
      Connector connector,
      Account account,
      NextHop hop,
      Diagnosis diagnosis,
      boolean here) {
    this.means = means;
    this.dialogue = dialogue;
    this.connector = connector;
    this.account = account;
    this.hop = hop;
    this.diagnosis = diagnosis;
    this.here = here;
  }

  /// Who we are there now; null before.
  Event.@Nullable Login done() {
    return used == null ? null : new Event.Login(account.name(), used.word());
  }

  /// Logs in.
  ///
  /// @return empty when done, or why not
  Optional<Refused> run(Capabilities can) throws IOException {
    boolean encrypted = dialogue.tls() != null;
    if (!encrypted && connector.tls().level() != Connector.Tls.OFF) {
      return problem(
          Then.NEXT,
          "4.7.11",
          "the login of connector "
              + connector.name()
              + " is sent over TLS only, and there is none with host "
              + diagnosis.relay());
    }
    var bound = encrypted ? bound() : null;
    var offered = Mechanism.known(can.mechanisms());
    var fixed = account.mechanism();
    var chosen =
        fixed == null
            ? Mechanism.strongest(offered, account.grant() != null, encrypted, bound != null)
            : Optional.of(fixed).filter(offered::contains);
    if (chosen.isEmpty()) {
      return problem(Then.NEXT, "4.7.4", notOffered(can.mechanisms(), encrypted));
    }
    Mechanism mechanism = chosen.get();
    if (mechanism.bound() && bound == null) {
      return problem(
          Then.NEXT,
          "4.7.4",
          "the login by " + mechanism.word() + " cannot be bound to TLS with " + host());
    }
    if (!encrypted && (mechanism.byToken() || mechanism == Mechanism.EXTERNAL)) {
      return problem(
          Then.NEXT, "4.7.11", mechanism.word() + " needs TLS, and there is none with " + host());
    }
    if (!encrypted && mechanism.inClear() && !here) {
      return problem(
          Then.NEXT, // ADR 20.
          "4.7.11",
          "the password of connector "
              + connector.name()
              + " is not sent in clear over a network to "
              + host());
    }
    String secret;
    try {
      secret = secret(mechanism);
    } catch (TokenUnavailableException e) {
      var outcome =
          Diagnosis.deferred(
              Stage.AUTH,
              "4.7.0",
              "no token for account "
                  + account.name()
                  + " of connector "
                  + connector.name()
                  + ": "
                  + e.getMessage());
      return Optional.of(new Refused(outcome.inPause(), Then.STOP, Obstacle.ACCOUNT));
    } catch (IOException e) {
      return problem(
          Then.STOP,
          "4.3.5",
          "the password of connector " + connector.name() + " cannot be read: " + e.getMessage());
    }
    var who = new Proof.Identity(account.user(), secret);
    var server = new Proof.Server(hop.host(), hop.port(), bound);
    var proof = Proof.of(mechanism, who, server, offered, means.os().chance());
    var refusal = prove(mechanism, proof);
    if (refusal.isPresent()) {
      return refusal;
    }
    used = mechanism;
    String how = mechanism.bound() && bound != null ? " (" + bound.kind().word() + ")" : "";
    dialogue.transcript().note("logged in as " + account.name() + " by " + mechanism.word() + how);
    return Optional.empty();
  }

  private Proof.@Nullable Bound bound() {
    for (Binding kind : Binding.values()) {
      byte[] octets = dialogue.binding(kind);
      if (octets != null) {
        return new Proof.Bound(kind, octets);
      }
    }
    return null;
  }

  private String notOffered(List<String> offered, boolean encrypted) {
    var fixed = account.mechanism();
    String wanted =
        fixed != null
            ? fixed.word() + ", which connector " + connector.name() + " demands"
            : account.grant() != null
                ? "OAUTHBEARER or XOAUTH2"
                : encrypted ? "SCRAM, CRAM-MD5, PLAIN or LOGIN" : "SCRAM or CRAM-MD5";
    return host()
        + " offers no login by "
        + wanted
        + (fixed == null && !encrypted ? " (no other one is used without TLS)" : "")
        + ", only: "
        + (offered.isEmpty() ? "none" : String.join(" ", offered));
  }

  private String host() {
    return "host " + diagnosis.relay();
  }

  private String secret(Mechanism mechanism) throws IOException, TokenUnavailableException {
    if (mechanism == Mechanism.EXTERNAL) {
      return "";
    }
    if (mechanism.byToken()) {
      return means.tokens().token(account);
    }
    var password = account.password();
    if (password == null) {
      throw new IOException("there is none");
    }
    return password.reveal();
  }

  private Optional<Refused> prove(Mechanism mechanism, Proof proof) throws IOException {
    Reply reply = begin(mechanism, proof);
    for (int round = 1; reply.intermediate(); round++) {
      byte[] challenge = decoded(reply);
      Proof.Answer answer =
          challenge == null
              ? new Proof.Answer.Cancel("says what is no BASE64")
              : round > ROUNDS_MAX
                  ? new Proof.Answer.Cancel("does not come to an end")
                  : answer(mechanism, proof, challenge);
      switch (answer) {
        case Proof.Answer.Octets(byte[] octets) -> reply = ask("", octets, proof);
        case Proof.Answer.Cancel(String why) -> {
          dialogue.ask("*", connector.timeouts().hello());
          return distrusted(mechanism, why);
        }
      }
    }
    if (reply.positive()) {
      String doubt = proof.doubt();
      return doubt == null ? Optional.empty() : distrusted(mechanism, doubt);
    }
    return refused(mechanism, proof, reply);
  }

  /// What a next hop wants hashed keeps a processor busy.
  private Proof.Answer answer(Mechanism mechanism, Proof proof, byte[] challenge) {
    if (!mechanism.hashes()) {
      return proof.answer(challenge);
    }
    try {
      return means
          .hashing()
          .ask(() -> proof.answer(challenge))
          .orElseGet(
              () -> new Proof.Answer.Cancel("wants a password hashed while too many others are"));
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
  }

  private Reply begin(Mechanism mechanism, Proof proof) throws IOException {
    byte[] initial = proof.initial();
    String verb = "AUTH " + mechanism.word();
    if (initial == null) {
      return dialogue.askSecretly(verb, verb, connector.timeouts().hello());
    }
    int length = verb.length() + 1 + (initial.length + 2) / 3 * 4;
    if (length <= INITIAL_MAX) {
      return ask(verb + " ", initial, proof);
    }
    Reply reply = dialogue.askSecretly(verb, verb, connector.timeouts().hello());
    return reply.intermediate() ? ask("", initial, proof) : reply;
  }

  /// @param before what stands before the octets, to be shown as it is
  private Reply ask(String before, byte[] octets, Proof proof) throws IOException {
    // RFC 4954 4: nothing as an initial response is a sign of its own.
    String text = octets.length == 0 && !before.isEmpty() ? "=" : encoded(octets);
    dialogue.hush(proof.secrets());
    if (octets.length > 0) {
      dialogue.hush(List.of(text));
    }
    String shown = octets.length == 0 ? before + text : before + "***";
    return dialogue.askSecretly(before + text, shown, connector.timeouts().hello());
  }

  private Optional<Refused> refused(Mechanism mechanism, Proof proof, Reply reply) {
    var outcome = diagnosis.of(Stage.AUTH, reply);
    Optional<String> missing = Optional.empty();
    boolean ofAccount = reply.permanentFailure() && !OF_HOST.contains(reply.code());
    if (mechanism.byToken() && ofAccount) {
      proof.secrets().forEach(token -> means.tokens().refused(account, token));
      missing = means.tokens().missing(account); // It was the last one, and no other can be had.
    }
    String told = Masking.of(PeerText.of(proof.told()), proof.secrets());
    // Other hosts know the same account: to ask them as well could only lock it.
    String text =
        host() + refusedLogin(mechanism) + ": " + (told.isEmpty() ? "" : told + ": ") + reply;
    var then = ofAccount ? Then.STOP : Then.NEXT;
    if (missing.isEmpty()) {
      return problem(then, outcome.status().toString(), text);
    }
    var pause =
        Diagnosis.deferred(
            Stage.AUTH, "4.7.0", text + "; and there is no other token: " + missing.get());
    return Optional.of(new Refused(pause.inPause(), then, Obstacle.ACCOUNT));
  }

  private String refusedLogin(Mechanism mechanism) {
    return " refused the login of connector "
        + connector.name()
        + " as "
        + account.name()
        + " by "
        + mechanism.word();
  }

  private Optional<Refused> distrusted(Mechanism mechanism, String why) {
    return problem(
        Then.NEXT,
        "4.7.5",
        "the login of connector "
            + connector.name()
            + " as "
            + account.name()
            + " by "
            + mechanism.word()
            + " was given up: "
            + host()
            + " "
            + why);
  }

  private static Optional<Refused> problem(Then then, String status, String text) {
    return Optional.of(new Refused(Diagnosis.deferred(Stage.AUTH, status, text), then));
  }

  private static String encoded(byte[] octets) {
    return Base64.getEncoder().encodeToString(octets);
  }

  private static byte @Nullable [] decoded(Reply challenge) {
    try {
      return Base64.getDecoder().decode(challenge.lines().getFirst().strip());
    } catch (IllegalArgumentException _) {
      return null;
    }
  }
}
