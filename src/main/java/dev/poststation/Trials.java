package dev.poststation;

import dev.poststation.config.Configuration;
import dev.poststation.config.Connector;
import dev.poststation.delivery.Advice;
import dev.poststation.delivery.Conversation;
import dev.poststation.delivery.Dialer;
import dev.poststation.delivery.Opening;
import dev.poststation.delivery.SourceAddresses;
import dev.poststation.delivery.Tokens;
import dev.poststation.dns.DnsResolver;
import dev.poststation.dns.Resolver;
import dev.poststation.log.Event;
import dev.poststation.message.Outcome;
import dev.poststation.os.Os;
import dev.poststation.os.TlsFacts;
import dev.poststation.os.Workers;
import dev.poststation.queue.Directions;
import dev.poststation.queue.Errand;
import dev.poststation.queue.Quotas;
import dev.poststation.route.Destination;
import dev.poststation.route.NextHop;
import dev.poststation.route.Resolution;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.Capabilities;
import dev.poststation.tls.ClientTls;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Tries connectors on the way that mail goes: the same dialer, with the same credentials, terms of
/// TLS, proxies and addresses of ours, over connections of its own. What it learns of hosts counts
/// for no breaker; a mail that it sends counts for quotas and plans. Safe for any thread; blocks.
public final class Trials implements AutoCloseable {
  private static final int MARK_OCTETS = 9;

  private final Os os;
  private final Configuration configuration;
  private final Directions directions;
  private final Dialer dialer;
  private final Quotas quotas;
  private final Runnable end;

  /// A quota does not allow the mail that was to be sent: nothing was tried. The message is a
  /// clause.
  public static final class UsedUpException extends Exception {
    UsedUpException(String why) {
      super(why);
    }
  }

  /// What is to be tried.
  ///
  /// @param connector decided for one of its accounts, if it has several
  /// @param host only this one of its hosts, `host:port` or `host`; null: all
  /// @param domain whose mail exchangers are meant, with `type = mx`; empty: of the recipients
  /// @param from the sender of a mail; null: none is asked about
  /// @param to its recipients; empty: no mail is asked about
  /// @param send whether the mail is sent; else MAIL and RCPT are said, and taken back
  /// @param patience how long each step may take at most
  public record Wish(
      Connector connector,
      @Nullable String host,
      String domain,
      @Nullable Address from,
      List<Address> to,
      boolean send,
      Duration patience) {
    public Wish {
      to = List.copyOf(to);
    }

    /// Whether a mail is really sent.
    public boolean sends() {
      return send && from != null;
    }
  }

  /// What a host is like.
  ///
  /// @param failure why it takes no mail; null: it would
  /// @param barred whether it is the account that it does not let in, for good
  /// @param policies what other terms of TLS would say of it
  public record Tried(
      NextHop hop,
      String relay,
      List<String> dialogue,
      @Nullable Outcome failure,
      boolean barred,
      List<String> advice,
      @Nullable TlsFacts tls,
      Event.@Nullable Login login,
      Capabilities can,
      List<Policy> policies) {
    public Tried {
      dialogue = List.copyOf(dialogue);
      advice = List.copyOf(advice);
      policies = List.copyOf(policies);
    }
  }

  /// What terms of TLS say of a host.
  ///
  /// @param flaw why it would get no mail; empty: it would
  public record Policy(String word, String flaw) {}

  /// What became of one recipient.
  ///
  /// @param outcome null: it would be taken
  public record Answer(@Nullable Address to, @Nullable Outcome outcome, List<String> advice) {
    public Answer {
      advice = List.copyOf(advice);
    }
  }

  /// What became of the mail.
  ///
  /// @param relay the host that was asked
  /// @param sender in MAIL FROM, as the host was told it: the connector may replace senders
  /// @param author in From, as the host was told it
  public record Mailed(
      String relay,
      Address sender,
      Address author,
      String mark,
      String subject,
      List<Answer> answers,
      List<String> dialogue) {
    public Mailed {
      answers = List.copyOf(answers);
      dialogue = List.copyOf(dialogue);
    }

    private Mailed after(Stream<List<String>> before) {
      var all = Stream.concat(before, Stream.of(dialogue)).flatMap(List::stream).toList();
      return new Mailed(relay, sender, author, mark, subject, answers, all);
    }
  }

  /// All that was found.
  ///
  /// @param nowhere why the connector leads to no host; null: it does
  /// @param facts how its hosts were found
  /// @param mailed null: no mail was asked about, or no host was reached that could be
  public record Report(
      @Nullable Outcome nowhere, List<String> facts, List<Tried> hosts, @Nullable Mailed mailed) {
    public Report {
      facts = List.copyOf(facts);
      hosts = List.copyOf(hosts);
    }

    /// Whether all is well.
    public boolean good() {
      return nowhere == null
          && !hosts.isEmpty()
          && hosts.stream().allMatch(host -> host.failure() == null)
          && (mailed == null
              || mailed.answers().stream()
                  .map(Answer::outcome)
                  .allMatch(each -> each == null || each instanceof Outcome.Delivered));
    }
  }

