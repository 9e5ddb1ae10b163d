package dev.poststation.config;

import java.math.BigInteger;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Function;

/// Looks at whether the entries of `clients` fit to the rest of the configuration, and to the day.
/// Confined to one thread.
final class ClientCheck {
  private static final int WARN_DAYS = 30;

  /// Exceptions that make somebody readable are for a house, which has a `/16` at most, or a `/32`.
  private static final BigInteger TOLERATED_4 = BigInteger.ONE.shiftLeft(32 - 16);

  private static final BigInteger TOLERATED_6 = BigInteger.ONE.shiftLeft(128 - 32);

  private final Section in;
  private final Configuration configuration;

  ClientCheck(Section in, Configuration configuration) {
    this.in = in;
    this.configuration = configuration;
  }

  void check() {
    for (ClientRule rule : configuration.clients()) {
      known(rule, "listener", rule.when().listeners(), ListenerSettings::name);
      known(rule, "zone", rule.when().zones(), ListenerSettings::zone);
      checkPeer(rule);
      checkDay(rule);
      checkOwn(rule);
      checkTls(rule);
      checkLogin(rule);
      checkLimits(rule);
      checkTolerance(rule);
      checkStepUp(rule);
      ExchangeServers.check(in.reading().problems(), rule);
    }
    ExchangeServers.checkContent(configuration, in.reading().problems());
    UnsignedClients.tell(configuration, in.reading().problems());
    checkAuthInClear();
    checkElsewhere();
    LooserEntries.tell(configuration.clients(), this::isOver, in.reading().problems());
  }

  private void known(
      ClientRule rule, String what, List<String> named, Function<ListenerSettings, String> of) {
    var there = new TreeSet<String>();
    configuration.listeners().forEach(listener -> there.add(of.apply(listener)));
    there.remove("");
    for (String name : named) {
      if (!there.contains(name)) {
        String all =
            there.isEmpty()
                ? "no listener has a " + what
                : "the " + what + "s are " + String.join(", ", there);
        in.reading()
            .problems()
            .error(
                rule.origin(),
                client(rule) + " asks for a " + what + " \"" + name + "\" that is not there",
                Nearest.remedy(name, there, all));
      }
    }
  }

  private void checkPeer(ClientRule rule) {
    Peer peer = rule.when().peer();
    String remedy = Peer.unproven(rule);
    if (peer != null && remedy != null) {
      in.reading()
          .problems()
          .error(
              rule.origin(),
              client(rule)
                  + " lets every customer of "
                  + peer.provider().word()
                  + " relay: the mail of all of them comes from the same servers",
              remedy);
    }
  }

  private void checkDay(ClientRule rule) {
    LocalDate last = rule.when().expires();
    if (last == null) {
      return;
    }
    long days = ChronoUnit.DAYS.between(today(), last);
    if (days < 0) {
      warning(rule, client(rule) + " has expired on " + last + " and matches nobody", "remove it");
    } else if (days <= WARN_DAYS) {
      warning(
          rule, client(rule) + " expires after " + last, "change expires if it is still needed");
    }
  }

  private LocalDate today() {
    return in.reading().os().time().now().atZone(ZoneId.systemDefault()).toLocalDate();
  }

  private void checkOwn(ClientRule rule) {
    boolean own = rule.terms().senders().own() || rule.terms().headerSenders().own();
    if (own && !rule.when().asksForLogin()) {
      warning(
          rule,
          client(rule) + " allows own senders, but does not ask for a user, who alone has some",
          "write auth = required in it");
    }
  }

  private boolean isTlsOffered() {
    return configuration.listeners().stream()
        .anyMatch(listener -> listener.tls() != ListenerSettings.Tls.OFF);
  }

  private void checkTls(ClientRule rule) {
    boolean needed = rule.when().tls() || !rule.when().certificates().isEmpty();
    if (needed && !isTlsOffered()) {
      warning(
          rule,
          client(rule) + " never matches: it asks for TLS, which no listener offers",
          "write certificates = [ { chain = \"…\", key = \"…\" } ]");
    } else if (!rule.when().certificates().isEmpty()
        && configuration.listeners().stream()
            .noneMatch(listener -> listener.clientCertificates().requested())) {
      warning(
          rule,
          client(rule) + " never matches: no listener asks clients for a certificate",
          "write client-certificates = request in a listener with TLS");
    }
  }

  private void checkLogin(ClientRule rule) {
    boolean offered =
        configuration.listeners().stream()
            .anyMatch(
                listener ->
                    listener.auth() != ListenerSettings.Auth.OFF
                        || !listener.forwarders().xclient().isEmpty()); // It says who logged in.
    if (rule.when().asksForLogin() && !offered) {
      warning(
          rule,
          client(rule) + " never matches: it asks for a user, but no listener has AUTH",
          "write auth = offered in a listener with TLS");
    }
  }

  /// A place or a certificate and a password are no more than a password where another entry,
  /// before or behind, is content with it.
  private void checkElsewhere() {
    var rules = configuration.clients();
    for (var strict : rules) {
      String needs = strict.when().besidesLogin();
      if (!strict.when().asksForLogin() || needs.isEmpty() || isOver(strict)) {
        continue;
      }
      rules.stream()
          .filter(other -> isContentWithLogin(other, strict))
          .findFirst()
          .ifPresent(
              other ->
                  warning(
                      other,
                      client(other)
                          + " lets the users of "
                          + client(strict)
                          + " in from anywhere"
                          + door(other.when())
                          + ", though that one ("
                          + strict.origin()
                          + ") asks for its "
                          + needs
                          + ", too",
                      "name the users of one of them, if their passwords shall be of no use"
                          + " elsewhere"));
    }
  }

