package dev.poststation.policy;

import dev.poststation.config.ClientRule;
import dev.poststation.config.Configuration;
import dev.poststation.config.OutbreakSettings;
import dev.poststation.config.OutbreakSettings.Action;
import dev.poststation.dns.NumericAddress;
import dev.poststation.log.Event;
import dev.poststation.message.Envelope;
import dev.poststation.message.Hold;
import dev.poststation.message.Outcome;
import dev.poststation.message.Recipient;
import dev.poststation.message.Witness;
import dev.poststation.os.Disk;
import dev.poststation.os.Os;
import dev.poststation.os.Time;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.PolicyReplies;
import dev.poststation.smtp.Reply;
import dev.poststation.store.Ledger;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Notices when a client, a user or a sender is not itself any more, by what next hops answer to
/// its recipients and by how many these suddenly are, and says what becomes of its mail then
/// (docs/manual/clients.md, "Outbreaks"). What goes on is kept in `data`. Bounded. Safe for any
/// thread.
public final class Outbreaks implements Witness, AutoCloseable {
  /// Clients and senders of which answers are counted, of each.
  static final int MOST = 10_000;

  /// Outbreaks of senders at once; beyond, their clients are meant.
  static final int OPEN_MOST = 1_000;

  /// So many senders with an outbreak make one of their client.
  static final int SENDERS_MOST = 3;

  private static final String FILE = "outbreaks";

  /// The wall clock says when one is over, and may be set meanwhile.
  private static final Duration LOOK_EVERY = Duration.ofSeconds(30);

  private final Os os;
  private final Supplier<Configuration> configuration;
  private final Consumer<Event> events;
  private final Ledger ledger;
  private final Habits habits;
  private final Map<Subject, Outbreak> open = new ConcurrentHashMap<>();
  private final Time.Signal closing;
  private boolean watched;
  private final Map<Subject, Answers> clients = answers();
  private final Map<Subject, Answers> senders = answers();
  private final Refusers refusers = new Refusers();
  private final LateBounces late;
  private volatile @Nullable Orders orders;

  /// What a configuration says.
  private record Orders(Configuration of, OutbreakSettings settings, Map<String, Action> entries) {
    static Orders of(Configuration configuration) {
      var settings = configuration.limits().outbreak();
      Map<String, Action> entries = new HashMap<>();
      for (ClientRule rule : configuration.clients()) {
        var own = rule.terms().outbreak();
        entries.put(rule.name(), own == null ? settings.action() : own);
      }
      return new Orders(configuration, settings, entries);
    }

    /// Off, too, for those who are in no entry any more.
    Action action(String client) {
      return entries.getOrDefault(client, Action.OFF);
    }
  }

  /// @param configuration that in force
  /// @param events is told
  Outbreaks(Os os, Path data, Supplier<Configuration> configuration, Consumer<Event> events) {
    this.os = os;
    this.configuration = configuration;
    this.events = events;
    this.habits = new Habits(os, data);
    this.late = new LateBounces(os.time().now());
    this.ledger =
        new Ledger(
            os,
            data.resolve(FILE),
            () ->
                open.values().stream()
                    .filter(outbreak -> Ledger.fits(outbreak.name()))
                    .map(Outbreak::line)
                    .toList());
    this.closing = os.time().signal();
    ledger.read(MOST + OPEN_MOST, this::readLine);
    watch();
  }

  /// @return whether it was understood
  private boolean readLine(String line) {
    var outbreak = Outbreak.parse(line);
    var who = outbreak.flatMap(Outbreak::subject);
    if (who.isEmpty()) {
      return false;
    }
    open.put(who.get(), outbreak.orElseThrow());
    return true;
  }

  private static Map<Subject, Answers> answers() {
    return new LinkedHashMap<>(16, 0.75f, true) {
      @Override
      protected boolean removeEldestEntry(Map.Entry<Subject, Answers> eldest) {
        return size() > MOST;
      }
    };
  }

  @SuppressWarnings("ReferenceEquality") // To compare all of it costs more than to make it anew.
  private Orders orders() {
    var now = configuration.get();
    var known = orders;
    if (known == null || known.of != now) {
      known = Orders.of(now);
      orders = known;
    }
    return known;
  }

  /// What goes on by what was written last: for commands.
  public static List<Outbreak> read(Disk disk, Path data) {
    return Ledger.read(disk, data.resolve(FILE)).stream()
        .limit(MOST + OPEN_MOST)
        .flatMap(line -> Outbreak.parse(line).stream())
        .toList();
  }

  /// What goes on now, the latest first.
  public List<Outbreak> now() {
    var now = os.time().now();
    return open.values().stream()
        .filter(outbreak -> !outbreak.isOver(now))
        .sorted(Comparator.comparing(Outbreak::since).reversed().thenComparing(Outbreak::name))
        .toList();
  }

