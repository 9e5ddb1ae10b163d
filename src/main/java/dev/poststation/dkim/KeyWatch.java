package dev.poststation.dkim;

import dev.poststation.dns.Resolver;
import dev.poststation.os.Os;
import dev.poststation.os.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Looks every hour whether the DNS has the keys of all domains, and tells what an administrator
/// should know of them. Safe for any thread; the DNS is asked on a thread of its own.
public final class KeyWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(KeyWatch.class);

  /// So often all records are looked at.
  static final Duration LOOK = Duration.ofHours(1);

  /// So often it is looked whether there are other keys.
  static final Duration GLANCE = Duration.ofMinutes(1);

  /// So many that are not as they should be are looked at with each glance.
  private static final int AGAIN_MOST = 100;

  private static final KeyRecord.Found SAME = new KeyRecord.Found.Same();

  /// More sentences are only counted.
  private static final int CONCERNS_MOST = 20;

  private final Os os;
  private final Keyring keyring;
  private final Resolver resolver;
  private final AtomicBoolean watching = new AtomicBoolean();
  private final Time.Signal closing;
  private volatile Map<KeyRecord, KeyRecord.Found> found = Map.of();
  private volatile boolean closed;

  /// A watch over the keys of a ring.
  public KeyWatch(Os os, Keyring keyring, Resolver resolver) {
    this.os = os;
    this.keyring = keyring;
    this.resolver = resolver;
    this.closing = os.time().signal();
  }

  /// Begins, unless there is nothing to watch; to be called again after a reload.
  public void start() {
    if (!keyring.sections().isEmpty() && watching.compareAndSet(false, true)) {
      os.tasks().virtual("dkim-keys", this::run);
    }
  }

  private void run() {
    long looked = os.time().nanos();
    boolean first = true;
    try {
      while (!closed) {
        boolean due = first || os.time().nanos() - looked >= LOOK.toNanos();
        try {
          look(due);
        } catch (RuntimeException e) {
          LOG.error("Our own fault while the DNS was asked for keys; it goes on", e);
        }
        looked = due ? os.time().nanos() : looked;
        first = false;
        closing.await(GLANCE);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /// Asks the DNS.
  ///
  /// @param all also for those that it was asked for before
  void look(boolean all) {
    Map<KeyRecord, KeyRecord.Found> before = found;
    Map<KeyRecord, KeyRecord.Found> now = new HashMap<>();
    int asked = 0;
    for (var domain : keyring.all()) {
      for (var held : domain.keys()) {
        var key = held.key();
        if (key == null || closed) {
          continue;
        }
        var record = KeyRecord.of(key);
        var known = all ? null : before.get(record);
        boolean ask = known == null || (asked < AGAIN_MOST && !known.equals(SAME));
        asked += ask ? 1 : 0;
        now.put(record, ask ? record.look(resolver) : known);
      }
    }
    found = Map.copyOf(now);
  }

  /// A key, as it is now.
  ///
  /// @param found what the DNS had when it was asked last; empty: it was not asked yet
  public record Standing(DomainKeys domain, DomainKeys.Held held, Optional<KeyRecord.Found> found) {
    /// Whether the DNS has it; empty: nobody knows.
    public Optional<Boolean> published() {
      return found.flatMap(
          each ->
              switch (each) {
                case KeyRecord.Found.Same _ -> Optional.of(true);
                case KeyRecord.Found.Missing _, KeyRecord.Found.Different _ -> Optional.of(false);
                case KeyRecord.Found.Unknown _ -> Optional.empty();
              });
    }
  }

  /// All keys, as they are now.
  public List<Standing> standings() {
    List<Standing> all = new ArrayList<>();
    for (var domain : keyring.all()) {
      for (var held : domain.keys()) {
        var key = held.key();
        all.add(
            new Standing(
                domain,
                held,
                key == null
                    ? Optional.empty()
                    : Optional.ofNullable(found.get(KeyRecord.of(key)))));
      }
    }
    return all;
  }

  /// What an administrator should know, a sentence each.
  public List<String> concerns() {
    List<String> concerns = new ArrayList<>();
    for (var domain : keyring.all()) {
      if (!domain.problem().isEmpty()) {
        concerns.add("DKIM of " + domain.domain() + ": " + domain.problem());
      } else if (domain.in(KeyEntry.State.ACTIVE).isEmpty()) {
        concerns.add(
            "Mail of "
                + domain.domain()
                + " is not signed: it has no DKIM key that is active; poststation dkim "
                + (domain.keys().isEmpty() ? "create " : "rotate ")
                + domain.domain());
      }
    }
    for (var standing : standings()) {
      concern(standing).ifPresent(concerns::add);
    }
    int more = concerns.size() - CONCERNS_MOST;
    if (more > 0) {
      concerns.subList(CONCERNS_MOST, concerns.size()).clear();
      concerns.add("Of DKIM there is more to tell (" + more + "): see poststation dkim dns");
    }
    return concerns;
  }

  private Optional<String> concern(Standing standing) {
    var entry = standing.held.entry();
    String domain = standing.domain.domain();
    String name = "The DKIM key " + entry.selector() + " of " + domain;
    if (!standing.held.problem().isEmpty()) {
      return Optional.of(name + " cannot be used: " + standing.held.problem());
    }
    String again = "; poststation dkim rotate " + domain;
    return switch (entry.state()) {
      case MADE ->
          standing.published().orElse(false)
              ? Optional.of(name + " is published and does not sign yet" + again)
              : Optional.empty();
      case ACTIVE -> active(standing, name, again);
      case RETIRED -> retired(standing, name, again);
    };
  }

  private Optional<String> active(Standing standing, String name, String again) {
    String see = "; see poststation dkim dns " + standing.domain.domain();
    return switch (standing.found.orElse(SAME)) {
      case KeyRecord.Found.Missing _ ->
          Optional.of(name + " signs, and the DNS does not have it" + see);
      case KeyRecord.Found.Different(var why) ->
          Optional.of(name + " signs, and the DNS has something else: " + why + see);
      case KeyRecord.Found.Same _, KeyRecord.Found.Unknown _ -> old(standing, name, again);
    };
  }

  private Optional<String> old(Standing standing, String name, String again) {
    var after = standing.domain.settings().rotateAfter();
    Instant now = os.time().now();
    return after == null
        ? Optional.empty()
        : standing
            .held
            .entry()
            .since()
            .filter(since -> since.plus(after).isBefore(now))
            .map(
                since ->
                    name
                        + " has signed for "
                        + Duration.between(since, now).toDays()
                        + " days (rotate-after)"
                        + again
                        + " makes the next one");
  }

  private Optional<String> retired(Standing standing, String name, String again) {
    var retired = standing.held.entry().retired();
    boolean needed =
        retired == null || retired.plus(standing.domain.settings().keep()).isAfter(os.time().now());
    boolean published = standing.published().orElse(true);
    if (needed && standing.published().isPresent() && !published) {
      return Optional.of(
          name
              + " is retired, and the DNS does not have it any more: mail that it signed and is"
              + " still under way does not verify");
    }
    return !needed && published && standing.published().isPresent()
        ? Optional.of(name + " is not needed any more: take its record out of the DNS" + again)
        : Optional.empty();
  }

  /// Ends it.
  @Override
  public void close() {
    closed = true;
    closing.raise();
  }
}