  private Trials(
      Os os,
      Configuration configuration,
      Tokens tokens,
      SourceAddresses sources,
      Quotas quotas,
      Workers hashing,
      Runnable end) {
    var resolver = new DnsResolver(configuration.dns(), os);
    this.os = os;
    this.configuration = configuration;
    this.directions = Ways.beside(configuration, resolver, os);
    this.dialer = dialer(os, configuration, resolver, tokens, sources, hashing);
    this.quotas = quotas;
    this.end = end;
  }

  /// Those of a configuration that a relay need not run with, which know what it knows.
  ///
  /// @param hashing the threads of all trials of this process
  public static Trials of(Os os, Configuration configuration, Poststation relay, Workers hashing) {
    var tokens = new TrialTokens(os, configuration.data(), relay.tokens());
    var quotas = relay.queue().quotas();
    return new Trials(os, configuration, tokens, relay.sources(), quotas, hashing, () -> {});
  }

  /// Those of a command, while no relay runs: they know what one has written down.
  ///
  /// @param claimed whether `data` is in the hands of the command: then what is sent is counted for
  ///   the next start
  public static Trials alone(Os os, Configuration configuration, boolean claimed) {
    var data = configuration.data();
    var tokens = new TrialTokens(os, data, null);
    var sources = claimed ? new SourceAddresses(os, data, _ -> {}) : SourceAddresses.read(os, data);
    var quotas = claimed ? new Quotas(os, data) : new Quotas(os);
    Runnable end =
        () -> {
          sources.close();
          quotas.close();
        };
    return new Trials(os, configuration, tokens, sources, quotas, Dialer.hashing(os), end);
  }

  /// Whether a mail that is sent is one of a number that the connector may send.
  public static boolean counts(Wish wish) {
    var connector = wish.connector();
    return wish.sends()
        && (!connector.pool().unlimited()
            || connector.egress().sources().stream().anyMatch(each -> each.warmUp() != null));
  }

  /// Tries which ports get out by a configuration.
  public static Reach reach(Os os, Configuration configuration) {
    var resolver = new DnsResolver(configuration.dns(), os);
    return new Reach(
        os,
        configuration,
        resolver,
        dialer(
            os,
            configuration,
            resolver,
            Tokens.NONE,
            SourceAddresses.unkept(os),
            Dialer.hashing(os)));
  }

  private static Dialer dialer(
      Os os,
      Configuration configuration,
      Resolver resolver,
      Tokens tokens,
      SourceAddresses sources,
      Workers hashing) {
    return new Dialer(
        os,
        resolver,
        ClientTls.system(os.disk()),
        configuration.hostname(),
        configuration::limits,
        tokens,
        sources,
        hashing);
  }

  /// A mark for a mail.
  public String mark() {
    byte[] octets = new byte[MARK_OCTETS];
    os.chance().fill(octets);
    return "try-" + Base64.getUrlEncoder().withoutPadding().encodeToString(octets);
  }

  /// Tries.
  ///
  /// @param mark of the mail
  /// @throws UsedUpException when it may not be sent now
  public Report run(Wish wish, String mark) throws UsedUpException {
    var connector = wish.connector().within(wish.patience());
    String domain =
        wish.domain().isEmpty() && !wish.to().isEmpty()
            ? wish.to().getFirst().domainKey()
            : wish.domain();
    return switch (directions.resolve(connector, domain)) {
      case Resolution.Nowhere(var outcome, var facts) ->
          new Report(outcome, facts, List.of(), null);
      case Resolution.Found(var destination, var facts) -> {
        var hops = destination.hosts().stream().filter(hop -> isMeant(hop, wish.host())).toList();
        yield run(wish, mark, destination.with(hops), facts);
      }
    };
  }

  /// What is sent is one of the quota.
  private Report run(Wish wish, String mark, Destination destination, List<String> facts)
      throws UsedUpException {
    if (!wish.sends()) {
      return run(wish, mark, destination, facts, () -> {});
    }
    var errand = Errand.of(quotas, wish.connector(), wish.to().size());
    if (!errand.lack().isEmpty()) {
      throw new UsedUpException(errand.lack());
    }
    List<@Nullable Outcome> outcomes = new ArrayList<>();
    try {
      var report = run(wish, mark, destination, facts, errand::out);
      if (report.mailed != null) {
        report.mailed.answers().forEach(each -> outcomes.add(each.outcome()));
      }
      return report;
    } finally {
      errand.settle(outcomes);
    }
  }

  private static boolean isMeant(NextHop hop, @Nullable String host) {
    return host == null || hop.toString().equals(host) || hop.host().equals(host);
  }