  /// An administrator says that it is over. Mail that is held stays so.
  ///
  /// @param name of whom it is about, or of an entry of `clients`
  /// @return those that were meant
  public List<Outbreak> lift(String name) {
    String network = NumericAddress.network(name);
    List<Outbreak> meant =
        now().stream()
            .filter(outbreak -> outbreak.isCalled(name) || outbreak.isCalled(network))
            .toList();
    for (var outbreak : meant) {
      outbreak
          .subject()
          .ifPresent(
              who -> {
                late.over(who, os.time().now());
                open.remove(who);
                synchronized (clients) {
                  clients.remove(who);
                  senders.remove(who);
                }
                habits.accept(who);
              });
      events.accept(event(outbreak, "lifted", null, "by an administrator"));
    }
    if (!meant.isEmpty()) {
      written();
      os.tasks().platform("outbreaks", habits::write);
    }
    return meant;
  }

  /// What is to be said against a mail that begins.
  Optional<Objection> objection(String client, Facts facts, Address sender) {
    if (open.isEmpty()) {
      return Optional.empty();
    }
    var found = find(Subject.of(client, facts), client);
    var ofSender = found == null ? Subject.of(client, sender) : null;
    if (ofSender != null) {
      found = find(ofSender, client);
    }
    return found == null || !found.isAt(facts.when()) ? Optional.empty() : objection(found);
  }

  /// One that goes on, and matters where the mail comes in.
  private @Nullable Outbreak find(Subject who, String client) {
    var found = open(who, os.time().now());
    return found == null || orders().action(client).compareTo(Action.THROTTLE) < 0 ? null : found;
  }

  private static Optional<Objection> objection(Outbreak found) {
    String why = found.who() + " since " + found.since() + ": " + found.reason();
    var until = found.until();
    return switch (found.action()) {
      case OFF, REPORT -> Optional.empty();
      case THROTTLE ->
          Optional.of(
              Objection.refusal(
                  PolicyReplies.outbreak(String.valueOf(until)), "outbreak = throttle: " + why));
      case HOLD ->
          Optional.of(
              Objection.held(
                  PolicyReplies.outbreak("an administrator has looked"), Hold.by("outbreak", why)));
    };
  }

  /// A mail was taken.
  void taken(String client, Facts facts, Address sender, int recipients) {
    var orders = orders();
    if (orders.action(client) == Action.OFF) {
      return;
    }
    var now = os.time().now();
    var who = Subject.of(client, facts);
    var ofSender = Subject.of(client, sender);
    if (!isOpen(who, now)) {
      habits
          .add(who, recipients, now, orders.settings())
          .ifPresent(why -> begin(who, client, why, orders));
    }
    if (ofSender != null && !isOpen(ofSender, now)) {
      // Who is meant is the client, where it is all the same mail.
      habits
          .add(ofSender, recipients, now, orders.settings())
          .filter(_ -> !isOpen(who, now))
          .ifPresent(why -> begin(open.size() < OPEN_MOST ? ofSender : who, client, why, orders));
    }
  }

  /// Whoever notices first that one is over ends it.
  private @Nullable Outbreak open(Subject who, Instant now) {
    var found = open.isEmpty() ? null : open.get(who);
    if (found != null && found.isOver(now)) {
      end(who, found);
      return null;
    }
    return found;
  }

  private boolean isOpen(Subject who, Instant now) {
    return open(who, now) != null;
  }

  @Override
  public void concluded(
      Envelope envelope, String destination, List<Recipient> recipients, List<Outcome> outcomes) {
    int taken = 0;
    boolean refused = false;
    for (var outcome : outcomes) {
      int what = Answers.of(outcome);
      taken += what == Answers.TAKEN ? 1 : 0;
      refused |= what > Answers.TAKEN;
    }
    if (taken > 0) {
      refusers.took(destination);
    }
    if ((taken == 0 && !refused) || envelope.source().isOurs()) {
      return; // What becomes of our own notices is nobody's doing.
    }
    var orders = orders();
    var who = Subject.of(envelope.source());
    var sender = Subject.of(envelope.source().client(), envelope.sender());
    if (late.isKnown(envelope.arrived(), who, sender)) {
      return; // An administrator has released it, or it waited somewhere.
    }
    long half = half(orders);
    if (taken > 0 && matters(envelope.source(), who, sender, orders)) {
      synchronized (clients) {
        take(who, sender, half, taken);
      }
    }
    if (refused) {
      for (var outcome : outcomes) {
        refused(envelope.source(), destination, outcome, who, sender, half, orders);
      }
    }
  }

  /// A bounce came in. Its recipient stays one that was taken, too: of other mail nothing is taken
  /// back for it.
  public void returned(LateBounce bounce) {
    var orders = orders();
    var source = bounce.source();
    var who = Subject.of(source);
    var sender = Subject.of(source.client(), bounce.sender());
    if (matters(source, who, sender, orders)
        && late.count(bounce, who, sender, orders.settings(), os.time().now())) {
      var status = bounce.status();
      var refused = new Reply(550, status, List.of(""));
      var outcome = new Outcome.Bounced(Outcome.Stage.RCPT, status, "", refused);
      refused(source, bounce.destination(), outcome, who, sender, half(orders), orders);
    }
  }

  /// The number of the half of the time that matters that is now.
  private long half(Orders orders) {
    return os.time().nanos() / (orders.settings().within().toNanos() / 2);
  }

