package dev.poststation.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.poststation.Poststation;
import dev.poststation.Reach;
import dev.poststation.Trials;
import dev.poststation.config.Account;
import dev.poststation.config.Configuration;
import dev.poststation.config.Connector;
import dev.poststation.config.Loaded;
import dev.poststation.delivery.Dialer;
import dev.poststation.os.Os;
import dev.poststation.os.Workers;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.AddressParser;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The part of the API that tries connectors: as the file has them now, by the process that has the
/// secrets and tokens of the service. Safe for any thread.
public final class TrialRoutes {
  private static final Logger LOG = LoggerFactory.getLogger(TrialRoutes.class);
  private static final Set<String> KEYS =
      Set.of(
          "connector", "account", "host", "domain", "from", "to", "dryRun", "seconds", "rotated");
  private static final Set<String> REACH = Set.of("connectors", "domain", "seconds");
  private static final int SECONDS = 20;
  private static final int REACH_SECONDS = 5;
  private static final int SECONDS_MAX = 300;
  private static final int RECIPIENTS_MAX = 10;

  private final Os os;
  private final Poststation relay;
  private final Supplier<Loaded> file;
  private final Workers hashing;

  TrialRoutes(Os os, Poststation relay, Supplier<Loaded> file) {
    this.os = os;
    this.relay = relay;
    this.file = file;
    this.hashing = Dialer.hashing(os);
  }

  /// Tries one.
  ObjectNode run(String text) {
    var body = Json.body(text);
    var loaded = file.get();
    var configuration = of(loaded);
    var wish = wish(body, configuration);
    LOG.info("An administrator tries connector {}", wish.connector().label());
    var report = run(wish, configuration).put("configuration", which(loaded));
    if (Json.flag(body, "rotated")) {
      rotated(wish.connector(), report);
    }
    return report;
  }

  private static void rotated(Connector connector, ObjectNode report) {
    String whose =
        Optional.ofNullable(connector.account()).map(Account::name).orElse("nobody")
            + " at connector "
            + connector.name();
    switch (Verdict.of(report)) {
      case LET_IN -> LOG.info("The credential of {} was replaced: the new one lets us in", whose);
      case BARRED ->
          LOG.warn("A new credential of {} does not let us in: the old one is put back", whose);
      case UNKNOWN ->
          LOG.warn("The credential of {} was replaced, and no host can tell now", whose);
    }
  }

  /// What a trial says of a secret.
  public enum Verdict {
    /// A host lets us in by it.
    LET_IN,
    /// A host refuses it.
    BARRED,
    /// None was reached, or none that can tell.
    UNKNOWN;

    /// That of a report.
    public static Verdict of(JsonNode report) {
      var verdict = UNKNOWN;
      for (var host : report.path("hosts")) {
        if (host.path("barred").asBoolean()) {
          return BARRED;
        }
        if (host.path("good").asBoolean() && host.has("login")) {
          verdict = LET_IN;
        }
      }
      return verdict;
    }
  }

  private ObjectNode run(Trials.Wish wish, Configuration configuration) {
    try (var trials = Trials.of(os, configuration, relay, hashing)) {
      String mark = trials.mark();
      if (wish.sends()) {
        relay.returns().expect(mark);
      }
      return TrialReport.of(wish, report(trials, wish, mark), "relay");
    }
  }

  private static Trials.Report report(Trials trials, Trials.Wish wish, String mark) {
    try {
      return trials.run(wish, mark);
    } catch (Trials.UsedUpException e) {
      throw Refusal.badRequest("Nothing was sent: " + e.getMessage() + ".");
    }
  }

  /// Whether a mail is to be sent that the relay has to know of, which limits them.
  ///
  /// @throws IllegalArgumentException when it is not said well what is to be tried; the message is
  ///   a sentence
  public static boolean counts(Configuration configuration, ObjectNode body) {
    return said(() -> Trials.counts(wish(body, configuration)));
  }

  /// Tries one in this process, while no relay runs.
  ///
  /// @param claimed whether `data` is in its hands
  /// @throws IllegalArgumentException when it is not said well what is to be tried; the message is
  ///   a sentence
  public static ObjectNode here(
      Os os, Configuration configuration, ObjectNode body, boolean claimed) {
    return said(() -> tried(os, configuration, wish(body, configuration), claimed));
  }

