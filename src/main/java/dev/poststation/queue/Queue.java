package dev.poststation.queue;

import dev.poststation.config.Connector;
import dev.poststation.config.Limits;
import dev.poststation.config.QueueSettings;
import dev.poststation.log.Journal;
import dev.poststation.message.Content;
import dev.poststation.message.Lane;
import dev.poststation.message.Mail;
import dev.poststation.message.QueueId;
import dev.poststation.message.Witness;
import dev.poststation.os.Os;
import dev.poststation.route.Destination;
import dev.poststation.spool.Placement;
import dev.poststation.spool.Spool;
import dev.poststation.spool.SpoolException;
import dev.poststation.tlsrpt.TlsObserver;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The queue: what came in or is due becomes active, is routed, waits for its turn at its
/// destination, is attempted and settled. Only the active part is in memory; the rest is an index
/// in the spool. Safe for any thread.
public final class Queue {
  private static final Logger LOG = LoggerFactory.getLogger(Queue.class);

  private final Os os;
  private final Spool spool;
  private final Retry retry;
  private final Admission admission;
  private final Claims claims;
  private final Routing routing;
  private final Crossroads crossroads;
  private final Settling settling;
  private final Foreseen foreseen;
  private final Recording recording;
  private final Places places;
  private final Waits waits = new Waits(this);
  private final Map<QueueId, ActiveMail> actives = new ConcurrentHashMap<>();
  private final RouteFinding finding = new RouteFinding();
  private final OpeningHours hours = new OpeningHours(finding, this::directions, this::contentOf);
  private final Handovers handovers = new Handovers();
  private final Asides asides;
  private final Quotas quotas;
  private final Turnstile connections;
  private final Ready ready;
  private final Standbys standbys;
  private final Quarantine quarantine;
  private volatile Directions directions;

  /// What the queue works with.
  ///
  /// @param opener opens conversations: the dialer
  /// @param informer composes notices
  /// @param directions router and destinations
  /// @param observer is told of TLS to hosts
  /// @param data where it is kept what was used of quotas; null: nowhere
  public record Wiring(
      Os os,
      Spool spool,
      Journal journal,
      Opener opener,
      Settling.Informer informer,
      Directions directions,
      Witness witness,
      TlsObserver observer,
      @Nullable Path data) {
    /// Where nobody learns from it.
    public Wiring(
        Os os,
        Spool spool,
        Journal journal,
        Opener opener,
        Settling.Informer informer,
        Directions directions) {
      this(
          os,
          spool,
          journal,
          opener,
          informer,
          directions,
          Witness.NOBODY,
          TlsObserver.NOBODY,
          null);
    }
  }

  /// What is in memory.
  ///
  /// @param active mails being routed, ready, or in flight
  public record Load(int active, List<DestinationView> destinations) {
    /// Mails that wait in memory for their turn at a destination.
    public int ready() {
      int ready = 0;
      for (var destination : destinations) {
        ready += destination.ready();
      }
      return ready;
    }

    /// Hosts that failed so often that they come last.
    public long hostsLast() {
      return destinations.stream()
          .flatMap(each -> each.hosts().stream())
          .filter(DestinationView.Host::last)
          .count();
    }
  }

  /// Different mails that a destination deferred in a row, 20 at most.
  ///
  /// @param text what became of the last one
  public record Trouble(int deferred, String text) {}

  /// What happened last by a connector, to any of its destinations, since the start.
  ///
  /// @param delivered when a mail was delivered; null: none was
  /// @param failed when one was deferred, or no host reached, a full mailbox apart; null: never
  /// @param failure why
  /// @param reached hosts that took a connection and let us in, of a connector that names its hosts
  public record Lately(
      @Nullable Instant delivered, @Nullable Instant failed, String failure, Set<String> reached) {
    static final Lately NOTHING = new Lately(null, null, "", Set.of());

    public Lately {
      reached = Set.copyOf(reached);
    }
  }

  /// Mails in the spool and not in memory, by place.
  public record Waiting(long incoming, long deferred, long parked, long held, long quarantined) {}

