package dev.poststation.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.conditions.MailFacts;
import dev.poststation.conditions.UndecidedException;
import dev.poststation.config.Connector;
import dev.poststation.config.Egress;
import dev.poststation.config.Fallback;
import dev.poststation.config.Limits;
import dev.poststation.config.Line;
import dev.poststation.config.MimeLimits;
import dev.poststation.config.Origin;
import dev.poststation.config.OutbreakSettings;
import dev.poststation.config.Pool;
import dev.poststation.config.QueueSettings;
import dev.poststation.config.RouteConditions;
import dev.poststation.config.RouteRule;
import dev.poststation.config.TlsTerms;
import dev.poststation.delivery.Attempt;
import dev.poststation.delivery.Conversation;
import dev.poststation.delivery.Obstacle;
import dev.poststation.delivery.Opening;
import dev.poststation.log.Event;
import dev.poststation.log.Journal;
import dev.poststation.message.Content;
import dev.poststation.message.Envelope;
import dev.poststation.message.Mail;
import dev.poststation.message.Outcome;
import dev.poststation.message.QueueId;
import dev.poststation.message.Recipient;
import dev.poststation.message.RecipientState;
import dev.poststation.message.Witness;
import dev.poststation.os.Chance;
import dev.poststation.os.Os;
import dev.poststation.os.Tasks;
import dev.poststation.os.TlsFacts;
import dev.poststation.route.Assurance;
import dev.poststation.route.Destination;
import dev.poststation.route.NextHop;
import dev.poststation.route.Resolution;
import dev.poststation.route.Route;
import dev.poststation.sim.Eventually;
import dev.poststation.sim.MemorySpool;
import dev.poststation.sim.SimTime;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.BodyType;
import dev.poststation.smtp.EnhancedStatus;
import dev.poststation.smtp.Reply;
import dev.poststation.smtp.TlsWish;
import dev.poststation.spool.Settlement;
import dev.poststation.spool.SpoolException;
import dev.poststation.tlsrpt.TlsSession;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/// A queue over a simulated spool, clock and next hops, whose behaviour a test sets by destination.
final class Scenario implements AutoCloseable {
  /// Whether hosts are missing that cannot be found now.
  volatile boolean incomplete;

  static final Outcome OK = new Outcome.Delivered(Reply.of(250, "2.0.0", "Ok"), "R1", true);
  static final Outcome LOST =
      new Outcome.Deferred(Outcome.Stage.END, new EnhancedStatus(4, 4, 2), "lost connection", null);
  static final Outcome GREYLISTED =
      new Outcome.Deferred(
          Outcome.Stage.RCPT,
          new EnhancedStatus(4, 7, 1),
          "451 4.7.1 come back later",
          Reply.of(451, "4.7.1", "come back later"));
  static final Outcome REFUSED =
      new Outcome.Bounced(
          Outcome.Stage.RCPT,
          new EnhancedStatus(5, 1, 1),
          "550 5.1.1 no such user",
          Reply.of(550, "5.1.1", "no such user"));
  static final Outcome.Deferred UNREACHABLE =
      new Outcome.Deferred(
          Outcome.Stage.CONNECT, new EnhancedStatus(4, 4, 1), "connection refused", null);
  static final Outcome.Deferred PAUSED =
      new Outcome.Deferred(
              Outcome.Stage.ROUTE, new EnhancedStatus(4, 7, 0), "no token for account x", null)
          .inPause();

  static final Outcome UNWILLING =
      new Outcome.Deferred(
          Outcome.Stage.MAIL,
          new EnhancedStatus(4, 3, 2),
          "421 4.3.2 going down",
          Reply.of(421, "4.3.2", "going down"));

  /// What we say ourselves, of a host that was not even asked.
  static final Outcome UNFIT =
      new Outcome.Bounced(
          Outcome.Stage.MAIL, new EnhancedStatus(5, 6, 7), "does not know SMTPUTF8", null);

  /// The same of one that cannot keep REQUIRETLS, which shows before MAIL.
  static final Outcome WITHOUT_REQUIRETLS =
      new Outcome.Bounced(
          Outcome.Stage.HELLO,
          new EnhancedStatus(5, 7, 30),
          "does not offer REQUIRETLS, which the mail demands",
          null);