  private static ObjectNode tried(
      Os os, Configuration configuration, Trials.Wish wish, boolean claimed) {
    try (var trials = Trials.alone(os, configuration, claimed)) {
      return TrialReport.of(wish, report(trials, wish, trials.mark()), "command");
    }
  }

  private static <T> T said(Supplier<T> answer) {
    try {
      return answer.get();
    } catch (Refusal e) {
      throw new IllegalArgumentException(e.message(), e);
    }
  }

  /// Tries to log in as an account with another secret, in this process.
  ///
  /// @param account of one connector, with that secret
  public static ObjectNode login(Os os, Configuration configuration, Account account) {
    var connector = configuration.connectors().get(account.connector());
    if (connector == null) {
      throw new IllegalArgumentException("no connector " + account.connector());
    }
    return asking(os, configuration, connector.as(account), null, List.of());
  }

  /// Tries a connector as it would be, in this process, and sends no mail.
  ///
  /// @param connector decided for one of its accounts
  /// @param from the sender of a mail that is asked about; null: none is
  /// @throws IllegalArgumentException when it is not said well what is to be tried; the message is
  ///   a sentence
  public static ObjectNode asking(
      Os os,
      Configuration configuration,
      Connector connector,
      @Nullable Address from,
      List<Address> to) {
    if (connector.type() == Connector.Type.MX && to.isEmpty()) {
      throw new IllegalArgumentException(
          "Connector " + connector.name() + " has type = mx: say --from and --to.");
    }
    var wish = new Trials.Wish(connector, null, "", from, to, false, Duration.ofSeconds(SECONDS));
    return tried(os, configuration, wish, false);
  }

  /// Tries which ports get out.
  ObjectNode reach(String text) {
    var loaded = file.get();
    return reached(os, of(loaded), Json.body(text), "relay").put("configuration", which(loaded));
  }

  /// The same in this process, while no relay runs.
  ///
  /// @throws IllegalArgumentException when it is not said well what is to be tried; the message is
  ///   a sentence
  public static ObjectNode reachedFromHere(Os os, Configuration configuration, ObjectNode body) {
    return said(() -> reached(os, configuration, body, "command"));
  }

  /// @param by who tries: `relay` or `command`
  private static ObjectNode reached(
      Os os, Configuration configuration, ObjectNode body, String by) {
    Known.keys(body, REACH);
    List<String> only = new ArrayList<>();
    body.path("connectors").forEach(each -> only.add(each.asText()));
    for (String name : only) {
      if (!configuration.connectors().containsKey(name)) {
        throw noConnector(name, configuration);
      }
    }
    String domain = Json.text(body, "domain").orElse("");
    var ways = Trials.reach(os, configuration).run(only, domain, patience(body, REACH_SECONDS));
    var answer = Json.object().put("by", by);
    var list = answer.putArray("ways");
    for (var way : ways) {
      var entry = list.addObject().put("connector", way.connector()).put("host", way.host());
      entry.put("port", way.port()).put("proxy", way.proxy()).put("needed", way.needed());
      entry.put("state", Json.word(way.state())).put("text", way.text());
    }
    answer.set("verdicts", Json.texts(Reach.verdicts(ways)));
    return answer;
  }

  private static Duration patience(ObjectNode body, int usual) {
    int seconds = body.path("seconds").asInt(usual);
    if (seconds < 1 || seconds > SECONDS_MAX) {
      throw Refusal.badRequest("\"seconds\" is from 1 to " + SECONDS_MAX + ".");
    }
    return Duration.ofSeconds(seconds);
  }

  /// A file with mistakes somewhere does not hinder that the relay tries what it has.
  private Configuration of(Loaded loaded) {
    return loaded instanceof Loaded.Good good ? good.configuration() : relay.configuration();
  }

  private static String which(Loaded loaded) {
    return loaded instanceof Loaded.Good ? "file" : "running";
  }

  /// Whether a mail has come back.
  ObjectNode returned(String mark) {
    return relay
        .returns()
        .seen(mark)
        .map(TrialReport::of)
        .orElseThrow(() -> Refusal.notFound("No mail with that mark has come back."));
  }

