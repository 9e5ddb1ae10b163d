package dev.poststation.server;

import dev.poststation.config.CertificateFiles;
import dev.poststation.config.Cidr;
import dev.poststation.config.ClientCertificates;
import dev.poststation.config.ClientConditions;
import dev.poststation.config.ClientRule;
import dev.poststation.config.ClientTerms;
import dev.poststation.config.Configuration;
import dev.poststation.config.Forwarders;
import dev.poststation.config.Limits;
import dev.poststation.config.ListenerSettings;
import dev.poststation.config.Loaded;
import dev.poststation.config.Loader;
import dev.poststation.config.MimeLimits;
import dev.poststation.config.Origin;
import dev.poststation.config.OutbreakSettings;
import dev.poststation.config.Precedence;
import dev.poststation.config.Rewriting;
import dev.poststation.config.Tolerance;
import dev.poststation.intake.Handover;
import dev.poststation.intake.Intake;
import dev.poststation.message.Content;
import dev.poststation.message.Mail;
import dev.poststation.message.QueueId;
import dev.poststation.os.Network;
import dev.poststation.os.Os;
import dev.poststation.os.Time;
import dev.poststation.policy.ClientMemory;
import dev.poststation.policy.Policy;
import dev.poststation.rewrite.Rewriter;
import dev.poststation.sasl.Mechanism;
import dev.poststation.sim.MemoryAccounts;
import dev.poststation.sim.MemorySpool;
import dev.poststation.sim.NoGuard;
import dev.poststation.sim.RecordingJournal;
import dev.poststation.sim.ScriptedResolver;
import dev.poststation.spool.Placement;
import dev.poststation.spool.Spool;
import dev.poststation.tls.Certificates;
import dev.poststation.tls.TlsException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// The accepting half of a relay for tests: settings that can be changed, a spool in memory, a
/// journal that remembers.
final class Relay {
  static final String HOSTNAME = "relay.example.com";
  private static final List<Cidr> NETWORKS =
      List.of(
          cidr("192.0.2.0", 24), cidr("2001:db8::", 32), cidr("127.0.0.0", 8), cidr("::1", 128));

  long messageSize = 100_000;
  int sessions = 100;
  int strangerSessions = 10;
  Duration strangerPause = Duration.ofMinutes(1);
  int sessionsPerClient = 50;
  int recipients = 10;
  int incomingRecipients = 1000;
  int commandLine = 2048;
  int headerSize = 20_000;
  int hops = 50;
  int errors = 5;
  int authFailures = 3;
  int idleCommands = 10;
  int mailsPerSession = 100;
  Duration commandTimeout = Duration.ofMinutes(5);
  Duration dataTimeout = Duration.ofMinutes(3);
  Duration transactionTime = Duration.ofMinutes(20);
  Precedence precedence = Precedence.NORMAL;
  Duration sessionTime = Duration.ofHours(1);
  Duration tlsTimeout = Duration.ofMinutes(1);
  Duration greetingDelay = Duration.ZERO;
  ListenerSettings.Tls tls = ListenerSettings.Tls.OFFERED;
  ListenerSettings.Auth auth = ListenerSettings.Auth.OFF;
  ClientRule.BareNewlines bareNewlines = ClientRule.BareNewlines.REFUSE;
  boolean straySpace;
  Set<Tolerance> tolerate = Set.of();
  boolean hideAddress;
  boolean addMissingHeaders;
  boolean refuseNullMx;
  ClientRule.Profile profile = ClientRule.Profile.OFF;
  boolean certificates = true;
  String zone = "";
  ClientTerms terms = ClientTerms.FREE;
  ClientConditions conditions = ClientConditions.networks(NETWORKS);
  ClientCertificates clientCertificates = ClientCertificates.OFF;
  Forwarders forwarders = Forwarders.NONE;
  ListenerSettings.RefuseStrangers refuseStrangers = ListenerSettings.RefuseStrangers.AT_RCPT;

  /// Whether no client may relay.
  boolean strangers;

  Rewriting rewriting = Rewriting.NONE;

  InetSocketAddress bind = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

