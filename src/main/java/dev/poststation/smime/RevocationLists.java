package dev.poststation.smime;

import dev.poststation.os.Os;
import dev.poststation.seal.SealWork;
import dev.poststation.tls.Fingerprint;
import java.io.IOException;
import java.net.URI;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// The CRLs that were fetched, as long as they count; each is fetched by one at a time. Those that
/// were used last are kept, of so many serial numbers in all. Safe for any thread; blocks the
/// calling one while one is fetched.
final class RevocationLists {
  /// A list is fetched anew after that; it counts until its own end where that fails.
  private static final Duration FRESH = Duration.ofHours(6);

  private static final int SIZE_MAX = 5_000_000;
  private static final int LISTS_MAX = 100;

  /// Eight octets each.
  private static final int SERIALS_MAX = 2_000_000;

  private final Os os;
  private final StatusPosts posts;
  private final SealWork work;
  private final Map<String, CompletableFuture<RevocationList>> underWay = new ConcurrentHashMap<>();

  // Guarded by itself; those that were used last are the last ones.
  private final LinkedHashMap<String, Fetched> kept = new LinkedHashMap<>(16, 0.75f, true);

  private record Fetched(RevocationList list, Instant at) {}

  RevocationLists(Os os, StatusPosts posts, SealWork work) {
    this.os = os;
    this.posts = posts;
    this.work = work;
  }

  /// What the list at a place says of a certificate.
  ///
  /// @throws IOException when it says nothing; the message is a clause
  CertificateStatus status(URI from, X509Certificate certificate, X509Certificate issuer, long end)
      throws IOException {
    var list = list(from, issuer, end);
    if (!list.isFor(certificate)) {
      throw new IOException(from + ": the list is of other certificates");
    }
    return list.has(certificate)
        ? new CertificateStatus.Revoked(": it is on " + from)
        : new CertificateStatus.Good();
  }

  /// Whether a list that was fetched, and still counts, has a certificate.
  boolean has(URI from, X509Certificate certificate, X509Certificate issuer) {
    var before = get(key(from, issuer));
    return before != null
        && os.time().now().isBefore(before.list.until())
        && before.list.isFor(certificate)
        && before.list.has(certificate);
  }

  private static String key(URI from, X509Certificate issuer) {
    return Fingerprint.of(issuer) + " " + from;
  }

  private RevocationList list(URI from, X509Certificate issuer, long end) throws IOException {
    String key = key(from, issuer);
    var before = get(key);
    var now = os.time().now();
    boolean holds = before != null && now.isBefore(before.list.until());
    if (before != null && holds && now.isBefore(before.at.plus(FRESH))) {
      return before.list;
    }
    try {
      return once(key, from, issuer, end);
    } catch (IOException e) {
      if (before != null && holds) {
        return before.list;
      }
      throw e;
    }
  }

  private @Nullable Fetched get(String key) {
    synchronized (kept) {
      return kept.get(key);
    }
  }

  private RevocationList once(String key, URI from, X509Certificate issuer, long end)
      throws IOException {
    var mine = new CompletableFuture<RevocationList>();
    var theirs = underWay.putIfAbsent(key, mine);
    if (theirs != null) {
      try {
        return theirs.join();
      } catch (CompletionException e) {
        throw new IOException(String.valueOf(e.getCause() == null ? e : e.getCause().getMessage()));
      }
    }
    try {
      var list = fetched(from, issuer, end);
      keep(key, new Fetched(list, os.time().now()));
      mine.complete(list);
      return list;
    } catch (IOException e) {
      mine.completeExceptionally(e);
      throw e;
    } finally {
      underWay.remove(key, mine);
      mine.completeExceptionally(new IllegalStateException("asking failed"));
    }
  }

  private RevocationList fetched(URI from, X509Certificate issuer, long end) throws IOException {
    return posts.ask(
        from,
        Fingerprint.of(issuer),
        null,
        SIZE_MAX,
        end,
        (answer, atMost) ->
            work.work(
                answer.length,
                () -> RevocationList.read(answer, issuer, from, os.time().now()),
                atMost));
  }

  private void keep(String key, Fetched fetched) {
    synchronized (kept) {
      kept.put(key, fetched);
      long serials = kept.values().stream().mapToLong(each -> each.list.serials().length).sum();
      while (kept.size() > LISTS_MAX || (serials > SERIALS_MAX && kept.size() > 1)) {
        var eldest = kept.pollFirstEntry();
        serials -= eldest.getValue().list.serials().length;
      }
    }
  }
}
