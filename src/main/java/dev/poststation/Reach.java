package dev.poststation;

import dev.poststation.config.Configuration;
import dev.poststation.config.Connector;
import dev.poststation.config.TlsTerms;
import dev.poststation.delivery.Dialer;
import dev.poststation.delivery.Opening;
import dev.poststation.dns.Resolver;
import dev.poststation.message.Outcome;
import dev.poststation.message.Outcome.Stage;
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
import org.jspecify.annotations.Nullable;

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
    PROXY
  }

  /// A port that was tried.
  ///
  /// @param connector whose host it is; empty: a mail exchanger of the domain
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
    for (var connector : configuration.connectors().values()) {
      if (connector.type().sends()
          && connector.type() != Connector.Type.GRAPH
          && (only.isEmpty() || only.contains(connector.name()))) {
        var hasty = connector.asNobody().within(patience);
        hosts(hasty, questions);
        if (!domain.isEmpty() && connector.type() == Connector.Type.MX) {
          exchangers(domain)
              .forEach(host -> ask(hasty, host, hasty.port(), hasty.port(), questions));
        }
      }
    }
    if (!domain.isEmpty() && !configuration.connectors().isEmpty()) {
      var any = configuration.connectors().values().iterator().next();
      var hasty = any.directly().asNobody().within(patience);
      for (String host : exchangers(domain)) {
        questions.add(() -> way(hasty, "", host, SMTP, false));
      }
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

  private List<String> exchangers(String domain) {
    return switch (resolver.mailExchangers(domain)) {
      case Resolver.Answer.Found<Resolver.MailExchanger>(var found) ->
          found.stream()
              .sorted(Comparator.comparingInt(Resolver.MailExchanger::preference))
              .map(Resolver.MailExchanger::host)
              .limit(EXCHANGERS_MAX)
              .toList();
      case Resolver.Answer.NoRecord<Resolver.MailExchanger> _ -> List.of(domain);
      case Resolver.Answer.NoName<Resolver.MailExchanger> _,
          Resolver.Answer.Failed<Resolver.MailExchanger> _ ->
          List.of();
    };
  }

  private Way way(Connector connector, String name, String host, int port, boolean needed) {
    // Whoever answers, answers: who it is does not matter here.
    var terms = TlsTerms.of(Connector.Tls.OPPORTUNISTIC, "reach");
    var hop = new NextHop(host, port, port == SUBMISSIONS);
    var proxy = connector.egress().proxy();
    String through = proxy == null ? "" : proxy.toString();
    var where = new Destination(connector.name(), connector.under(terms), List.of(hop));
    return switch (dialer.open(where)) {
      case Opening.Opened opened -> {
        opened.conversation().close();
        String greeting =
            opened.dialogue().stream()
                .filter(line -> line.startsWith("S: "))
                .findFirst()
                .orElse("");
        yield new Way(name, host, port, through, needed, State.OPEN, greeting);
      }
      case Opening.Failed failed ->
          new Way(
              name,
              host,
              port,
              through,
              needed,
              state(failed.outcome(), through),
              failed.outcome().text());
      case Opening.Withheld withheld ->
          new Way(
              name,
              host,
              port,
              through,
              needed,
              state(withheld.why(), through),
              withheld.why().text());
    };
  }

  private static State state(@Nullable Outcome outcome, String proxy) {
    String text = outcome == null ? "" : outcome.text();
    var stage = outcome instanceof Outcome.Deferred deferred ? deferred.stage() : Stage.ROUTE;
    if (stage == Stage.CONNECT && !proxy.isEmpty()) {
      return State.PROXY;
    }
    if (stage == Stage.CONNECT) {
      return text.contains("no answer in time")
          ? State.SILENT
          : text.contains("refused") ? State.REFUSED : State.NOWHERE;
    }
    return stage == Stage.ROUTE ? State.NOWHERE : State.ODD;
  }

  /// What that means, in sentences for the administrator.
  public static List<String> verdicts(List<Way> ways) {
    List<String> verdicts = new ArrayList<>();
    var direct = ways.stream().filter(way -> way.proxy().isEmpty()).toList();
    boolean any = direct.stream().anyMatch(way -> gets(way.state));
    for (int port : PORTS) {
      var its = direct.stream().filter(way -> way.port() == port).toList();
      if (its.isEmpty()) {
        verdicts.add(
            "Whether port "
                + port
                + " gets out is not known: no host was tried at it"
                + (port == SMTP ? "; --domain example.org tries one that listens there." : "."));
      } else if (its.stream().anyMatch(way -> gets(way.state))) {
        verdicts.add("Port " + port + " gets out.");
      } else if (its.stream().allMatch(way -> way.state == State.SILENT)) {
        verdicts.add(silent(port, any));
      } else {
        verdicts.add("Port " + port + " was not reached at any host; no host may listen there.");
      }
      var proxied = ways.stream().filter(way -> way.port() == port && !way.proxy().isEmpty());
      proxied
          .filter(way -> gets(way.state))
          .map(Way::proxy)
          .distinct()
          .forEach(proxy -> verdicts.add("Port " + port + " gets out through " + proxy + "."));
    }
    return verdicts;
  }

  private static String silent(int port, boolean others) {
    if (!others) {
      return "Nothing answers at port " + port + ", nor at others: is there a way out at all?";
    }
    return port == SMTP
        ? "Port 25 is blocked by your provider, most likely: other ports get out, and this one is"
            + " silent. Send by a smarthost at port 587 or 465, give the connector a proxy"
            + " (proxy = \"socks5://…\"), or have the provider open it."
        : "Port "
            + port
            + " is silent while others get out: a firewall blocks it, or no host that was tried"
            + " listens there. Port "
            + (port == SUBMISSION ? "465 (smtps://)" : "587")
            + " does the same.";
  }

  private static boolean gets(State state) {
    return state == State.OPEN || state == State.ODD;
  }
}