  /// A queue that does nothing until `start`.
  public Queue(Wiring wiring, QueueSettings settings, Limits limits) {
    this.os = wiring.os();
    this.spool = wiring.spool();
    var journal = wiring.journal();
    this.directions = wiring.directions();
    this.retry = new Retry(settings.retry(), os.chance());
    this.places = new Places(spool.nextId());
    this.claims = new Claims(this, spool, os.time(), settings, retry);
    this.admission = new Admission(limits.activeMails(), limits.activeRecipients(), claims::wake);
    this.asides = new Asides(os.tasks());
    this.quarantine = new Quarantine(this, journal);
    this.recording = new Recording(this, os.time(), spool, journal, retry);
    var data = wiring.data();
    this.quotas = data == null ? new Quotas(os) : new Quotas(os, data);
    var means =
        new Settling.Means(
            os, journal, settings, retry, wiring.informer(), recording, wiring.witness());
    this.settling = new Settling(means);
    this.foreseen = new Foreseen(means, settling.untried());
    this.connections = new Turnstile(limits.connections());
    var shares =
        new Shares(
            os,
            wiring.opener(),
            wiring.observer(),
            settling,
            retry,
            settings.readyPerDestination(),
            claims::wake,
            connections,
            new Memory(limits.destinations()),
            quotas,
            new Overflows(os.time(), connections, name -> ready().find(name)));
    this.ready = new Ready(shares);
    this.standbys = new Standbys(shares, () -> directions, ready);
    this.routing =
        new Routing(
            os.tasks(),
            os.time(),
            () -> directions,
            this::found,
            settling::unroutable,
            this::routeAnew);
    this.crossroads =
        new Crossroads(os.tasks(), () -> directions, finding, routing, settling, this::jobEnded);
  }

  /// Begins to claim what the spool holds, and to deliver.
  public void start() {
    claims.start(os.tasks());
    standbys.start();
  }

  /// No new attempt is begun from now on; those in flight end.
  public void drain() {
    claims.stop();
    standbys.stop();
    ready.drain();
  }

  /// How many connections a connector has, or the account of it that was decided for, where each
  /// has quotas of its own.
  public int connections(Connector connector) {
    return connections.inside(connector.quotaHolder());
  }

  /// What connectors have used of their quotas.
  public Quotas quotas() {
    return quotas;
  }

  /// Waits until no attempt is in flight, the scheduler has ended, and nothing waits for the disk.
  /// Then what was used of quotas is written down for the next start.
  ///
  /// @return whether that came true in time
  public boolean awaitDrained(Duration atMost) throws InterruptedException {
    long end = os.time().nanos() + atMost.toNanos();
    while (claims.running() || !ready.stopped() || !asides.idle()) {
      if (os.time().nanos() - end >= 0) {
        return false;
      }
      os.time().sleep(Duration.ofMillis(20));
    }
    quotas.close();
    return true;
  }

  /// Takes new routes and connectors: what is ready is routed anew, what waits and goes another way
  /// now is due, the rest is routed anew when its turn comes, and destinations that were set aside
  /// get another chance.
  public void redirect(Directions changed) {
    directions = changed;
    crossroads.anew(ready.withdraw());
    claims.reroute();
  }

  /// A connector that paused goes on: its destinations are tried at once.
  public void resume(String connector) {
    ready.forgetFailuresOf(each -> each.destination().connector().name().equals(connector));
    claims.wake();
  }

  private void found(Job job, Destination destination) {
    if (!settling.untried().postponed(job)) {
      ready.offer(job, destination);
      if (job.mail().mail().envelope().deadline() != null) {
        withdrawOverdue(List.of(job.mail())); // Its time may have come while it was being routed.
      }
    }
  }

  private void routeAnew(Job job) {
    crossroads.anew(List.of(job));
  }

  private void jobEnded(ActiveMail active) {
    recording.ended(active, List.of(), Settling.Written.NOTHING, null);
  }

  /// A mail is about to become durable in `incoming`: until `accepted` or `abandoned` everybody
  /// leaves it alone, though it may be found in the spool.
  public void announced(QueueId id) {
    handovers.begin(id);
  }

  /// A mail that was announced did not become durable.
  public void abandoned(QueueId id) {
    handovers.end(id);
  }

  /// Takes a mail over that has just become durable in `incoming`. Does not block, does not throw.
  ///
  /// @param intakeNanos from MAIL until now
  public void accepted(Mail mail, Content content, long intakeNanos) {
    var lane = Lane.of(mail.envelope().priority());
    if (admission.admitNew(mail.recipients().size(), lane)) {
      var timing = new ActiveMail.Timing(intakeNanos, os.time().nanos());
      var active = new ActiveMail(mail, content, Placement.INCOMING, timing);
      actives.put(mail.id(), active);
      handovers.end(mail.id());
      try {
        dispatch(active);
      } catch (RuntimeException e) {
        LOG.error("Our own fault while dispatching {}: it stays in the spool", mail.id(), e);
      }
    } else {
      spool.letGo(mail.id());
      places.joined(Placement.INCOMING);
      handovers.end(mail.id());
      admission.joined(mail.id(), lane);
    }
  }

  /// Takes note of a mail that has just become durable in `held` or in quarantine. Does not block,
  /// does not throw.
  public void held(QueueId id, Placement place) {
    spool.letGo(id);
    places.joined(place);
    handovers.end(id);
  }

