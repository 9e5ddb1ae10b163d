package dev.poststation.smime;

import dev.poststation.config.SmimeSettings;
import dev.poststation.dns.Resolver;
import dev.poststation.os.Os;
import dev.poststation.seal.WebCall;
import dev.poststation.tls.ClientTls;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Asks places whether certificates were revoked: few at once, each as long as the configuration
/// says, and one that failed not again for a while, nor any other of a host that does not answer,
/// for that costs all of its time. Safe for any thread; blocks the calling one.
final class StatusPosts {
  private static final Logger LOG = LoggerFactory.getLogger(StatusPosts.class);

  /// Their answers are in memory.
  private static final int AT_ONCE = 8;

  private static final Duration PAUSE = Duration.ofMinutes(5);
  private static final int TROUBLES_MAX = 1_000;
  private static final int TOLD_MAX = 3;

  private final Os os;
  private final Resolver resolver;
  private final Supplier<SmimeSettings.Revocation> settings;
  private final ClientTls tls; // No such place is one of HTTPS.
  private final Semaphore room = new Semaphore(AT_ONCE);
  private final LongAdder asked = new LongAdder();
  private final LongAdder failed = new LongAdder();

  // Guarded by itself.
  private final LinkedHashMap<String, Trouble> troubles = new LinkedHashMap<>();

  /// @param until by the clock that never goes back
  private record Trouble(String why, long until, boolean silent) {}

  /// What an answer says.
  interface Reading<T> {
    /// Reads it.
    ///
    /// @param atMost how long that may take
    /// @throws IOException when it does not count; the message is a clause
    T read(byte[] answer, Duration atMost) throws IOException;
  }

  StatusPosts(Os os, Resolver resolver, Supplier<SmimeSettings.Revocation> settings) {
    this.os = os;
    this.resolver = resolver;
    this.settings = settings;
    this.tls = ClientTls.system(os.disk());
  }

  /// Asks.
  ///
  /// @param about what, among all that this place is asked
  /// @param question null: something is fetched
  /// @param end by the clock that never goes back
  /// @throws IOException when there is no answer that counts; the message is a clause
  <T> T ask(
      URI to, String about, byte @Nullable [] question, int sizeMax, long end, Reading<T> reading)
      throws IOException {
    String place = to.toString();
    // An answer that does not count is one about this certificate; others may have good ones.
    check(host(to));
    check(place);
    check(place + " " + about);
    var now = settings.get();
    var left = Duration.ofNanos(end - os.time().nanos());
    var atMost = left.compareTo(now.timeout()) < 0 ? left : now.timeout();
    if (!atMost.isPositive()) {
      throw new IOException(place + ": there is no time left to ask it");
    }
    byte[] answer = asked(to, question, sizeMax, atMost, atMost.equals(now.timeout()));
    try {
      T read = reading.read(answer, atMost);
      asked.increment();
      forget(host(to), place, place + " " + about);
      return read;
    } catch (IOException e) {
      throw failed(place + " " + about, place + ": " + e.getMessage(), false);
    }
  }

  private byte[] asked(
      URI to, byte @Nullable [] question, int sizeMax, Duration atMost, boolean hadTime)
      throws IOException {
    if (!room.tryAcquire()) {
      throw new IOException(to + ": too many places are asked at once");
    }
    try {
      var call =
          new WebCall(
              os.network(), resolver, settings.get().networks(), "smime.revocation-networks", tls);
      return call.ask(to, question, Ocsp.TYPE, sizeMax, atMost);
    } catch (IOException e) {
      if (!hadTime) {
        throw e;
      }
      String key = e instanceof WebCall.Useless ? to.toString() : host(to);
      throw failed(key, String.valueOf(e.getMessage()), true);
    } finally {
      room.release();
    }
  }

  /// As no place is called.
  private static String host(URI to) {
    int port = to.getPort() == -1 ? WebCall.HTTP : to.getPort();
    return "host " + to.getHost().toLowerCase(Locale.ROOT) + ":" + port;
  }

  private void check(String key) throws IOException {
    synchronized (troubles) {
      var trouble = troubles.get(key);
      if (trouble != null && trouble.until - os.time().nanos() > 0) {
        throw new IOException(trouble.why);
      }
    }
  }

  private IOException failed(String key, String why, boolean silent) {
    failed.increment();
    LOG.warn("Whether a certificate was revoked cannot be found out: {}", why);
    synchronized (troubles) {
      troubles.putLast(key, new Trouble(why, os.time().nanos() + PAUSE.toNanos(), silent));
      if (troubles.size() > TROUBLES_MAX) {
        troubles.pollFirstEntry();
      }
    }
    return new IOException(why);
  }

  private void forget(String... keys) {
    synchronized (troubles) {
      for (String key : keys) {
        troubles.remove(key);
      }
    }
  }

  /// The places that do not answer, a sentence each.
  List<String> concerns() {
    synchronized (troubles) {
      return troubles.reversed().values().stream()
          .filter(each -> each.silent && each.until - os.time().nanos() > 0)
          .limit(TOLD_MAX)
          .map(each -> "smime: whether certificates were revoked cannot be found out: " + each.why)
          .toList();
    }
  }

  long asked() {
    return asked.sum();
  }

  long failed() {
    return failed.sum();
  }
}