  /// Reads what is to be tried.
  private static Trials.Wish wish(ObjectNode body, Configuration configuration) {
    Known.keys(body, KEYS);
    var connector = connector(body, configuration);
    Optional<Address> from = Json.text(body, "from").map(TrialRoutes::address);
    List<Address> to = new ArrayList<>();
    body.path("to").forEach(each -> to.add(address(each.asText())));
    if (to.size() > RECIPIENTS_MAX) {
      throw Refusal.badRequest("A test mail has " + RECIPIENTS_MAX + " recipients at most.");
    }
    if (from.isPresent() && to.isEmpty()) {
      throw Refusal.badRequest(
          "Whether a sender is taken shows at the recipient: say to whom, too (--to); with dryRun"
              + " (--dry-run) nothing is sent.");
    }
    String domain = Json.text(body, "domain").orElse("");
    if (connector.type().byRequests() && Json.flag(body, "dryRun")) {
      String who = connector.type() == Connector.Type.GRAPH ? "Microsoft Graph" : "An endpoint";
      throw Refusal.badRequest(
          who + " cannot be asked about a mail without sending it: leave out --dry-run.");
    }
    if (connector.type() == Connector.Type.MX && domain.isEmpty() && to.isEmpty()) {
      throw Refusal.badRequest(
          "Connector "
              + connector.name()
              + " has type = mx: say the mail exchangers of which domain are to be tried (--domain"
              + " example.org), or to whom a mail is to go (--to).");
    }
    return new Trials.Wish(
        connector,
        Json.text(body, "host").orElse(null),
        domain,
        from.orElseGet(() -> to.isEmpty() ? null : sender(connector)),
        to,
        !Json.flag(body, "dryRun"),
        patience(body, SECONDS));
  }

  /// The account itself, where it is an address.
  private static Address sender(Connector connector) {
    var account = connector.account();
    return Optional.ofNullable(account)
        .flatMap(each -> AddressParser.parse(each.user()))
        .orElseThrow(
            () ->
                Refusal.badRequest(
                    "From whom? The account is no address: say the sender (--from)."));
  }

  private static Connector connector(ObjectNode body, Configuration configuration) {
    String name =
        Json.text(body, "connector")
            .orElseThrow(() -> Refusal.badRequest("\"connector\" is missing."));
    var found = configuration.connectors().get(name);
    if (found == null) {
      throw noConnector(name, configuration);
    }
    if (!found.type().sends()) {
      throw Refusal.badRequest(
          "Connector " + name + " sends nothing (hold, discard): there is nothing to try.");
    }
    return decided(found, Json.text(body, "account").orElse(null));
  }

  private static Refusal noConnector(String name, Configuration configuration) {
    return Refusal.badRequest(
        "There is no connector \""
            + name
            + "\"; there are: "
            + String.join(", ", configuration.connectors().keySet())
            + ".");
  }

  private static Connector decided(Connector connector, @Nullable String account) {
    var auth = connector.auth();
    if (auth == null || (account == null && !connector.undecided())) {
      if (account != null) {
        throw Refusal.badRequest("Connector " + connector.name() + " has no accounts.");
      }
      return connector;
    }
    var accounts = auth.accounts();
    if (account == null && accounts.size() > 1) {
      throw Refusal.badRequest(
          "Connector "
              + connector.name()
              + " has several accounts, say which (--account): "
              + String.join(", ", accounts.stream().map(each -> each.name()).toList())
              + ".");
    }
    return accounts.stream()
        .filter(each -> account == null || each.name().equals(account))
        .findFirst()
        .map(connector::as)
        .orElseThrow(
            () ->
                Refusal.badRequest(
                    "Connector "
                        + connector.name()
                        + " has no account \""
                        + account
                        + "\"; it has: "
                        + String.join(", ", accounts.stream().map(each -> each.name()).toList())
                        + "."));
  }

  private static Address address(String text) {
    return AddressParser.parse(AddressParser.withoutBrackets(text))
        .orElseThrow(() -> Refusal.badRequest("\"" + text + "\" is no address."));
  }
}