  static final Outcome UNREADABLE =
      new Outcome.Deferred(
          Outcome.Stage.CONTENT,
          new EnhancedStatus(4, 3, 0),
          "our spool cannot read the content",
          null);

  final SimTime time = new SimTime();
  final List<Event> events = new CopyOnWriteArrayList<>();
  final List<String> sent = new CopyOnWriteArrayList<>();
  final List<Settling.Told> told = new CopyOnWriteArrayList<>();

  /// Until when it said, in each notice, that the mail is tried.
  final List<Optional<Instant>> ends = new CopyOnWriteArrayList<>();

  final Map<String, AtomicInteger> opened = new ConcurrentHashMap<>();
  final Set<String> down = ConcurrentHashMap.newKeySet();

  /// How many connections there are, and were at most, by connector.
  final Map<String, Count> open = new ConcurrentHashMap<>();

  /// Of what there is more than one at the same time.
  static final class Count {
    private int now;
    private int most;

    synchronized void add(int more) {
      now += more;
      most = Math.max(most, now);
    }

    synchronized int most() {
      return most;
    }
  }

  private Count open(Connector connector) {
    return open.computeIfAbsent(connector.name(), _ -> new Count());
  }

  final AtomicInteger concurrent = new AtomicInteger();
  final AtomicInteger mostConcurrent = new AtomicInteger();

  /// What a destination says to a recipient; null: to be tried again at once.
  volatile BiFunction<String, Recipient, Outcome> answer = (_, _) -> OK;

  /// The names of the connectors for a recipient's domain; empty: no route.
  volatile Function<String, List<String>> routes = domain -> List.of(domain);

  /// Whether a recipient's route is known.
  volatile Undecided undecided = (_, _) -> {};

  /// Connectors that somebody was routed to.
  private final Set<String> named = ConcurrentHashMap.newKeySet();

  /// Throws where it is not.
  interface Undecided {
    void decide(Address recipient, boolean ask) throws UndecidedException;
  }

  /// When mail goes to the next connector of its route.
  volatile Set<Fallback> fallback = RouteRule.USUAL;

  /// Where every connector leads; null: to the destination of its name.
  volatile Resolution.@Nullable Nowhere nowhere;

  /// The connector of a name.
  volatile Function<String, Connector> connectors = Scenario::connector;

  /// Whether the way to a smarthost is asked for, too, as `mx:` and `tls = mta-sts` do.
  volatile boolean asking;

  /// What there is to report of TLS to each host that is called, and for which domains it was.
  volatile List<TlsSession> sessions = List.of();

  final List<String> reported = new CopyOnWriteArrayList<>();

  /// What chance comes up with, below a bound.
  volatile IntUnaryOperator chance = _ -> 0;

  /// When the mail of clients is to be sent at the earliest.
  Envelope.Release release;

  /// By when it is to be delivered.
  volatile Envelope.@Nullable Deadline deadline;

  /// While it is being composed what the sender is told.
  volatile Runnable duringNotices = () -> {};

  /// The hosts of a destination.
  volatile Function<String, List<String>> hosts = List::of;

  /// What the destination of a connector for a domain is called.
  volatile BiFunction<Connector, String, String> destination = (by, _) -> by.name();

  /// What is known of all hosts, where the terms of TLS depend on it.
  volatile Assurance assurance = Assurance.NONE;

  /// How long it takes to find out that a destination cannot be reached.
  volatile Duration connecting = Duration.ZERO;

  /// Of the mails that are accepted from now on.
  volatile int priority;

  volatile byte[] content = "Subject: test\r\n\r\nHello\r\n".getBytes(StandardCharsets.US_ASCII);

  /// Hosts that greet us but answer MAIL with 4yz.
  final Set<String> unwilling = ConcurrentHashMap.newKeySet();

  /// Hosts that lack what mail for recipients called `needy` needs.
  final Set<String> lacking = ConcurrentHashMap.newKeySet();

  /// Why a destination of `down` cannot be reached.
  volatile Outcome failure = UNREACHABLE;

  /// Whether connections that carried a mail are gone when they are used again.
  volatile boolean gone;

  /// What happens when a mail went out over a connection that carried one before, and is lost
  /// without a reply; null: that does not happen.
  volatile @Nullable Runnable unheard;

  /// Where conversations were opened to, in order.
  final List<Destination> openings = new CopyOnWriteArrayList<>();

