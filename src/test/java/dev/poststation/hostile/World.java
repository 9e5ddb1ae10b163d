package dev.poststation.hostile;

import dev.poststation.ToQueue;
import dev.poststation.bounce.NoticeRate;
import dev.poststation.bounce.Notices;
import dev.poststation.conditions.MailFacts;
import dev.poststation.conditions.UndecidedException;
import dev.poststation.config.CertificateFiles;
import dev.poststation.config.ClientCertificates;
import dev.poststation.config.Configuration;
import dev.poststation.config.Connector;
import dev.poststation.config.Forwarders;
import dev.poststation.config.ListenerSettings;
import dev.poststation.config.Loaded;
import dev.poststation.config.Loader;
import dev.poststation.config.Origin;
import dev.poststation.delivery.Dialer;
import dev.poststation.dns.NumericAddress;
import dev.poststation.intake.Intake;
import dev.poststation.ldap.Directories;
import dev.poststation.log.Event;
import dev.poststation.os.Os;
import dev.poststation.policy.ClientMemory;
import dev.poststation.policy.Policy;
import dev.poststation.queue.Control;
import dev.poststation.queue.Directions;
import dev.poststation.queue.Informing;
import dev.poststation.queue.LostCopies;
import dev.poststation.queue.Queue;
import dev.poststation.route.Destinations;
import dev.poststation.route.Ourselves;
import dev.poststation.route.Resolution;
import dev.poststation.route.Route;
import dev.poststation.route.Router;
import dev.poststation.sasl.Nobody;
import dev.poststation.server.Listener;
import dev.poststation.server.Logins;
import dev.poststation.server.ServerSettings;
import dev.poststation.server.Sessions;
import dev.poststation.sim.MemoryConnection;
import dev.poststation.sim.MemoryDisk;
import dev.poststation.sim.MemorySpool;
import dev.poststation.sim.NoGuard;
import dev.poststation.sim.RecordingJournal;
import dev.poststation.sim.ScriptedResolver;
import dev.poststation.sim.SimTime;
import dev.poststation.sim.ToyPolicySite;
import dev.poststation.smtp.Address;
import dev.poststation.tls.Certificates;
import dev.poststation.tls.ClientTls;
import dev.poststation.tls.TlsException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/// A relay from its listener to its dialer, wired as the program wires it, over a simulated clock,
/// network and spool.
final class World implements AutoCloseable {
  private static final long BOUND_NANOS = Duration.ofSeconds(60).toNanos();
  private static final Duration STEP = Duration.ofMinutes(1);

  final SimTime time = new SimTime();
  final Crew crew = new Crew();
  final Streets streets = new Streets(time, crew);
  final RecordingJournal journal = new RecordingJournal();
  final ScriptedResolver resolver = new ScriptedResolver();
  final MemorySpool spool = new MemorySpool(time);
  final Configuration configuration;
  final Sessions sessions = new Sessions(time);
  final Intake intake;
  final Listener listener;
  final Queue queue;
  final Control control;

