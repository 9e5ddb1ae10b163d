package dev.poststation.admin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.poststation.config.Configuration;
import dev.poststation.config.ListenerSettings;
import dev.poststation.config.Tolerance;
import dev.poststation.config.Units;
import dev.poststation.os.IpText;
import dev.poststation.os.Networks;
import dev.poststation.os.TlsFacts;
import dev.poststation.policy.Facts;
import dev.poststation.policy.Objection;
import dev.poststation.policy.Policy;
import dev.poststation.smtp.AuthReplies;
import dev.poststation.smtp.PolicyReplies;
import dev.poststation.smtp.Replies;
import dev.poststation.smtp.Reply;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What a client meets before anybody asks whose mail it brings: whether it is greeted, and what
/// the listener wants of it, for [Explanation]. Immutable; safe for any thread.
final class Entrance {
  private final List<ListenerSettings> listeners;
  private final Policy policy;
  private final Bans bans;
  private final Duration pause;

  Entrance(Configuration configuration, Policy policy, Bans bans) {
    this.listeners = configuration.listeners();
    this.pause = configuration.limits().strangerPause();
    this.policy = policy;
    this.bans = bans;
  }

  /// What the relay would know of the client.
  ///
  /// @throws IllegalArgumentException when a listener is named that is not there
  Facts facts(Question question) {
    String name = question.listener();
    if (name.isEmpty() && listeners.size() == 1) {
      name = listeners.getFirst().name();
    }
    String zone = "";
    boolean tls = question.tls();
    for (var listener : meant(name)) {
      if (!name.isEmpty()) {
        zone = listener.zone();
        tls |= listener.tls() == ListenerSettings.Tls.IMPLICIT;
      }
    }
    boolean seen = unseen(question).isEmpty();
    boolean shows = seen && !question.certificate().isEmpty();
    return new Facts(
        question.client(),
        name,
        zone,
        tls ? new TlsFacts("TLS", "", null, seen ? question.chain() : List.of()) : null,
        shows ? question.certificate() : null,
        question.user().isEmpty() ? null : question.user(),
        question.hello(),
        question.when());
  }

  /// The listener of that name; all of them where none is named.
  private List<ListenerSettings> meant(String name) {
    if (name.isEmpty()) {
      return listeners;
    }
    var found = listeners.stream().filter(each -> each.name().equals(name)).toList();
    if (found.isEmpty()) {
      throw new IllegalArgumentException("listener: there is no listener \"" + name + "\".");
    }
    return found;
  }

  /// Why nobody sees the certificate that the question names.
  Optional<String> unseen(Question question) {
    var meant = meant(question.listener());
    boolean seen =
        question.certificate().isEmpty()
            || meant.stream().anyMatch(each -> each.clientCertificates().requested());
    return seen
        ? Optional.empty()
        : Optional.of(
            "is shown to nobody: "
                + (meant.size() == 1 ? named(meant.getFirst()) + " asks" : "the listeners ask")
                + " for none (client-certificates = off)");
  }

  /// That nobody can log in from there now, or not as this user.
  Optional<String> blocked(Facts facts) {
    String user = facts.user() == null ? "" : facts.user();
    return bans.blocked(facts.address(), user)
        .map(left -> leftThen(facts, left))
        .filter(Duration::isPositive)
        .map(left -> blocked(facts, user, left));
  }

  /// How much is left at the moment that is asked about of what lasts so long from now on; nothing
  /// of it was there before.
  private Duration leftThen(Facts facts, Duration left) {
    var when = facts.when();
    if (when == null) {
      return left;
    }
    var ahead = Duration.between(policy.now(), when);
    return ahead.isNegative() ? Duration.ZERO : left.minus(ahead);
  }

  /// What is known of a client when it connects there.
  private static Facts connected(Facts facts, ListenerSettings listener) {
    return Facts.connected(facts.address(), listener.name(), listener.zone()).at(facts.when());
  }

  private static String blocked(Facts facts, String user, Duration left) {
    String address = Networks.of(facts.address());
    return "too many logins failed: for "
        + Units.show(rounded(left))
        + (user.isEmpty()
            ? " nobody can log in from " + address + " who is not at home there"
            : " " + user + " cannot log in from " + address)
        + " (poststation user unblock)";
  }

  private static Duration rounded(Duration left) {
    return left.toMinutes() > 0
        ? Duration.ofMinutes(left.toMinutes())
        : Duration.ofSeconds(Math.max(1, left.toSeconds()));
  }

  /// At which listeners it would be told so in the place of the greeting that no entry can let it
  /// in, in a sentence each; at which one it is, if that is known, and else at which ones.
  List<String> turnedAway(Facts facts) {
    List<String> all = new ArrayList<>(0);
    for (var listener : meant(facts.listener())) {
      // Nothing else is known of it when it would be greeted.
      var there = connected(facts, listener);
      if (policy.turnsAway(there, facts.address(), listener)) {
        all.add(
            "refuse-strangers = before-greeting of "
                + named(listener)
                + ": nothing that it may do there lets it in");
      }
    }
    return all;
  }

