package dev.poststation;

import dev.poststation.config.Configuration;
import dev.poststation.config.Connector;
import dev.poststation.config.TlsTerms;
import dev.poststation.delivery.Dialer;
import dev.poststation.delivery.Obstacle;
import dev.poststation.delivery.Opening;
import dev.poststation.dns.Resolver;
import dev.poststation.os.Os;
import dev.poststation.os.Together;
import dev.poststation.route.Destination;
import dev.poststation.route.NextHop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;

/// Tries which ports of mail get out of this machine: 25, 465 and 587 of the hosts of connectors,
/// and 25 of the mail exchangers of a domain, directly and through proxies. Nobody logs in, and no
/// mail is sent. Safe for any thread; blocks.
public final class Reach {
  private static final int SMTP = 25;
  private static final int SUBMISSIONS = 465;
  private static final int SUBMISSION = 587;
  private static final List<Integer> PORTS = List.of(SMTP, SUBMISSIONS, SUBMISSION);

  /// Of a domain so many mail exchangers tell enough.
  private static final int EXCHANGERS_MAX = 2;

  private static final String EXAMPLE = "; --domain example.org tries one that listens there.";

  private final Os os;
  private final Configuration configuration;
  private final Resolver resolver;
  private final Dialer dialer;

  /// What came of a port of a host.
  public enum State {
    /// It answers as a mail server does.
    OPEN,
    /// Something answers, but not as it should.
    ODD,
    /// Somebody says no: nothing listens there, or a firewall.
    REFUSED,
    /// Nothing answers.
    SILENT,
    /// The name has no address, or there is no way to it.
    NOWHERE,
    /// The proxy does not do it.
    PROXY,
    /// Nobody was asked: this machine has not the address that should call, or it may not now.
    UNTRIED
  }

  /// A port that was tried.
  ///
  /// @param connector whose host it is; empty: a mail exchanger of the domain, which surely takes
  ///   mail at port 25
  /// @param proxy through which; empty: directly
  /// @param needed whether the connector sends in this very way
  public record Way(
      String connector,
      String host,
      int port,
      String proxy,
      boolean needed,
      State state,
      String text) {}

  Reach(Os os, Configuration configuration, Resolver resolver, Dialer dialer) {
    this.os = os;
    this.configuration = configuration;
    this.resolver = resolver;
    this.dialer = dialer;
  }

  /// Tries all at once.
  ///
  /// @param only these connectors; empty: all
  /// @param domain whose mail exchangers are tried; empty: none
  /// @param patience how long a host may take to answer
  public List<Way> run(List<String> only, String domain, Duration patience) {
    List<Supplier<Way>> questions = new ArrayList<>();
    var exchangers = domain.isEmpty() ? new Exchangers(List.of(), "") : exchangers(domain);
    for (var connector : configuration.connectors().values()) {
      if (connector.type().sends()
          && !connector.type().byRequests()
          && (only.isEmpty() || only.contains(connector.name()))) {
        var hasty = connector.asNobody().within(patience);
        hosts(hasty, questions);
        if (connector.type() == Connector.Type.MX) {
          exchangers.hosts.forEach(host -> ask(hasty, host, hasty.port(), hasty.port(), questions));
        }
      }
    }
    if (!configuration.connectors().isEmpty()) {
      var any = configuration.connectors().values().iterator().next();
      var hasty = any.directly().asNobody().within(patience);
      exchangers.hosts.forEach(host -> questions.add(() -> way(hasty, "", host, SMTP, false)));
    }
    if (!exchangers.problem.isEmpty()) {
      questions.add(() -> new Way("", domain, SMTP, "", false, State.NOWHERE, exchangers.problem));
    }
    return Together.ask(os.tasks(), "reach", questions).stream()
        .distinct()
        .sorted(
            Comparator.comparing(Way::connector)
                .thenComparing(Way::host)
                .thenComparingInt(Way::port)
                .thenComparing(Way::proxy))
        .toList();
  }

  private void hosts(Connector connector, List<Supplier<Way>> questions) {
    for (var host : connector.hosts()) {
      if (host.name().startsWith(Connector.Host.UNIX) || host.byMx()) {
        continue;
      }
      var ports = Stream.concat(Stream.of(host.port()), PORTS.stream()).distinct().toList();
      ports.forEach(port -> ask(connector, host.name(), port, host.port(), questions));
    }
  }

  /// As the connector goes, and directly where that is another way.
  private void ask(
      Connector connector, String host, int port, int its, List<Supplier<Way>> questions) {
    questions.add(() -> way(connector, connector.name(), host, port, port == its));
    if (connector.egress().proxy() != null) {
      var direct = connector.directly();
      questions.add(() -> way(direct, connector.name(), host, port, false));
    }
  }

  /// Of a domain.
  ///
  /// @param problem why there are none; empty: there are
  private record Exchangers(List<String> hosts, String problem) {}