  /// @param text of the configuration, without `hostname` and `listeners`
  World(String text) {
    var real = Os.real();
    var os = new Os(time, streets, crew, real.chance(), new MemoryDisk());
    String basis =
        """
        hostname = "relay.example"
        listeners { relay { bind = "192.0.2.200:25" } }
        clients = [ { name = lan, networks = ["10.0.0.0/8"] } ]
        """;
    configuration = configuration(os, basis + text);
    var ways =
        new Ways(
            new Router(configuration, new Directories(os, resolver)),
            new Destinations(
                resolver, ToyPolicySite.none(resolver, os), Ourselves.of(configuration, os), os));
    var limits = configuration.limits();
    var dialer =
        new Dialer(os, resolver, ClientTls.trusting(List.of()), "relay.example", () -> limits);
    var notices = new Notices("relay.example", configuration.bounces(), real.chance());
    var informing =
        new Informing(
            notices,
            new NoticeRate(1000),
            journal,
            spool::nextId,
            _ -> Optional.empty(),
            new LostCopies(time));
    queue =
        new Queue(
            new Queue.Wiring(os, spool, journal, dialer::open, informing, ways),
            configuration.queue(),
            limits);
    control = new Control(queue);
    intake = new Intake(spool, journal, new ToQueue(queue), time);
    var policy =
        new Policy(configuration.clients(), "relay.example", new ClientMemory(resolver, os));
    var settings =
        new ServerSettings(
            "relay.example",
            new ListenerSettings(
                "relay",
                configuration.listeners().getFirst().bind(),
                ListenerSettings.Tls.OFFERED,
                ListenerSettings.Auth.OFF,
                ClientCertificates.OFF,
                Duration.ZERO,
                "",
                Forwarders.NONE,
                Origin.DEFAULT),
            limits,
            policy,
            certificates(time),
            false);
    listener =
        new Listener(
            () -> settings,
            sessions,
            intake,
            new Logins(Nobody::new, new NoGuard(), os),
            journal,
            os);
    queue.start();
    try {
      listener.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Configuration configuration(Os os, String text) {
    return switch (new Loader(os, Map.of()).parse(text, Path.of("poststation.conf"))) {
      case Loaded.Good good -> good.configuration();
      case Loaded.Bad bad -> throw new AssertionError(bad.problems().toString());
    };
  }

  private static Certificates certificates(SimTime time) {
    var files =
        new CertificateFiles(
            Path.of("src/test/resources/tls/relay.pem"),
            Path.of("src/test/resources/tls/relay.key"),
            Origin.DEFAULT);
    try {
      return Certificates.load(List.of(files), Os.real().disk(), time);
    } catch (TlsException e) {
      throw new AssertionError(e);
    }
  }

  private record Ways(Router router, Destinations destinations) implements Directions {
    @Override
    public Optional<Route> route(MailFacts mail, Address recipient, boolean ask)
        throws UndecidedException {
      return router.route(mail, recipient, ask);
    }

    @Override
    public boolean immediate(Connector connector) {
      return destinations.immediate(connector);
    }

    @Override
    public Resolution resolve(Connector connector, String domain) {
      return destinations.resolve(connector, domain);
    }
  }

  static InetAddress address(String numeric) {
    return NumericAddress.parse(numeric).orElseThrow();
  }

  /// A connection of a client.
  MemoryConnection call(String from) {
    return streets.call(from, new InetSocketAddress(address("192.0.2.200"), 25));
  }

  /// A client that does all right sends a mail, and nothing of it takes time.
  ///
  /// @return the queue id that it was told
  String send(String from, String content, String... recipients) {
    var client = new Caller(this, call(from));
    client.expect("220 ");
    client.say("EHLO client.example");
    client.expect("250 ");
    client.say("MAIL FROM:<sender@home.example>");
    client.expect("250 ");
    for (String recipient : recipients) {
      client.say("RCPT TO:<" + recipient + ">");
      client.expect("250 ");
    }
    client.say("DATA");
    client.expect("354 ");
    client.write(content.getBytes(StandardCharsets.US_ASCII));
    client.say(".");
    String reply = client.expect("250 2.0.0 ");
    client.say("QUIT");
    client.expect("221 ");
    client.close();
    return reply.substring(reply.lastIndexOf(' ') + 1);
  }

  /// Lets everybody do what there is to do, while no time passes.
  void settle() {
    long end = System.nanoTime() + BOUND_NANOS;
    while (!crew.atRest()) {
      if (System.nanoTime() - end > 0) {
        throw new AssertionError("the world does not come to rest: " + threads());
      }
      LockSupport.parkNanos(50_000);
    }
  }

  /// Lets time pass, from one thing that happens to the next, until the condition holds, and gives
  /// how long that took.
  Duration until(String what, Duration atMost, BooleanSupplier condition) {
    long start = time.nanos();
    settle();
    while (!condition.getAsBoolean()) {
      if (time.nanos() - start > atMost.toNanos()) {
        throw new AssertionError(
            what + ": not within " + atMost + "; " + threads() + " " + journal.events());
      }
      pass(time.toNext(STEP));
    }
    return Duration.ofNanos(time.nanos() - start);
  }

  /// Lets so much time pass.
  void pass(Duration by) {
    settle();
    time.advance(by);
    settle();
  }

  private String threads() {
    var names = new StringBuilder();
    crew.alive()
        .forEach(
            thread ->
                names.append(thread.getName()).append('=').append(thread.getState()).append(' '));
    return names.toString();
  }

  List<Event.Attempted> attempts(String id) {
    return journal.events(Event.Attempted.class).stream()
        .filter(event -> event.id().toString().equals(id))
        .toList();
  }

  boolean removed(String id) {
    return journal.events(Event.Removed.class).stream()
        .anyMatch(event -> event.id().toString().equals(id));
  }

  @Override
  public void close() {
    listener.close();
    queue.drain();
  }
}