  /// What it is told in the place of the greeting.
  ///
  /// @param turnedAway by which listeners
  Optional<Objection> ungreeted(Facts facts, List<String> turnedAway) {
    String offence = bans.offence(facts.address());
    boolean paused = !offence.isEmpty() && leftThen(facts, pause).isPositive();
    if (paused && meant(facts.listener()).stream().allMatch(at -> pauses(at, facts))) {
      return Optional.of(
          Objection.refusal(
              PolicyReplies.paused(offence),
              "limits.stranger-pause: the last connection from "
                  + IpText.of(facts.address())
                  + " "
                  + offence));
    }
    return facts.listener().isEmpty() || turnedAway.isEmpty()
        ? Optional.empty()
        : Optional.of(Objection.refusal(PolicyReplies.TURNED_AWAY, turnedAway.getFirst()));
  }

  private boolean pauses(ListenerSettings listener, Facts facts) {
    return !listener.forwarders().mayXclient(facts.address())
        && policy.isStranger(connected(facts, listener));
  }

  /// What the session is told before anybody asks whose mail it is: by the listener that it came
  /// to, or by all of them.
  Optional<Objection> beforeMail(Facts facts) {
    List<Objection> all = new ArrayList<>();
    for (var listener : meant(facts.listener())) {
      var objection = beforeMail(listener, facts);
      if (objection.isEmpty()) {
        return objection;
      }
      all.add(objection.get());
    }
    var reasons = all.stream().map(Objection::reason).distinct().toList();
    if (reasons.size() == 1) {
      return Optional.of(all.getFirst());
    }
    // Who logs in or encrypts hardly means a listener that has nothing of it.
    var first =
        all.stream()
            .map(Objection::reply)
            .filter(reply -> !reply.equals(AuthReplies.NOT_OFFERED))
            .filter(reply -> !reply.equals(Replies.TLS_NOT_OFFERED))
            .findFirst()
            .orElse(all.getFirst().reply());
    return Optional.of(
        Objection.refusal(first, "no listener takes it: " + String.join("; ", reasons)));
  }

  /// Where no listener is named, and some say no before anybody asks whose mail it is: at which
  /// others it comes so far, as `listeners`, and what those say, as `notAt`.
  void where(Facts facts, ObjectNode answer) {
    List<String> taking = new ArrayList<>();
    List<String> not = new ArrayList<>();
    for (var listener : facts.listener().isEmpty() ? listeners : List.<ListenerSettings>of()) {
      beforeMail(listener, facts)
          .ifPresentOrElse(
              objection -> not.add(objection.reason()),
              () -> taking.add(listener.name() + " (" + listener.origin() + ")"));
    }
    if (!not.isEmpty()) {
      answer.set("listeners", Json.texts(taking));
      answer.set("notAt", Json.texts(not));
    }
  }

  private Optional<Objection> beforeMail(ListenerSettings listener, Facts facts) {
    boolean tls = facts.tls() != null || listener.tls() == ListenerSettings.Tls.IMPLICIT;
    boolean user = facts.user() != null;
    if (tls && listener.tls() == ListenerSettings.Tls.OFF) {
      return refusal(Replies.TLS_NOT_OFFERED, "tls = off", listener, "STARTTLS is refused");
    }
    if (!tls && listener.tls() == ListenerSettings.Tls.REQUIRED) {
      return refusal(
          Replies.TLS_REQUIRED, "tls = required", listener, "the session is not encrypted (--tls)");
    }
    if (user
        && listener.auth() == ListenerSettings.Auth.OFF
        && !listener.forwarders().xclient().isEmpty()) {
      return Optional.empty(); // It logged in at the proxy.
    }
    if (user && listener.auth() == ListenerSettings.Auth.OFF) {
      return refusal(AuthReplies.NOT_OFFERED, "auth = off", listener, "nobody can log in there");
    }
    if (user && facts.tls() == null && listener.tls() == ListenerSettings.Tls.IMPLICIT) {
      return refusal(
          AuthReplies.IN_CLEAR,
          "tls = implicit",
          listener,
          "the session is encrypted there (--tls)");
    }
    var there = facts.at(listener.name(), listener.zone());
    if (user && !tls && policy.tolerates(there, Tolerance.CLEAR_TEXT_PASSWORD) == null) {
      return refusal(
          AuthReplies.IN_CLEAR,
          "auth",
          listener,
          "AUTH is not offered before TLS (--tls), for no entry with tolerate ="
              + " [clear-text-password] is for this place");
    }
    if (user && blocked(facts).isPresent()) {
      return Optional.of(Objection.refusal(AuthReplies.BLOCKED, blocked(facts).get()));
    }
    return !user && listener.auth() == ListenerSettings.Auth.REQUIRED
        ? refusal(
            AuthReplies.REQUIRED, "auth = required", listener, "it has not authenticated (--user)")
        : Optional.empty();
  }

  private static Optional<Objection> refusal(
      Reply reply, String key, ListenerSettings listener, String why) {
    return Optional.of(Objection.refusal(reply, key + " of " + named(listener) + ": " + why));
  }

  private static String named(ListenerSettings listener) {
    return "listener \"" + listener.name() + "\" (" + listener.origin() + ")";
  }
}