  private ServerSettings current;

  final RecordingJournal journal = new RecordingJournal();
  final MemorySpool spool;
  final ScriptedResolver resolver =
      new ScriptedResolver().nullMx("nomail.example").fail("broken.example", "SERVFAIL");
  final ClientMemory memory;
  final Intake intake;
  final MemoryAccounts accounts = MemoryAccounts.ofTheRfcs().withToken("good", "user");
  Logins logins = new Logins(() -> accounts, new NoGuard(), Os.real());
  final Time time;

  Relay(Time time) {
    this(time, Os.real().network());
  }

  /// @param neighbours what is known of the machines on the link is asked of it
  Relay(Time time, Network neighbours) {
    this.time = time;
    this.spool = new MemorySpool(time);
    this.memory = new ClientMemory(resolver, os(time, neighbours));
    this.intake = intake(spool);
  }

  private static Os os(Time time, Network network) {
    var real = Os.real();
    return new Os(time, network, real.tasks(), real.chance(), real.disk());
  }

  Intake intake(Spool into) {
    return new Intake(
        into,
        journal,
        new Handover() {
          @Override
          public void announced(QueueId id) {}

          @Override
          public void abandoned(QueueId id) {}

          @Override
          public void held(QueueId id, Placement place) {}

          @Override
          public void accepted(Mail mail, Content content, long intakeNanos) {}
        },
        time);
  }

  /// The settings in force: made at first use, and anew after `reload`.
  synchronized ServerSettings current() {
    if (current == null) {
      current = settings();
    }
    return current;
  }

  /// From now on the changed settings are in force.
  synchronized void reload() {
    current = settings();
  }

  ServerSettings settings() {
    return settings(strangers ? List.of() : List.of(lan()));
  }

  ServerSettings settings(List<ClientRule> clients) {
    var listener =
        new ListenerSettings(
            "relay",
            bind,
            tls,
            auth,
            clientCertificates,
            greetingDelay,
            zone,
            forwarders,
            refuseStrangers,
            new Origin("test.conf:1"));
    return new ServerSettings(
        HOSTNAME,
        listener,
        limits(),
        new Policy(clients, HOSTNAME, memory, rewriter()),
        certificates(),
        clients.stream().anyMatch(each -> !each.exchange().isEmpty()));
  }

  private Rewriter rewriter() {
    return new Rewriter(rewriting, os(time, Os.real().network()), memory.directories());
  }

  /// The rule for those who may relay: 192.0.2.0/24, 2001:db8::/32 and this machine.
  ClientRule lan() {
    return new ClientRule(
        "lan",
        conditions,
        terms,
        bareNewlines,
        straySpace,
        tolerate,
        hideAddress,
        addMissingHeaders,
        refuseNullMx,
        precedence,
        "",
        profile,
        List.of(),
        "",
        "",
        new Origin("test.conf:3"));
  }

  static Cidr cidr(String network, int bits) {
    try {
      return new Cidr(InetAddress.getByName(network), bits);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(e);
    }
  }

  Limits limits() {
    return new Limits(
        sessions,
        strangerSessions,
        strangerPause,
        sessionsPerClient,
        messageSize,
        recipients,
        incomingRecipients,
        commandLine,
        headerSize,
        hops,
        errors,
        authFailures,
        idleCommands,
        mailsPerSession,
        commandTimeout,
        dataTimeout,
        transactionTime,
        sessionTime,
        tlsTimeout,
        2048,
        100,
        1000,
        10_000,
        100,
        1000,
        1 << 20,
        Duration.ofSeconds(30),
        OutbreakSettings.STANDARD,
        MimeLimits.STANDARD);
  }

