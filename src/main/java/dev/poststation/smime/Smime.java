package dev.poststation.smime;

import dev.poststation.config.Configuration;
import dev.poststation.config.Origin;
import dev.poststation.config.Problem;
import dev.poststation.config.SmimeSettings;
import dev.poststation.os.Os;
import dev.poststation.os.Workers;
import dev.poststation.tls.ClientTls;
import java.io.IOException;
import java.nio.file.Path;
import java.security.cert.TrustAnchor;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// S/MIME in a running relay: what is kept, and the threads that do the work. Safe for any thread.
public final class Smime {
  private static final int THREADS = 2;
  private static final int WAITING = 200;
  private static final int MEASURED_MOST = 100;

  /// The largest mail is this part of the heap.
  private static final int LARGEST_PART = 16;

  /// All mail that is worked at has this part of the heap.
  private static final int WORK_PART = 3;

  /// Copies that there are of a mail while it is taken apart or put together, and their parts.
  private static final int COPIES = 6;

  private static final int KIB = 1024;
  private static final Duration BETWEEN_OPENINGS = Duration.ofMinutes(1);
  private static final long NEVER = Long.MIN_VALUE;

  private final Os os;
  private final Supplier<SmimeSettings> settings;
  private final Keystore keystore;
  private final Workers workers;
  private final long heap = Runtime.getRuntime().maxMemory();
  private final int roomMost = (int) Math.min(Integer.MAX_VALUE, heap / WORK_PART / KIB);

  /// KiB of the heap that are left for more work.
  private final Semaphore room = new Semaphore(roomMost, true);

  private volatile @Nullable Anchors anchors;

  /// When all keys were opened, by the clock that never goes back.
  private final AtomicLong opened = new AtomicLong(NEVER);

  /// @param data that of the relay
  /// @param settings `smime` of the configuration in force
  public Smime(Os os, Path data, Supplier<SmimeSettings> settings) {
    this.os = os;
    this.settings = settings;
    this.keystore = new Keystore(os, data, settings);
    this.workers = new Workers(os.tasks(), "smime", THREADS, WAITING);
  }

  /// The certificates and keys.
  public Keystore keystore() {
    return keystore;
  }

  /// The time.
  public Instant now() {
    return os.time().now();
  }

  /// A clock that never goes back.
  public long nanos() {
    return os.time().nanos();
  }

  /// Who may issue the certificates of those who sign, read anew when the file has changed.
  ///
  /// @throws IOException when the file cannot be read; the message is a clause
  public Set<TrustAnchor> trusted() throws IOException {
    var file =
        Optional.ofNullable(settings.get().authorities()).orElse(ClientTls.SYSTEM_AUTHORITIES);
    var mark = file + " " + os.disk().identity(file) + " " + os.disk().modified(file);
    var before = anchors;
    if (before == null || !before.mark.equals(mark)) {
      before = new Anchors(mark, Certificates.anchors(os.disk().read(file)));
      anchors = before;
    }
    return before.all;
  }

  private record Anchors(String mark, Set<TrustAnchor> all) {}

  /// Octets of the largest mail that is encrypted, decrypted or verified: all of it has to be in
  /// memory several times.
  public long largest() {
    return heap / LARGEST_PART;
  }

  /// Has work done that needs a whole mail in memory, as soon as there is room for it. The work
  /// itself has to read the mail: what waits has nothing of it in memory.
  ///
  /// @param octets of the mail, and of what is made of it beyond the first one
  /// @throws IOException as with the other one
  public <T> T work(long octets, Callable<T> work, Duration atMost) throws IOException {
    int share = Math.clamp(octets * COPIES / KIB, 1, roomMost);
    long end = nanos() + atMost.toNanos();
    return work(
        () -> {
          room.acquireUninterruptibly(share);
          try {
            if (nanos() - end > 0) {
              throw new IOException("there was no memory for it in time");
            }
            return work.call();
          } finally {
            room.release(share);
          }
        },
        atMost);
  }

  /// Has work done by the threads for it, and waits.
  ///
  /// @throws IOException when the work throws it, too much of it waits, or it was not done in time;
  ///   the message is a clause
  public <T> T work(Callable<T> work, Duration atMost) throws IOException {
    try {
      return workers
          .ask(work, atMost)
          .orElseThrow(() -> new IOException("too much mail waits for signatures and encryption"));
    } catch (TimeoutException e) {
      throw new IOException("it took longer than " + atMost.toSeconds() + " s", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException io) {
        throw io;
      }
      throw new IOException("S/MIME fails: " + e.getCause(), e);
    }
  }

  /// What of it cannot do what the configuration wants, on a machine where no relay need run: all
  /// keys are tried, unless a command would have to be run for the password. Slow.
  ///
  /// @param origins where a setting stands
  public List<Problem> problems(Configuration configuration, Function<String, Origin> origins) {
    var password = configuration.smime().password();
    if (password == null || !password.byCommand()) {
      keystore.openAll();
    }
    return Readiness.of(this, configuration, origins);
  }

  /// Tries keys that are not open in the background, again and again: somebody may mend it.
  private void openAll() {
    long before = opened.get();
    long now = nanos();
    boolean due = before == NEVER || now - before > BETWEEN_OPENINGS.toNanos();
    if (due && keystore.isAnyShut() && opened.compareAndSet(before, now)) {
      os.tasks().platform("smime-keys", keystore::openAll);
    }
  }

  /// What an administrator should know, a sentence each.
  public List<String> concerns(Configuration configuration) {
    openAll();
    List<String> all = new ArrayList<>();
    for (var problem : Readiness.of(this, configuration, _ -> Origin.DEFAULT)) {
      all.add(problem.message() + "; " + problem.remedy());
    }
    keystore.flaws().forEach(each -> all.add("smime: " + each));
    var now = os.time().now();
    var soon = now.plus(settings.get().warnBefore());
    for (var entry : keystore.all()) {
      if (entry.isOwn() && entry.expires().isBefore(soon) && !keystore.isReplaced(entry)) {
        long days = Duration.between(now, entry.expires()).toDays();
        all.add(
            "smime: the certificate of "
                + String.join(", ", entry.names())
                + (entry.isValidAt(now) ? " ends in " + days + " days" : " ended")
                + " ("
                + entry.expires()
                + "): import the next one");
      }
    }
    return all;
  }

  /// When certificates of ours end that no later one replaces, by file: those that end first.
  public Map<String, Long> expiries() {
    Map<String, Long> all = new TreeMap<>();
    keystore.all().stream()
        .filter(Entry::isOwn)
        .sorted(Comparator.comparing(Entry::expires))
        .filter(each -> !keystore.isReplaced(each))
        .limit(MEASURED_MOST)
        .forEach(each -> all.put(keystore.file(each).toString(), each.expires().getEpochSecond()));
    return all;
  }
}