  private Report run(
      Wish wish, String mark, Destination destination, List<String> facts, Runnable beforeEnd) {
    List<Tried> hosts = new ArrayList<>();
    Mailed mailed = null;
    for (var hop : destination.hosts()) {
      var one = destination.with(List.of(hop));
      switch (dialer.open(one)) {
        case Opening.Failed failed -> hosts.add(tried(one, hop, failed));
        case Opening.Withheld withheld -> hosts.add(tried(one, hop, withheld.failed()));
        case Opening.Opened opened -> {
          var conversation = opened.conversation();
          try {
            hosts.add(tried(one, hop, opened));
            if (mailed == null && wish.from() != null) {
              mailed = mail(wish, mark, one, conversation, beforeEnd);
            }
          } finally {
            conversation.close();
          }
        }
      }
    }
    return new Report(null, facts, hosts, mailed);
  }

  private Tried tried(Destination where, NextHop hop, Opening.Failed failed) {
    var outcome = failed.outcome();
    return new Tried(
        hop,
        failed.relay(),
        failed.dialogue(),
        outcome,
        isOfAccount(failed),
        Advice.on(failed, hop.port(), where.connector()),
        null,
        null,
        Capabilities.NONE,
        List.of());
  }

  /// A host that only cannot tell now counts among the refusals.
  private static boolean isOfAccount(Opening.Failed failed) {
    return failed.outcome() instanceof Outcome.Deferred deferred
        && deferred.stage() == Outcome.Stage.AUTH
        && failed.refusals().isEmpty();
  }

  private Tried tried(Destination where, NextHop hop, Opening.Opened opened) {
    var conversation = opened.conversation();
    return new Tried(
        hop,
        conversation.relay(),
        opened.dialogue(),
        null,
        false,
        List.of(),
        conversation.tls(),
        conversation.login(),
        conversation.can(),
        policies(where, hop, conversation));
  }

  /// Other terms are asked over other connections, without a login.
  private List<Policy> policies(Destination where, NextHop hop, Conversation conversation) {
    var terms = where.connector().tls();
    if (conversation.tls() == null || hop.local()) {
      return List.of();
    }
    List<Policy> policies = new ArrayList<>();
    for (var level : List.of(Connector.Tls.REQUIRED, Connector.Tls.VERIFY)) {
      if (level == terms.level()) {
        continue;
      }
      var other = terms.at(level, "tls");
      var connector = where.connector().under(other).asNobody();
      @Nullable String flaw =
          switch (dialer.open(new Destination(where.name(), connector, List.of(hop)))) {
            case Opening.Failed failed -> failed.outcome().text();
            case Opening.Withheld _ -> null; // The last mail of a plan is set aside for the trial.
            case Opening.Opened opened -> {
              opened.conversation().close();
              yield "";
            }
          };
      if (flaw != null) {
        policies.add(new Policy(other.word(), flaw));
      }
    }
    return policies;
  }

  /// Where the host refuses us for the address that we come from, another one is tried, as for any
  /// mail.
  private Mailed mail(
      Wish wish, String mark, Destination where, Conversation conversation, Runnable beforeEnd) {
    var first = mail(wish, mark, where.hosts().getFirst(), conversation, beforeEnd);
    if (!conversation.unwelcome()) {
      return first;
    }
    if (!(dialer.open(where) instanceof Opening.Opened again)) {
      return first;
    }
    try {
      var next = mail(wish, mark, where, again.conversation(), beforeEnd);
      return next.after(Stream.of(first.dialogue, again.dialogue()));
    } finally {
      again.conversation().close();
    }
  }

  private Mailed mail(
      Wish wish, String mark, NextHop hop, Conversation conversation, Runnable beforeEnd) {
    var from = wish.from();
    if (from == null) {
      throw new IllegalArgumentException("a mail without sender");
    }
    var test = new TestMail(mark, from, wish.to());
    String host = configuration.hostname();
    var order = test.order(wish.connector().name(), host, os.time().now(), beforeEnd);
    var result = wish.send() ? conversation.send(order) : conversation.rehearse(order);
    List<Answer> answers = new ArrayList<>();
    for (int i = 0; i < wish.to().size(); i++) {
      answers.add(answer(wish.to().get(i), result.outcomes().get(i), hop));
    }
    return new Mailed(
        conversation.relay(),
        conversation.sender(from),
        conversation.author(from),
        mark,
        test.subject(),
        answers,
        result.dialogue());
  }

  private static Answer answer(@Nullable Address to, @Nullable Outcome outcome, NextHop hop) {
    List<String> advice =
        Optional.ofNullable(outcome).map(each -> Advice.on(each, hop.port())).orElse(List.of());
    return new Answer(to, outcome, advice);
  }

  /// Writes down what was counted, where that is nobody else's.
  @Override
  public void close() {
    end.run();
  }
}