  private boolean isContentWithLogin(ClientRule other, ClientRule strict) {
    return !other.equals(strict)
        && other.when().isAnywhere()
        && other.when().shareUsers(strict.when())
        && !isOver(other);
  }

  private boolean isOver(ClientRule rule) {
    LocalDate last = rule.when().expires();
    return last != null && today().isAfter(last);
  }

  private static String door(ClientConditions when) {
    List<String> parts = new ArrayList<>(2);
    if (!when.listeners().isEmpty()) {
      parts.add("listener " + String.join(" or ", when.listeners()));
    }
    if (!when.zones().isEmpty()) {
      parts.add("zone " + String.join(" or ", when.zones()));
    }
    return parts.isEmpty() ? "" : " (at " + String.join(" in ", parts) + ")";
  }

  private void checkLimits(ClientRule rule) {
    var limits = configuration.limits();
    var terms = rule.terms();
    beyond(rule, "message-size", terms.messageSize(), limits.messageSize());
    beyond(rule, "recipients-per-mail", terms.recipientsPerMail(), limits.recipients());
    beyond(rule, "connections", terms.connections(), limits.sessionsPerClient());
  }

  private void beyond(ClientRule rule, String key, long value, long most) {
    if (value > most) {
      warning(
          rule,
          "the " + key + " of " + client(rule) + " is more than limits lets anybody have",
          "raise the limit, or lower it");
    }
  }

  private void checkTolerance(ClientRule rule) {
    if (rule.tolerate().isEmpty()) {
      return;
    }
    if (!rule.when().namePlace()) {
      error(
          rule.origin(),
          client(rule) + " makes exceptions for old devices, wherever they are",
          "name their networks in it");
    }
    checkTolerated(rule);
    if (!rule.tolerate().contains(Tolerance.CLEAR_TEXT_PASSWORD)) {
      return;
    }
    if (rule.when().tls()) {
      error(
          rule.origin(),
          client(rule) + " has tls = required, and tolerates passwords before TLS",
          "remove one of them");
    }
    boolean possible =
        configuration.listeners().stream()
            .anyMatch(
                listener ->
                    listener.auth() != ListenerSettings.Auth.OFF
                        && (listener.tls() == ListenerSettings.Tls.OFF
                            || listener.tls() == ListenerSettings.Tls.OFFERED));
    if (!possible) {
      warning(
          rule,
          client(rule) + " tolerates passwords in clear, but no listener offers AUTH in clear",
          "write auth = offered in a listener with tls = offered or off");
    }
  }

  private void checkTolerated(ClientRule rule) {
    List<String> words = rule.tolerate().stream().sorted().map(Tolerance::word).toList();
    var old = words.stream().filter(word -> word.startsWith("tls-")).toList();
    if (!old.isEmpty() && !isTlsOffered()) {
      warning(
          rule,
          client(rule)
              + " tolerates "
              + String.join(" and ", old)
              + ", but no listener offers TLS at all",
          "write certificates = [ { chain = \"…\", key = \"…\" } ], or remove it");
    }
    boolean byName = !rule.when().hosts().isEmpty() || !rule.when().reverse().isEmpty();
    List<Cidr> networks = rule.networks();
    boolean wide =
        RelayCheck.publicOnes(4, networks).compareTo(TOLERATED_4) > 0
            || RelayCheck.publicOnes(16, networks).compareTo(TOLERATED_6) > 0;
    if (wide && !byName) {
      warning(
          rule,
          client(rule)
              + " tolerates "
              + String.join(", ", words)
              + " from more of the Internet than any old device can be in",
          "make an entry of its own for the networks of those devices");
    }
  }

  /// Whoever has to log in, and cannot, is out for good. That there are users is seen by `check`,
  /// which reads their file.
  private void checkStepUp(ClientRule rule) {
    boolean asks = rule.profile() == ClientRule.Profile.STEP_UP && !rule.when().asksForLogin();
    boolean possible =
        configuration.listeners().stream()
            .anyMatch(listener -> listener.auth() != ListenerSettings.Auth.OFF);
    if (asks && !possible) {
      warning(
          rule,
          client(rule)
              + " has profile = step-up, but no listener has AUTH: a device that was not itself"
              + " could not send again by logging in",
          "write auth = offered in a listener with TLS, or profile = hold");
    }
  }

  /// Where nobody can encrypt, only those can log in to whom an exception is made.
  private void checkAuthInClear() {
    boolean tolerated =
        configuration.clients().stream()
            .anyMatch(rule -> rule.tolerate().contains(Tolerance.CLEAR_TEXT_PASSWORD));
    for (ListenerSettings listener : configuration.listeners()) {
      if (listener.auth() != ListenerSettings.Auth.OFF
          && listener.tls() == ListenerSettings.Tls.OFF
          && !tolerated) {
        error(
            listener.origin(),
            "listener "
                + listener.name()
                + " has auth = "
                + Kinds.word(listener.auth())
                + ", but tls = off: passwords are taken only in an encrypted connection",
            "write tls = required, and certificates if there are none; or auth = off");
      }
    }
  }

  private static String client(ClientRule rule) {
    return "client \"" + rule.name() + "\"";
  }

  private void error(Origin origin, String message, String remedy) {
    in.reading().problems().error(origin, message, remedy);
  }

  private void warning(ClientRule rule, String message, String remedy) {
    in.reading().problems().warning(rule.origin(), message, remedy);
  }
}