  /// Changes a setting by its name in the configuration.
  void set(String key, String value) {
    switch (key) {
      case "message-size" -> messageSize = Long.parseLong(value);
      case "recipients" -> recipients = Integer.parseInt(value);
      case "incoming-recipients" -> incomingRecipients = Integer.parseInt(value);
      case "command-line" -> commandLine = Integer.parseInt(value);
      case "header-size" -> headerSize = Integer.parseInt(value);
      case "hops" -> hops = Integer.parseInt(value);
      case "errors" -> errors = Integer.parseInt(value);
      case "auth-failures" -> authFailures = Integer.parseInt(value);
      case "auth" -> auth = ListenerSettings.Auth.valueOf(value.toUpperCase(Locale.ROOT));
      case "accounts" -> accounts.breakDown();
      case "mechanisms" ->
          accounts.only(
              Arrays.stream(value.split(" "))
                  .map(word -> Mechanism.of(word).orElseThrow())
                  .toArray(Mechanism[]::new));
      case "idle-commands" -> idleCommands = Integer.parseInt(value);
      case "mails-per-session" -> mailsPerSession = Integer.parseInt(value);
      case "command-timeout" -> commandTimeout = duration(value);
      case "data-timeout" -> dataTimeout = duration(value);
      case "transaction-time" -> transactionTime = duration(value);
      case "session-time" -> sessionTime = duration(value);
      case "greeting-delay" -> greetingDelay = duration(value);
      case "tls" -> tls = ListenerSettings.Tls.valueOf(value.toUpperCase(Locale.ROOT));
      case "bare-newlines" ->
          bareNewlines = ClientRule.BareNewlines.valueOf(value.toUpperCase(Locale.ROOT));
      case "stray-space" -> straySpace = Boolean.parseBoolean(value);
      case "tolerate" -> tolerate = entry(ANYWHERE + "tolerate = [" + value + "]").tolerate();
      case "hide-address" -> hideAddress = Boolean.parseBoolean(value);
      case "add-missing-headers" -> addMissingHeaders = Boolean.parseBoolean(value);
      case "refuse-null-mx" -> refuseNullMx = Boolean.parseBoolean(value);
      case "zone" -> zone = value;
      case "refuse-strangers" ->
          refuseStrangers =
              ListenerSettings.RefuseStrangers.valueOf(
                  value.toUpperCase(Locale.ROOT).replace('-', '_'));
      case "terms" -> terms = terms(value);
      case "conditions" -> conditions = conditions(value);
      case "rewriting" -> rewriting = configuration(ANYWHERE, value).rewriting();
      case "xclient" -> forwarders = new Forwarders(List.of(), List.of(cidr(value, 32)), List.of());
      case "xforward" ->
          forwarders = new Forwarders(List.of(), List.of(), List.of(cidr(value, 32)));
      case "certificates" -> certificates = Boolean.parseBoolean(value);
      default -> throw new IllegalArgumentException("no such setting: " + key);
    }
  }

  private static final String ANYWHERE = "networks = [\"192.0.2.0/24\"], ";

  /// As in an entry of `clients`.
  private static ClientTerms terms(String text) {
    return entry(ANYWHERE + text).terms();
  }

  private static ClientConditions conditions(String text) {
    return entry(text).when();
  }

  private static ClientRule entry(String text) {
    return configuration(text, "").clients().getFirst();
  }

  private static Configuration configuration(String text, String more) {
    String all =
        """
        hostname = "relay.example.com"
        listeners { relay { bind = "127.0.0.1:25", zone = lan } }
        connectors { internet { type = mx } }
        routes = [ { via = [internet] } ]
        clients = [ { name = lan, %s } ]
        %s
        """
            .formatted(text, more);
    var loaded = new Loader(Os.real(), Map.of()).parse(all, Path.of("test.conf"));
    if (loaded instanceof Loaded.Good good) {
      return good.configuration();
    }
    throw new IllegalArgumentException(loaded.problems().toString());
  }

  /// `30s`, `5m`, `2h`.
  static Duration duration(String text) {
    return Duration.parse("PT" + text.toUpperCase(Locale.ROOT));
  }

  private Certificates certificates() {
    var files =
        new CertificateFiles(
            Path.of("src/test/resources/tls/relay.pem"),
            Path.of("src/test/resources/tls/relay.key"),
            new Origin("test.conf:2"));
    try {
      return Certificates.load(certificates ? List.of(files) : List.of(), Os.real().disk(), time);
    } catch (TlsException e) {
      throw new IllegalStateException(e);
    }
  }
}