  /// `limits.active-recipients`, from the next start on.
  int activeRecipients = 100_000;

  volatile boolean makeNotices;
  volatile int noticeOctets = 26;

  /// The largest chunk of a content that was sent.
  final AtomicInteger largestChunk = new AtomicInteger();

  volatile Runnable duringSend = () -> {};
  volatile Runnable duringResolve = () -> {};

  /// While it is looked whether the way to a connector must be asked for.
  volatile Consumer<Connector> duringImmediate = _ -> {};

  /// While the way to a domain is looked for.
  volatile Consumer<String> resolving = _ -> {};

  volatile Consumer<Destination> duringOpen = _ -> {};
  private final Set<Thread> threads = ConcurrentHashMap.newKeySet();
  MemorySpool spool;
  Queue queue;
  Control control;
  private final Os os;
  private final int activeMails;
  private final QueueSettings settings;
  private final int connections;
  private final int destinations;

  Scenario() {
    this(1000, 500);
  }

  Scenario(int activeMails, int readyPerDestination) {
    this(
        activeMails,
        settings(Duration.ofDays(5), Duration.ofDays(2), Duration.ofHours(4), readyPerDestination));
  }

  Scenario(int activeMails, QueueSettings settings) {
    this(activeMails, settings, 1000, 1000);
  }

  private Scenario(int activeMails, QueueSettings settings, int connections, int destinations) {
    this.activeMails = activeMails;
    this.settings = settings;
    this.connections = connections;
    this.destinations = destinations;
    var real = Os.real();
    this.os = new Os(time, real.network(), new Watched(real.tasks()), new SetChance(), real.disk());
    this.spool = new MemorySpool(time);
    begin();
  }

  /// With so many connections to next hops, and so many destinations that are known to be dead.
  static Scenario bounded(int connections, int destinations) {
    var settings = settings(Duration.ofDays(5), Duration.ofDays(2), Duration.ofHours(4), 500);
    return new Scenario(1000, settings, connections, destinations);
  }

  /// Remembers the threads.
  private final class Watched implements Tasks {
    private final Tasks real;

    private Watched(Tasks real) {
      this.real = real;
    }

    @Override
    public Thread virtual(String name, Runnable body) {
      var thread = real.virtual(name, body);
      threads.add(thread);
      return thread;
    }

    @Override
    public Thread platform(String name, Runnable body) {
      var thread = real.platform(name, body);
      threads.add(thread);
      return thread;
    }
  }

  private final class Remembering implements Journal {
    @Override
    public void tell(Event event) {
      events.add(event);
    }

    @Override
    public byte[] entry(Event event) {
      return event.toString().getBytes(StandardCharsets.UTF_8);
    }
  }

  private final class SetChance implements Chance {
    @Override
    public int below(int bound) {
      return chance.applyAsInt(bound);
    }

    @Override
    public void fill(byte[] bytes) {}
  }

  static QueueSettings settings(
      Duration lifetime, Duration bounceLifetime, Duration warnAfter, int readyPerDestination) {
    return new QueueSettings(
        List.of(Duration.ofMinutes(1), Duration.ofMinutes(5), Duration.ofHours(1)),
        lifetime,
        bounceLifetime,
        warnAfter,
        readyPerDestination);
  }

  private void begin() {
    queue =
        new Queue(
            new Queue.Wiring(
                os,
                spool,
                new Remembering(),
                this::open,
                this::notices,
                directions(),
                Witness.NOBODY,
                (domain, seen) -> seen.forEach(_ -> reported.add(domain)),
                null),
            settings,
            limits());
    control = new Control(queue);
    queue.start();
  }

  private List<Settlement.Notice> notices(
      ActiveMail mail,
      List<Settling.Told> some,
      Instant now,
      @Nullable Instant giveUp,
      List<byte[]> trace) {
    told.addAll(some);
    ends.add(Optional.ofNullable(giveUp));
    duringNotices.run();
    var sender = mail.mail().envelope().sender();
    if (!makeNotices || sender.isNull()) {
      return List.of();
    }
    byte[] octets =
        Arrays.copyOf(
            "Subject: failed\r\n\r\nSorry\r\n".getBytes(StandardCharsets.US_ASCII), noticeOctets);
    var to = List.of(new Recipient(0, sender, Set.of(), null));
    var envelope = envelope(spool.nextId(), "-", Address.NULL, octets.length);
    int chunks = (octets.length + Content.CHUNK_OCTETS - 1) / Content.CHUNK_OCTETS;
    var notice = new Mail(envelope, new byte[0], chunks, to, List.of(RecipientState.fresh(now)));
    return List.of(new Settlement.Notice(notice, octets, List.of(), new byte[0]));
  }