  private void refused(
      Envelope.Source source,
      String destination,
      Outcome outcome,
      Subject who,
      @Nullable Subject sender,
      long half,
      Orders orders) {
    int what = Answers.of(outcome);
    if (what <= Answers.TAKEN
        || (what != Answers.UNKNOWN && refusers.refused(destination, who, half))
        || !matters(source, who, sender, orders)) {
      return;
    }
    Found found;
    synchronized (clients) {
      found = refuse(who, sender, half, what, orders.settings().failures());
    }
    if (found != null) {
      begin(found.who, source.client(), found.why, orders);
    }
  }

  /// Not where nobody cares, nor when it is mail from before an outbreak that goes on.
  private boolean matters(
      Envelope.Source source, Subject who, @Nullable Subject sender, Orders orders) {
    var now = os.time().now();
    return orders.action(source.client()) != Action.OFF
        && !isOpen(who, now)
        && (sender == null || !isOpen(sender, now));
  }

  private void take(Subject who, @Nullable Subject sender, long half, int recipients) {
    clients.computeIfAbsent(who, _ -> new Answers()).add(half, Answers.TAKEN, recipients);
    if (sender != null) {
      senders.computeIfAbsent(sender, _ -> new Answers()).add(half, Answers.TAKEN, recipients);
    }
  }

  private record Found(Subject who, String why) {}

  /// Who of the two it is: the one that the other one's mail is a part of, for a stolen password
  /// goes with any sender, and one sender among many of a mail server may be all that is wrong.
  private @Nullable Found refuse(
      Subject who, @Nullable Subject sender, long half, int what, OutbreakSettings.Share share) {
    var all = clients.computeIfAbsent(who, _ -> new Answers());
    all.add(half, what, 1);
    if (sender == null) {
      return all.exceed(share) ? found(who, all) : null;
    }
    var own = senders.computeIfAbsent(sender, _ -> new Answers());
    own.add(half, what, 1);
    boolean part = own.all() * 10L < all.all() * 9L && open.size() < OPEN_MOST;
    if (all.exceed(share) && !part) {
      own.clear();
      return found(who, all);
    }
    if (own.exceed(share)) {
      all.without(own);
      all.add(half, Answers.SENDERS, 1);
      int many = all.count(Answers.SENDERS);
      if (many >= SENDERS_MOST || open.size() >= OPEN_MOST) {
        return found(who, own, "the mail of " + many + " of its senders is refused, at last ");
      }
      return found(sender, own);
    }
    if (all.exceed(share)) {
      own.clear();
      return found(who, all);
    }
    return null;
  }

  private static Found found(Subject who, Answers answers) {
    return found(who, answers, "");
  }

  private static Found found(Subject who, Answers answers, String before) {
    String why = before + answers;
    answers.clear();
    return new Found(who, why);
  }

  private synchronized void begin(Subject who, String client, String why, Orders orders) {
    var action = orders.action(client);
    var now = os.time().now();
    var pause = now.plus(orders.settings().pause());
    var outbreak = Outbreak.of(who, client, action, now, pause, why);
    var before = open.get(who);
    if (before != null && !before.isOver(now)) {
      return;
    }
    if (before != null) {
      end(who, before);
    }
    open.put(who, outbreak);
    events.accept(event(outbreak, action.word(), outbreak.until(), why));
    written();
    watch();
  }

  /// It is over by itself. Of one that was only told of nothing changes, and nothing is told.
  private void end(Subject who, Outbreak outbreak) {
    late.over(who, Objects.requireNonNullElse(outbreak.until(), os.time().now()));
    if (!open.remove(who, outbreak)) {
      return;
    }
    ledger.changed();
    if (outbreak.action() == Action.THROTTLE) {
      events.accept(event(outbreak, "over", null, "its mail is taken again"));
    }
  }

  /// Has somebody look after those that end by themselves, as long as there are any.
  private synchronized void watch() {
    if (!watched && anyEnds()) {
      watched = true;
      os.tasks().virtual("outbreak-ends", this::endInTime);
    }
  }

  private boolean anyEnds() {
    return open.values().stream().anyMatch(outbreak -> outbreak.until() != null);
  }

  private void endInTime() {
    try {
      while (anyLeft()) {
        if (closing.await(LOOK_EVERY)) {
          return;
        }
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /// Ends those that are over.
  ///
  /// @return whether there are others, which will be
  private synchronized boolean anyLeft() {
    var now = os.time().now();
    open.forEach(
        (who, outbreak) -> {
          if (outbreak.isOver(now)) {
            end(who, outbreak);
          }
        });
    watched = anyEnds();
    return watched;
  }

  private static Event event(
      Outbreak outbreak, String action, @Nullable Instant until, String text) {
    return new Event.Outbreak(
        outbreak.kind(), outbreak.client(), outbreak.name(), action, until, text);
  }

  /// It must not be forgotten by a crash, but nobody waits for the disk.
  private void written() {
    ledger.changed();
    os.tasks().platform("outbreaks", ledger::write);
  }

  /// Writes what is left.
  @Override
  public void close() {
    closing.raise();
    ledger.close();
    habits.close();
  }
}
