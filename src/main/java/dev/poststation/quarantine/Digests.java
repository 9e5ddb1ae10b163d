package dev.poststation.quarantine;

import dev.poststation.config.Configuration;
import dev.poststation.config.DigestSettings;
import dev.poststation.log.Journal;
import dev.poststation.message.AddressPatterns;
import dev.poststation.message.QueueId;
import dev.poststation.os.Os;
import dev.poststation.os.Time;
import dev.poststation.queue.Quarantine;
import dev.poststation.queue.Queue;
import dev.poststation.smtp.Address;
import dev.poststation.spool.Spool;
import dev.poststation.spool.SpoolException;
import dev.poststation.store.Ledger;
import java.io.IOException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells recipients by mail what was kept from them since they were told last. Safe for any thread;
/// one of its own does the work.
///
/// What a digest will tell is on the disk, with its name, before the digest is: whether it came
/// true, the spool knows after a crash. So none is lost, and none comes twice.
public final class Digests implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Digests.class);

  /// What may come of a link.
  public static final List<String> RESULTS =
      List.of("asked", "done", "over", "expired", "invalid", "limited", "failed");

  private static final String FILE = "quarantine.told";
  private static final String ROUND = "round\t";
  private static final long READ_MOST = 5_000_000;
  private static final Duration LOOK = Duration.ofSeconds(30);

  /// How long nothing is tried after the disk failed.
  private static final Duration PAUSE = Duration.ofMinutes(10);

  /// The clock was ahead when the last round was written down.
  private static final Duration AHEAD = Duration.ofHours(1);

  /// Digests that are composed in memory before they are sent.
  private static final int PAGE = 50;

  private final Os os;
  private final Supplier<Configuration> configuration;
  private final Queue queue;
  private final Spool spool;
  private final DigestPost post;
  private final DigestKey key;
  private final Map<String, Told> told = new ConcurrentHashMap<>();
  private final Ledger ledger;
  private final Time.Signal closing;
  private final AtomicBoolean looking = new AtomicBoolean();
  private final ReentrantLock turn = new ReentrantLock();
  private final AtomicLong sent = new AtomicLong();
  private final Map<String, AtomicLong> calls = new ConcurrentHashMap<>();
  private volatile @Nullable Instant round;
  private volatile boolean closed;

  /// A recipient for whom something is kept.
  ///
  /// @param shown what he may be told of
  /// @param all what is kept from him, whyever
  private record Waiting(Address address, List<Shown> shown, Set<QueueId> all) {}

  /// A mail that he may be told of.
  ///
  /// @param until when it is gone
  private record Shown(QueueId id, Instant until) {}

  /// @param configuration that in force
  /// @param signed puts signatures in front of a mail of ours
  public Digests(
      Os os,
      Path data,
      Supplier<Configuration> configuration,
      Queue queue,
      Spool spool,
      Journal journal,
      UnaryOperator<byte[]> signed) {
    this.os = os;
    this.configuration = configuration;
    this.queue = queue;
    this.spool = spool;
    this.key = new DigestKey(os, data);
    this.post = new DigestPost(os, queue, spool, journal, signed, configuration, key);
    this.closing = os.time().signal();
    this.ledger = new Ledger(os, data.resolve(FILE), this::lines);
    ledger.read(READ_MOST, this::line);
  }

  private List<String> lines() {
    List<String> lines = new ArrayList<>(told.size() + 1);
    var last = round;
    if (last != null) {
      lines.add(ROUND + last);
    }
    told.values().stream()
        .sorted(Comparator.comparing(Told::key))
        .map(Told::line)
        .forEach(lines::add);
    return lines;
  }

  private boolean line(String line) {
    if (line.startsWith(ROUND)) {
      try {
        round = Instant.parse(line.substring(ROUND.length()));
        return true;
      } catch (DateTimeException _) {
        return false;
      }
    }
    var read = Told.parse(line);
    read.ifPresent(it -> told.put(it.key(), it));
    return read.isPresent();
  }

  /// From now on digests are sent, if the configuration says so; also after it was changed.
  public void start() {
    if (digest().isPresent() && looking.compareAndSet(false, true)) {
      os.tasks().virtual("quarantine-digests", this::run);
    }
  }

  private Optional<DigestSettings> digest() {
    return configuration.get().quarantine().digest();
  }

  private void run() {
    try {
      while (!closed) {
        var pause = LOOK;
        try {
          look();
        } catch (IOException e) {
          LOG.warn("Digests of the quarantine are sent later: {}", e.getMessage());
          pause = PAUSE;
        } catch (RuntimeException e) {
          LOG.error("Our own fault while digests of the quarantine were sent; it goes on", e);
          pause = PAUSE;
        }
        closing.await(pause);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /// What a crash left open: a digest came true if the spool knows it.
  private void settle() throws SpoolException {
    for (var each : List.copyOf(told.values())) {
      if (!each.with().isEmpty()) {
        boolean came =
            spool.load(each.digest()).isPresent() || !spool.trace(each.digest()).isEmpty();
        told.put(each.key(), each.settled(came));
      }
    }
  }

  /// Sends what is new now, and not only when it is time.
  ///
  /// @return how many digests were sent
  /// @throws IOException when the spool fails; those that were sent before are not sent again
  public long sendNow() throws IOException {
    turn.lock();
    try {
      var settings = digest();
      long before = sent.get();
      if (settings.isPresent() && !closed) {
        settle();
        send(settings.get(), os.time().now(), os.time().now());
        write();
      }
      return sent.get() - before;
    } finally {
      turn.unlock();
    }
  }

  /// Sends what is due.
  private void look() throws IOException {
    turn.lock();
    try {
      lookInTurn();
    } finally {
      turn.unlock();
    }
  }

  private void lookInTurn() throws IOException {
    var settings = digest();
    if (settings.isEmpty()) {
      return;
    }
    var now = os.time().now();
    settle();
    var last = round;
    if (last == null || last.isAfter(now.plus(AHEAD))) {
      end(now); // What is there already comes with the next one.
      return;
    }
    var slot = slot(settings.get(), now);
    if (slot.isAfter(last)) {
      send(settings.get(), slot, now);
      if (!closed) {
        end(slot);
      }
    }
  }

  private void end(Instant slot) throws IOException {
    round = slot;
    ledger.changed();
    write();
  }

  /// The last time when digests were to be sent.
  static Instant slot(DigestSettings settings, Instant now) {
    var every = settings.every();
    if (every != null) {
      long seconds = every.toSeconds();
      return Instant.ofEpochSecond(Math.floorDiv(now.getEpochSecond(), seconds) * seconds);
    }
    var zone = ZoneId.systemDefault();
    var today = now.atZone(zone).toLocalDate();
    return settings.at().stream()
        .flatMap(at -> List.of(today.minusDays(1).atTime(at), today.atTime(at)).stream())
        .map(at -> at.atZone(zone).toInstant())
        .filter(at -> !at.isAfter(now))
        .max(Comparator.naturalOrder())
        .orElse(Instant.EPOCH);
  }

  private void send(DigestSettings settings, Instant slot, Instant now) throws IOException {
    var waiting = waiting(settings);
    prune(waiting, slot);
    List<DigestPost.Prepared> page = new ArrayList<>(PAGE);
    for (var each : waiting.entrySet()) {
      if (closed) {
        return;
      }
      var fresh = fresh(each.getValue(), told.get(each.getKey()), slot);
      if (!fresh.isEmpty()) {
        post.prepare(settings, each.getValue().address(), fresh, now).ifPresent(page::add);
      }
      if (page.size() == PAGE) {
        send(page, slot);
        page.clear();
      }
    }
    send(page, slot);
  }

  /// What ends first comes first: where one digest cannot tell of all, it must not be gone before
  /// the next one.
  private static List<QueueId> fresh(Waiting one, @Nullable Told before, Instant slot) {
    if (before != null && before.slot().equals(slot)) {
      return List.of();
    }
    return one.shown.stream()
        .filter(each -> before == null || !before.knows(each.id))
        .sorted(Comparator.comparing(Shown::until).thenComparing(Shown::id))
        .map(Shown::id)
        .toList();
  }

  private Map<String, Waiting> waiting(DigestSettings settings) throws SpoolException {
    Map<String, Waiting> all = new LinkedHashMap<>();
    if (settings.recipients().isEmpty()) {
      return all;
    }
    var patterns = new AddressPatterns(settings.recipients());
    queue
        .quarantine()
        .visit(
            kept -> {
              for (int number : kept.waiting()) {
                var address = kept.mail().recipients().get(number).address();
                String mailbox = AddressPatterns.mailboxKey(address);
                if (patterns.match(address) && Ledger.fits(mailbox)) {
                  var one =
                      all.computeIfAbsent(
                          mailbox, _ -> new Waiting(address, new ArrayList<>(), new HashSet<>()));
                  if (one.all.add(kept.mail().id()) && Reason.of(kept, number).among(settings)) {
                    one.shown.add(new Shown(kept.mail().id(), kept.until()));
                  }
                }
              }
              return !closed;
            });
    return all;
  }

  /// Forgets what is not kept any more.
  private void prune(Map<String, Waiting> waiting, Instant slot) {
    if (closed) {
      return; // Not all were looked at.
    }
    for (var each : List.copyOf(told.values())) {
      var one = waiting.get(each.key());
      Set<QueueId> there = one == null ? new HashSet<>() : new HashSet<>(one.all);
      for (var id : each.before()) {
        if (!there.contains(id) && maybeThere(id)) {
          there.add(id);
        }
      }
      var left = each.among(there);
      if (left.before().isEmpty() && !left.slot().equals(slot)) {
        told.remove(each.key());
      } else {
        told.put(each.key(), left);
      }
    }
  }

  /// A mail that cannot be read now is no new one later.
  private boolean maybeThere(QueueId id) {
    try {
      return queue.quarantine().find(id).isPresent();
    } catch (SpoolException _) {
      return true;
    }
  }

  private void send(List<DigestPost.Prepared> page, Instant slot) throws IOException {
    if (page.isEmpty()) {
      return;
    }
    for (var each : page) {
      var before = told.get(each.key());
      Set<QueueId> known = before == null ? Set.of() : before.before();
      told.put(each.key(), new Told(each.key(), each.id(), slot, known, each.tells()));
    }
    ledger.changed();
    try {
      write();
      for (var each : page) {
        post.send(each);
        told.computeIfPresent(each.key(), (_, it) -> it.settled(true));
        sent.incrementAndGet();
      }
    } finally {
      for (var each : page) { // Those that were not sent.
        told.computeIfPresent(each.key(), (_, it) -> it.with().isEmpty() ? it : it.settled(false));
      }
      ledger.changed();
    }
  }

  private void write() throws IOException {
    if (!ledger.write()) {
      throw new IOException("what was told cannot be written down");
    }
  }

  /// What links are sealed with.
  public DigestKey key() {
    return key;
  }

  /// Digests that were sent since the start.
  public long sent() {
    return sent.get();
  }

  /// Somebody followed a link.
  ///
  /// @param result what came of it, one of [#RESULTS]
  public void called(String result) {
    calls.computeIfAbsent(result, _ -> new AtomicLong()).incrementAndGet();
  }

  /// How often that came of a link since the start.
  public long calls(String result) {
    var count = calls.get(result);
    return count == null ? 0 : count.get();
  }

  /// When the next ones are sent; empty: never.
  public Optional<Instant> next() {
    return digest().map(it -> next(it, os.time().now()));
  }

  private static Instant next(DigestSettings settings, Instant now) {
    var every = settings.every();
    return every != null
        ? slot(settings, now).plus(every)
        : slot(settings, now.plus(Duration.ofDays(1)));
  }

  /// When the last ones were sent; empty: never yet.
  public Optional<Instant> last() {
    return Optional.ofNullable(round);
  }

  /// What a recipient may do about a mail by a link.
  public enum Way {
    /// He may do it.
    OPEN,
    /// Nobody could look at it: only an administrator releases it.
    UNEXAMINED,
    /// He is not to be shown it, or it is not kept from him any more.
    NONE
  }

  /// Whether a recipient may still be shown a mail, and act so on it, by these settings.
  public static Way way(
      DigestSettings settings, Quarantine.Kept kept, Address who, DigestSettings.Action action) {
    if (settings.recipients().isEmpty() || !new AddressPatterns(settings.recipients()).match(who)) {
      return Way.NONE;
    }
    return shown(settings, kept, who)
        .map(reason -> reason.allows(action) ? Way.OPEN : Way.UNEXAMINED)
        .orElse(Way.NONE);
  }

  /// Why a mail is kept from one of `recipients`; empty: he is not to be shown it. One who is its
  /// recipient twice does to both what he does.
  static Optional<Reason> shown(DigestSettings settings, Quarantine.Kept kept, Address who) {
    return numbers(kept, who).stream()
        .map(number -> Reason.of(kept, number))
        .filter(reason -> reason.among(settings))
        .max(Comparator.comparing(Reason::unexamined));
  }

  /// The numbers of a recipient who waits for a mail.
  public static Set<Integer> numbers(Quarantine.Kept kept, Address who) {
    String mailbox = AddressPatterns.mailboxKey(who);
    Set<Integer> numbers = new HashSet<>();
    for (int number : kept.waiting()) {
      var address = kept.mail().recipients().get(number).address();
      if (mailbox.equals(AddressPatterns.mailboxKey(address))) {
        numbers.add(number);
      }
    }
    return numbers;
  }

  /// No digest is begun from now on.
  public void drain() {
    closed = true;
    closing.raise();
  }

  @Override
  public void close() {
    drain();
    ledger.close();
  }
}