  /// Brings a mail from the spool into memory. A recipient that would wait longer than any wait is
  /// was dated by another clock, and is due.
  ///
  /// @param still whether it is still as it has to be: since it was listed, an attempt may have
  ///   ended that was in flight then, and have left it somewhere else, or held
  /// @param first what is done to it before its recipients are sent on their way
  /// @return whether it did; false when the mail is in memory already, or is no more
  boolean activate(QueueId id, Predicate<Spool.Stored> still, Consumer<ActiveMail> first)
      throws SpoolException {
    if (handovers.pending(id) || actives.containsKey(id)) {
      return false;
    }
    var stored = spool.load(id);
    if (stored.isEmpty() || !still.test(stored.get())) {
      return false;
    }
    var active = adopt(stored.get());
    Misdated.correct(active, retry, hours, os.time().now());
    first.accept(active);
    dispatch(active);
    return true;
  }

  /// Makes a stored mail active, with no job yet. By the scheduler's thread only.
  ActiveMail adopt(Spool.Stored stored) {
    var mail = stored.mail();
    admission.admitStored(mail.recipients().size(), mail.envelope().lane());
    places.left(stored.placement());
    long waited = Duration.between(mail.envelope().arrived(), os.time().now()).toNanos();
    var timing = new ActiveMail.Timing(Math.max(0, waited), os.time().nanos());
    var active = new ActiveMail(mail, spool.content(mail), stored.placement(), timing);
    actives.put(active.id(), active);
    return active;
  }

  /// Sends what is due of an active mail on its way.
  void dispatch(ActiveMail active) {
    // Counts as a job until everything is on its way, so that the mail does not leave in between.
    if (!active.jobStartedIfHere()) {
      return;
    }
    try {
      crossroads.route(active, foreseen.spare(active, active.takeDue(os.time().now())));
    } finally {
      jobEnded(active);
    }
  }

  /// To the connector that a job names, for another turn.
  void again(Job job) {
    routing.submit(job);
  }

  Handovers handovers() {
    return handovers;
  }

  /// In memory, or in the spool.
  private Content contentOf(Mail mail) {
    var active = actives.get(mail.id());
    return active == null ? spool.content(mail) : active.content();
  }

  /// The mail is not in memory any more: who finds it gone must find it in the spool.
  void forget(ActiveMail mail) {
    actives.remove(mail.id(), mail);
  }

  Asides asides() {
    return asides;
  }

  Recording recording() {
    return recording;
  }

  Settling settling() {
    return settling;
  }

  Ready ready() {
    return ready;
  }

  Claims claims() {
    return claims;
  }

  Spool spool() {
    return spool;
  }

  Instant now() {
    return os.time().now();
  }

  /// Ends the ready jobs that an administrator ordered something else about.
  void withdrawUnwanted() {
    ready.takeBack(Job::unwanted).forEach(settling.untried()::withdrawn);
  }

  /// Takes back what is ready of those mails whose time is over.
  void withdrawOverdue(Collection<ActiveMail> mails) {
    var now = os.time().now();
    Set<ActiveMail> over = new HashSet<>();
    mails.stream().filter(mail -> mail.deadlinePassed(now)).forEach(over::add);
    if (!over.isEmpty()) {
      ready.takeBack(job -> over.contains(job.mail())).forEach(settling.untried()::overdue);
    }
  }

  OpeningHours hours() {
    return hours;
  }

  Waits waits() {
    return waits;
  }

  /// Mail that services keep from its recipients.
  public Quarantine quarantine() {
    return quarantine;
  }

  Places places() {
    return places;
  }

  Admission admission() {
    return admission;
  }

  Directions directions() {
    return directions;
  }

  /// All mail in memory.
  Collection<ActiveMail> actives() {
    return actives.values();
  }

  @Nullable ActiveMail active(QueueId id) {
    return actives.get(id);
  }

  /// What is in memory now.
  public Load load() {
    return new Load(admission.mails(), ready.views());
  }

  /// What each destination does that is in use, or that mail waits for, as far as is known: while a
  /// start looks through the spool, some may be missing. Reads the spool.
  public List<DestinationView> destinations() {
    Map<String, DestinationView> all = new TreeMap<>();
    var waiting = waits.now();
    waiting.forEach((name, why) -> all.put(name, DestinationView.quiet(name, why)));
    for (var view : ready.views()) {
      all.put(view.name(), view.waiting(waiting.getOrDefault(view.name(), "")));
    }
    return List.copyOf(all.values());
  }

  /// How many different mails in a row a destination has deferred (20 at most), and what became of
  /// the last one; empty while it takes mail.
  public Optional<Trouble> trouble(String destination) {
    return settling.health().of(destination);
  }

  /// What happened last by a connector.
  public Lately lately(String connector) {
    return settling.health().lately(connector);
  }

  /// What waits in the spool now.
  public Waiting waiting() {
    return places.now();
  }
}