  private Exchangers exchangers(String domain) {
    return switch (resolver.mailExchangers(domain)) {
      case Resolver.Answer.Found<Resolver.MailExchanger>(var found) ->
          found.stream().allMatch(each -> each.host().equals("."))
              ? new Exchangers(List.of(), "takes no mail (null MX, RFC 7505): name another domain")
              : new Exchangers(
                  found.stream()
                      .sorted(Comparator.comparingInt(Resolver.MailExchanger::preference))
                      .map(Resolver.MailExchanger::host)
                      .limit(EXCHANGERS_MAX)
                      .toList(),
                  "");
      case Resolver.Answer.NoRecord<Resolver.MailExchanger> _ ->
          new Exchangers(List.of(domain), ""); // RFC 5321 5.1
      case Resolver.Answer.NoName<Resolver.MailExchanger> _ ->
          new Exchangers(List.of(), "there is no such domain");
      case Resolver.Answer.Failed<Resolver.MailExchanger>(var reason) ->
          new Exchangers(List.of(), "the domain cannot be looked up now: " + reason);
    };
  }

  private Way way(Connector connector, String name, String host, int port, boolean needed) {
    // Whoever answers, answers: who it is does not matter here.
    var terms = TlsTerms.of(Connector.Tls.OPPORTUNISTIC, "reach");
    var hop = new NextHop(host, port, port == SUBMISSIONS);
    var proxy = connector.egress().proxy();
    String through = proxy == null ? "" : proxy.toString();
    var where = new Destination(connector.name(), connector.under(terms), List.of(hop));
    State state;
    String text;
    switch (dialer.open(where)) {
      case Opening.Opened opened -> {
        opened.conversation().close();
        state = State.OPEN;
        text =
            opened.dialogue().stream()
                .filter(line -> line.startsWith("S: "))
                .findFirst()
                .orElse("");
      }
      case Opening.Failed failed -> {
        state = state(failed.obstacle());
        text = failed.outcome().text();
      }
      case Opening.Withheld withheld -> {
        state = State.UNTRIED;
        text = withheld.why().text();
      }
    }
    return new Way(name, host, port, through, needed, state, text);
  }

  private static State state(Obstacle obstacle) {
    return switch (obstacle) {
      case NAME, NO_WAY -> State.NOWHERE;
      case SOURCE -> State.UNTRIED;
      case PROXY, BEYOND_PROXY -> State.PROXY;
      case SILENCE -> State.SILENT;
      case REFUSAL -> State.REFUSED;
      case ACCOUNT, HOST -> State.ODD;
    };
  }

  /// What that means, in sentences for the administrator.
  public static List<String> verdicts(List<Way> ways) {
    List<String> verdicts = new ArrayList<>();
    var direct = ways.stream().filter(way -> way.proxy().isEmpty()).toList();
    boolean answered = direct.stream().anyMatch(way -> answers(way.state));
    for (int port : PORTS) {
      verdicts.add(
          verdict(port, direct.stream().filter(way -> way.port() == port).toList(), answered));
      ways.stream()
          .filter(way -> way.port() == port && !way.proxy().isEmpty() && gets(way.state))
          .map(Way::proxy)
          .distinct()
          .forEach(proxy -> verdicts.add("Port " + port + " gets out through " + proxy + "."));
    }
    return verdicts;
  }

  /// @param its what was tried at that port
  /// @param answered whether anybody answered anywhere
  private static String verdict(int port, List<Way> its, boolean answered) {
    if (its.stream().anyMatch(way -> gets(way.state))) {
      return "Port " + port + " gets out.";
    }
    var asked =
        its.stream()
            .filter(way -> way.state == State.SILENT || way.state == State.REFUSED)
            .toList();
    if (asked.isEmpty()) {
      return "Whether port "
          + port
          + " gets out is not known: "
          + (its.isEmpty()
              ? "no host was tried at it" + (port == SMTP ? EXAMPLE : ".")
              : "no host could be asked, the lines above say why.");
    }
    return asked.stream().allMatch(way -> way.state == State.SILENT)
        ? silent(port, asked, answered)
        : "Port "
            + port
            + " is refused: no host that was tried listens there, or a firewall says no.";
  }

  private static String silent(int port, List<Way> asked, boolean answered) {
    if (!answered) {
      return "Nothing answers at port " + port + ", nor at others: is there a way out at all?";
    }
    if (port == SMTP) {
      return asked.stream().anyMatch(way -> way.needed || way.connector.isEmpty())
          ? "Port 25 is blocked by your provider, most likely: other ports are answered, and this"
              + " one is silent. Send by a smarthost at port 587 or 465, give the connector a proxy"
              + " (proxy = \"socks5://…\"), or have the provider open it."
          : "Port 25 is silent, but no host that was tried is known to listen there" + EXAMPLE;
    }
    return "Port "
        + port
        + " is silent while others are answered: a firewall blocks it, or no host that was tried"
        + " listens there. Port "
        + (port == SUBMISSION ? "465 (smtps://)" : "587")
        + " does the same.";
  }

  private static boolean gets(State state) {
    return state == State.OPEN || state == State.ODD;
  }

  private static boolean answers(State state) {
    return gets(state) || state == State.REFUSED;
  }
}
