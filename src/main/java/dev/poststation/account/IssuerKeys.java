package dev.poststation.account;

import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKMatcher;
import com.nimbusds.jose.jwk.JWKSelector;
import com.nimbusds.jose.jwk.JWKSet;
import dev.poststation.os.Time;
import dev.poststation.sasl.UnavailableException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The keys with which an issuer signs its tokens (RFC 7517), fetched when they are needed and kept
/// for a while. Safe for any thread; whoever comes while they are fetched waits for them.
final class IssuerKeys {
  private static final Logger LOG = LoggerFactory.getLogger(IssuerKeys.class);

  /// They are looked at anew after that, so that one that was withdrawn does not live on.
  static final Duration FRESH = Duration.ofHours(1);

  /// While the issuer is down, they are good for so long.
  static final Duration KEPT = Duration.ofDays(1);

  /// The issuer is asked no more often, whatever tokens strangers make up.
  static final Duration BETWEEN = Duration.ofMinutes(1);

  /// While there are none at all, which a client waits for.
  static final Duration BETWEEN_WITHOUT = Duration.ofSeconds(5);

  /// A token without the name of its key is tried with so many.
  private static final int KEYS_MAX = 10;

  private final Source source;
  private final Time time;
  private final ReentrantLock fetching = new ReentrantLock();
  private volatile @Nullable Kept kept;
  private volatile @Nullable Trouble trouble;
  private @Nullable Long tried;

  /// Where they come from.
  @FunctionalInterface
  interface Source {
    /// All keys as they are now.
    ///
    /// @throws IOException with one clause that says what is wrong
    JWKSet fetch() throws IOException;
  }

  private record Kept(JWKSet keys, long at) {}

  private record Trouble(String text, Instant since) {}

  IssuerKeys(Source source, Time time) {
    this.source = source;
    this.time = time;
  }

  /// Those that a token with this header may be signed with; none when the issuer has no such key.
  ///
  /// @throws UnavailableException when nobody can tell, because the issuer does not answer
  List<JWK> of(JWSHeader header) throws UnavailableException {
    var now = kept;
    if (now == null || age(now).compareTo(FRESH) > 0) {
      now = fetch(now);
    }
    var found = select(now, header);
    if (found.isEmpty()) {
      // The issuer may have made a new one.
      found = select(fetch(now), header);
      if (found.isEmpty() && trouble != null) {
        throw unavailable();
      }
    }
    return found;
  }

  private static List<JWK> select(Kept kept, JWSHeader header) {
    var fitting = new JWKSelector(JWKMatcher.forJWSHeader(header)).select(kept.keys);
    return fitting.size() > KEYS_MAX ? fitting.subList(0, KEYS_MAX) : fitting;
  }

  private Duration age(Kept keys) {
    return Duration.ofNanos(time.nanos() - keys.at);
  }

  /// Newer ones than these; these, while it is too early or the issuer does not answer.
  private Kept fetch(@Nullable Kept seen) throws UnavailableException {
    // One fetches, with a time-out, and all who need them wait.
    if (seen == null || age(seen).compareTo(KEPT) > 0) {
      fetching.lock();
    } else if (!fetching.tryLock()) {
      return seen;
    }
    try {
      var now = kept;
      if (now != null && (seen == null || now.at != seen.at)) {
        return now; // Somebody else has just fetched them.
      }
      var between = now == null ? BETWEEN_WITHOUT : BETWEEN;
      if (tried == null || time.nanos() - tried >= between.toNanos()) {
        tried = time.nanos();
        now = ask(now);
      }
      if (now == null || age(now).compareTo(KEPT) > 0) {
        throw unavailable();
      }
      return now;
    } finally {
      fetching.unlock();
    }
  }

  private @Nullable Kept ask(@Nullable Kept before) {
    try {
      var fresh = new Kept(source.fetch(), time.nanos());
      kept = fresh;
      trouble = null;
      return fresh;
    } catch (IOException e) {
      var already = trouble;
      String text = String.valueOf(e.getMessage());
      if (already == null) {
        LOG.warn("The keys of users.oauth cannot be fetched: {}", text);
      }
      var since = already == null ? time.now().truncatedTo(ChronoUnit.SECONDS) : already.since;
      trouble = new Trouble(text, since);
      return before;
    }
  }

  private UnavailableException unavailable() {
    var now = trouble;
    return new UnavailableException(
        "the keys of users.oauth cannot be fetched" + (now == null ? "" : ": " + now.text));
  }

  /// What an administrator should know.
  Optional<String> concern() {
    var now = trouble;
    if (now == null) {
      return Optional.empty();
    }
    var keys = kept;
    boolean usable = keys != null && age(keys).compareTo(KEPT) <= 0;
    return Optional.of(
        "The keys of users.oauth cannot be fetched since %s: %s; %s"
            .formatted(
                now.since,
                now.text,
                usable ? "those that are there are taken" : "nobody can log in by a token"));
  }
}