  private Envelope envelope(QueueId id, String client, Address sender, int size) {
    return new Envelope(
        id,
        time.now(),
        sender,
        BodyType.SEVEN_BIT,
        false,
        null,
        null,
        new Envelope.Source(client, "relay", "192.0.2.9", "client", "ESMTP"),
        new Envelope.Traits(size, false, false, false, false, true),
        client.equals("-") ? null : release,
        priority,
        TlsWish.NONE,
        client.equals("-") ? null : deadline);
  }

  /// As after a crash: another queue over what the spool kept.
  ///
  /// @param failing reads of the spool that fail from the start on
  void restart(String... failing) {
    queue.drain();
    spool = spool.restarted();
    spool.failReads(failing);
    begin();
  }

  /// As after the power was cut: what was not synced is lost.
  void powerCut() {
    queue.drain();
    spool = spool.afterPowerCut();
    begin();
  }

  private Limits limits() {
    var minute = Duration.ofMinutes(1);
    return new Limits(
        10,
        10,
        minute,
        10,
        1000,
        100,
        100,
        1000,
        1000,
        10,
        10,
        10,
        10,
        10,
        minute,
        minute,
        minute,
        minute,
        minute,
        1000,
        10,
        activeMails,
        activeRecipients,
        connections,
        destinations,
        1_000_000,
        minute,
        OutbreakSettings.STANDARD,
        MimeLimits.STANDARD);
  }

  Directions directions() {
    return new Directions() {
      @Override
      public Optional<Route> route(MailFacts mail, Address recipient, boolean ask)
          throws UndecidedException {
        undecided.decide(recipient, ask);
        var names = routes.apply(recipient.domain());
        named.addAll(names);
        if (names.isEmpty()) {
          return Optional.empty();
        }
        var rule = new RouteRule(RouteConditions.NONE, names, fallback, new Origin("test.conf:1"));
        return Optional.of(new Route(1, rule, names.stream().map(connectors).toList()));
      }

      @Override
      public List<Connector> connectors(TlsWish wish) {
        return named.stream().map(connectors).toList();
      }

      @Override
      public boolean immediate(Connector connector) {
        duringImmediate.accept(connector);
        return !asking && connector.type() != Connector.Type.MX;
      }

      @Override
      public Resolution resolve(Connector connector, String domain) {
        var none = nowhere;
        if (none != null) {
          return none;
        }
        duringResolve.run();
        resolving.accept(domain);
        if (connector.type() == Connector.Type.HOLD) {
          return new Resolution.Nowhere(new Outcome.Held(connector.where() + " holds"));
        }
        if (connector.type() == Connector.Type.DISCARD) {
          return new Resolution.Nowhere(new Outcome.Discarded("by " + connector.where()));
        }
        var hops = hosts.apply(connector.name()).stream().map(host -> hop(host));
        return new Resolution.Found(
            new Destination(
                destination.apply(connector, domain), connector, hops.toList(), incomplete));
      }
    };
  }

  /// One whose name ends with a digit has that rank.
  private NextHop hop(String host) {
    char last = host.charAt(host.length() - 1);
    int rank = Character.isDigit(last) ? last - '0' : 0;
    return new NextHop(host, 25, false, rank, 1, assurance);
  }

  static Connector connector(String name) {
    return connector(name, 25, 20);
  }

  static Connector connector(String name, int port, int connections) {
    return connector(name, port, connections, Pool.STANDARD, Line.FREE);
  }

  static Connector connector(String name, Pool pool) {
    return connector(name, 25, 20, pool, Line.FREE);
  }

  static Connector connector(String name, int connections, Pool pool) {
    return connector(name, 25, connections, pool, Line.FREE);
  }

  static Connector connector(String name, int port, int connections, Line line) {
    return connector(name, port, connections, Pool.STANDARD, line);
  }

  static Connector connector(String name, int port, int connections, Pool pool, Line line) {
    var second = Duration.ofSeconds(1);
    return new Connector(
        name,
        type(name),
        List.of(),
        port,
        TlsTerms.of(Connector.Tls.OFF, "tls"),
        List.of(),
        Connector.AddressFamily.IPV4,
        null,
        null,
        Egress.DIRECT,
        connections,
        1000,
        100,
        second,
        pool,
        line,
        new Connector.Timeouts(
            second, second, second, second, second, second, second, second, second),
        null,
        null,
        false,
        null,
        Origin.DEFAULT);
  }

  private static Connector.Type type(String connector) {
    if (connector.startsWith("mx")) {
      return Connector.Type.MX;
    }
    return switch (connector) {
      case "hold" -> Connector.Type.HOLD;
      case "discard" -> Connector.Type.DISCARD;
      default -> Connector.Type.SMARTHOST;
    };
  }

  private Opening open(Destination destination) {
    opened.computeIfAbsent(destination.name(), _ -> new AtomicInteger()).incrementAndGet();
    openings.add(destination);
    duringOpen.accept(destination);
    List<Opening.Refusal> refusals = new ArrayList<>();
    for (var hop : destination.hosts()) {
      if (!down.contains(hop.host())) {
        open(destination.connector()).add(1);
        return new Opening.Opened(
            new ScriptedConversation(destination, hop.host()),
            0,
            List.of("C: " + hop.host()),
            refusals,
            sessions);
      }
      refusals.add(new Opening.Refusal(hop, UNREACHABLE));
    }
    time.advance(connecting);
    var refused = destination.hosts().stream().map(hop -> "* " + hop.host() + " refused").toList();
    return new Opening.Failed(
        failure,
        destination.name() + ":25",
        connecting.toNanos(),
        refused,
        refusals,
        failure.equals(PAUSED) ? Obstacle.ACCOUNT : Obstacle.HOST,
        sessions);
  }

  private final class ScriptedConversation implements Conversation {
    private final Destination where;
    private final String destination;
    private final String host;
    private int count;
    private boolean lost;

    private ScriptedConversation(Destination where, String host) {
      this.where = where;
      this.destination = where.name();
      this.host = host;
    }

    @Override
    public Attempt.Result send(Attempt.Order order) {
      mostConcurrent.accumulateAndGet(concurrent.incrementAndGet(), Math::max);
      duringSend.run();
      if (gone && count > 0) {
        concurrent.decrementAndGet();
        var none = new Outcome[order.recipients().size()];
        return new Attempt.Result(Arrays.asList(none), false, 0, List.of("* it is gone"));
      }
      var loss = unheard;
      if (loss != null && count > 0) {
        order.beforeEnd().run();
        loss.run();
        lost = true;
        concurrent.decrementAndGet();
        var each = new Outcome[order.recipients().size()];
        Arrays.fill(each, LOST);
        return new Attempt.Result(Arrays.asList(each), false, 0, List.of("* nobody knows"));
      }
      count++;
      List<Outcome> outcomes = new ArrayList<>();
      for (var recipient : order.recipients()) {
        var outcome = outcome(order, recipient);
        outcomes.add(outcome);
        if (outcome instanceof Outcome.Delivered) {
          sent.add(order.mail().id() + " " + recipient.address() + " by " + destination);
        }
      }
      concurrent.decrementAndGet();
      List<String> said = unwilling.contains(host) ? List.of("S: 421 going down") : List.of();
      return new Attempt.Result(outcomes, true, 0, said);
    }

    private Outcome outcome(Attempt.Order order, Recipient recipient) {
      if (unwilling.contains(host)) {
        return UNWILLING;
      }
      if (lacking.contains(host) && recipient.address().toString().startsWith("needy")) {
        return UNFIT;
      }
      try {
        for (int i = 0; i < order.content().chunks(); i++) {
          largestChunk.accumulateAndGet(order.content().chunk(i).length, Math::max);
        }
      } catch (IOException _) {
        return UNREADABLE;
      }
      return answer.apply(destination, recipient);
    }

    @Override
    public String relay() {
      return host + "[192.0.2.1]:25";
    }

    @Override
    public TlsFacts tls() {
      return null;
    }

    @Override
    public int sent() {
      return count;
    }

    @Override
    public boolean unheard() {
      return lost;
    }

    @Override
    public boolean stale() {
      return false;
    }

    @Override
    public void close() {
      open(where.connector()).add(-1);
    }
  }

  /// Stores a mail as the intake does, and hands it over.
  QueueId accept(String client, String... recipients) {
    var mail = commit(client, recipients);
    handOver(mail);
    return mail.id();
  }

  /// A mail that is durable, and not yet handed over.
  record Committed(Mail mail, Content content) {
    QueueId id() {
      return mail.id();
    }
  }

  /// Stores a mail as the intake does.
  Committed commit(String client, String... recipients) {
    try {
      var id = spool.nextId();
      var draft = spool.draft(id);
      byte[] octets = content;
      draft.write(octets, 0, octets.length);
      List<Recipient> list = new ArrayList<>();
      List<RecipientState> states = new ArrayList<>();
      for (String recipient : recipients) {
        int at = recipient.indexOf('@');
        list.add(
            new Recipient(
                list.size(),
                new Address(recipient.substring(0, at), recipient.substring(at + 1)),
                Set.of(),
                null));
      }
      var envelope = envelope(id, client, new Address("sender", "example.com"), octets.length);
      list.forEach(_ -> states.add(RecipientState.fresh(envelope.begins())));
      var mail = new Mail(envelope, new byte[0], draft.chunks(), list, states);
      queue.announced(id);
      return new Committed(mail, draft.commit(mail, List.of()));
    } catch (SpoolException e) {
      throw new AssertionError(e);
    }
  }

  /// Hands a mail over as the intake does.
  void handOver(Committed committed) {
    queue.accepted(committed.mail(), committed.content(), 0);
  }

  /// An administrator does something about whole mails.
  List<QueueId> act(Control.Action action, List<QueueId> ids, String text)
      throws InterruptedException, SpoolException {
    return control.act(action, ids.stream().map(Control.Meant::whole).toList(), text);
  }

  /// An administrator does something about what a filter for recipients says.
  List<QueueId> actOn(Control.Action action, String recipient)
      throws InterruptedException, SpoolException {
    var filter = new Selection(List.of(), null, recipient, null, null, null, null, null);
    List<Control.Meant> meant = new ArrayList<>();
    control.visit(filter, entry -> meant.add(filter.meant(entry)));
    return control.act(action, meant, "no longer wanted");
  }

  /// Waits until the condition holds. The clock goes on only while all threads wait: on a busy
  /// machine nobody is late.
  void eventually(String what, BooleanSupplier condition) {
    Eventually.eventually(
        what,
        () -> {
          boolean rest = allWait();
          boolean holds = condition.getAsBoolean();
          if (!holds && rest) {
            time.advance(Duration.ofMillis(50));
          }
          return holds;
        });
  }

  /// Whether nobody works, nor only waits for a lock.
  boolean atRest() {
    for (int look = 0; look < 5; look++) {
      if (!allWait()) {
        return false;
      }
      LockSupport.parkNanos(200_000);
    }
    return true;
  }

  private boolean allWait() {
    boolean all = true;
    for (int look = 0; all && look < 2; look++) { // The last one may just have woken the first.
      threads.removeIf(thread -> thread.getState() == Thread.State.TERMINATED);
      all = threads.stream().allMatch(thread -> thread.getState() == Thread.State.WAITING);
    }
    return all;
  }

  boolean awaitDrained() {
    try {
      return queue.awaitDrained(Duration.ofMinutes(1));
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  List<Event.Attempted> attempts(QueueId id) {
    return events.stream()
        .filter(event -> event instanceof Event.Attempted attempted && attempted.id().equals(id))
        .map(event -> (Event.Attempted) event)
        .toList();
  }

  long attemptsOf(String recipient) {
    return events.stream()
        .filter(
            event ->
                event instanceof Event.Attempted attempted
                    && attempted.to().toString().equals(recipient))
        .count();
  }

  boolean removed(QueueId id) {
    return events.stream()
        .anyMatch(event -> event instanceof Event.Removed removed && removed.id().equals(id));
  }

  String place(QueueId id) {
    try {
      return control.entry(id).map(QueueEntry::place).orElse("gone");
    } catch (SpoolException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    queue.drain();
    assertThat(spool.faults()).isEmpty();
  }
}
