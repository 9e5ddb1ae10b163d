package dev.poststation.oauth;

import dev.poststation.config.OauthGrant;
import dev.poststation.config.Secret;
import dev.poststation.os.Os;
import dev.poststation.os.Time;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The token of one account: kept until shortly before it expires, renewed some minutes before
/// that, and why there is none. Safe for any thread.
final class Possession {
  private static final String LOGIN = "poststation oauth login ";
  private static final Logger LOG = LoggerFactory.getLogger(Possession.class);

  /// A token that is about to expire is not begun with: a login takes a moment.
  private static final Duration MARGIN_MAX = Duration.ofSeconds(30);

  /// Renewed so long before it expires, that a token server may be down for a while.
  private static final Duration EARLY_MAX = Duration.ofMinutes(10);

  /// Between attempts: a server that is down may be back any time.
  private static final Duration UNREACHABLE_FIRST = Duration.ofSeconds(15);

  private static final Duration UNREACHABLE_MAX = Duration.ofMinutes(1);

  /// What somebody has to mend is no sooner mended for many attempts.
  private static final Duration REFUSED_FIRST = Duration.ofMinutes(1);

  private static final Duration REFUSED_MAX = Duration.ofMinutes(5);

  /// A server that wants to be left alone for longer is asked all the same: mail waits.
  private static final Duration ASKED_MAX = Duration.ofMinutes(10);

  private static final String OUR_FAULT =
      "internal error of this relay while it asked for a token; see its server log";

  private final AccountName account;
  private final Os os;
  private final Time time;
  private final SavedTokens saved;
  private final Changes changes;
  private final ReentrantLock asking = new ReentrantLock();
  private final AtomicBoolean renewing = new AtomicBoolean();
  private volatile OauthGrant grant;
  private volatile TokenSite site;
  private volatile @Nullable Held held;
  private volatile @Nullable Trouble trouble;
  private volatile @Nullable Instant lastSuccess;
  private volatile boolean stopping;

  /// Who is told when there is no token any more, or one again.
  interface Changes {
    /// There is none any more.
    ///
    /// @param expired when the last one expired; null: there was none
    void paused(AccountName account, NoTokenException why, @Nullable Instant expired);

    /// There is one again.
    ///
    /// @param expires when it expires
    void back(AccountName account, Instant expires);
  }

  private record Held(String token, long usableNanos, long renewNanos, Instant expires) {
    @Override
    public String toString() {
      return "*** until " + expires;
    }
  }

  /// @param paused whether the account was without a token when it was told last
  private record Trouble(
      NoTokenException why, Instant since, int times, long nextNanos, boolean paused) {}

  Possession(
      AccountName account,
      OauthGrant grant,
      TokenSite site,
      Os os,
      SavedTokens saved,
      Changes changes) {
    this.account = account;
    this.grant = grant;
    this.site = site;
    this.os = os;
    this.time = os.time();
    this.saved = saved;
    this.changes = changes;
  }

  /// Takes what a reload brought: a token that was got in another way is forgotten, and what went
  /// wrong is tried again at once.
  void use(OauthGrant fresh, TokenSite itsSite) {
    asking.lock();
    try {
      var old = grant;
      if (old.type() != fresh.type()
          || !old.clientId().equals(fresh.clientId())
          || !old.tokenUrl().equals(fresh.tokenUrl())
          || !String.valueOf(old.scope()).equals(String.valueOf(fresh.scope()))) {
        held = null;
      }
      grant = fresh;
      site = itsSite;
      soon();
    } finally {
      asking.unlock();
    }
  }

  /// Nobody is asked from now on.
  void stop() {
    stopping = true;
  }

  /// Waits until the server has answered, or its time is up.
  void awaitIdle() {
    asking.lock();
    try {
      stopping = true;
    } finally {
      asking.unlock();
    }
  }

  /// Nothing is waited for any more.
  private void soon() {
    var now = trouble;
    if (now != null) {
      trouble = new Trouble(now.why, now.since, 0, time.nanos(), now.paused);
    }
  }

  /// A token that is good for some time.
  String token() throws NoTokenException {
    var now = held;
    return now != null && time.nanos() - now.usableNanos < 0 ? now.token : ask(false);
  }

  /// A new one, however good the old one is.
  void renewNow() throws NoTokenException {
    asking.lock();
    try {
      soon();
      ask(true);
      var wrong = trouble;
      if (wrong != null) {
        throw wrong.why; // The old one is good still, but that is not what was asked for.
      }
    } finally {
      asking.unlock();
    }
  }

  /// Has a token given with another secret of the client. It is taken like any other: with it the
  /// server may have given a new refresh token, and ended the old one. What goes wrong changes
  /// nothing.
  void with(Secret secret) throws NoTokenException {
    asking.lock();
    try {
      if (stopping) {
        throw NoTokenException.ours("the relay is being stopped");
      }
      got(fetch(grant.with(secret)));
    } finally {
      asking.unlock();
    }
  }

  /// Somebody has logged in anew. Waits for an answer that is under way: the refresh token in it is
  /// of the login before, and must not come to stand in the place of this one.
  ///
  /// @throws IOException when it cannot be written
  void loggedIn(String refreshToken) throws IOException {
    asking.lock();
    try {
      AccessTokens.keep(saved, account, grant, refreshToken);
      held = null;
      soon();
    } catch (NoTokenException e) {
      throw new IOException(e.clause(), e);
    } finally {
      asking.unlock();
    }
  }

  /// The next hop did not take this token.
  void refused(String token) {
    asking.lock();
    try {
      var now = held;
      var wrong = trouble;
      if (now != null && now.token.equals(token)) {
        held = null;
        if (wrong != null) {
          without(wrong, now.expires); // It was the last one, and there is none to be had.
        }
      }
    } finally {
      asking.unlock();
    }
  }

  /// There is no token, and it is not yet time to ask for one.
  private void without(Trouble wrong, @Nullable Instant expired) {
    if (!wrong.paused) {
      trouble = new Trouble(wrong.why, wrong.since, wrong.times, wrong.nextNanos, true);
      changes.paused(account, wrong.why, expired);
    }
  }

  /// How long until there is something to do; not positive: now.
  Duration rest() {
    var now = held;
    var wrong = trouble;
    long next = time.nanos();
    if (wrong != null) {
      next = wrong.nextNanos;
    } else if (now != null) {
      next = now.renewNanos;
    }
    return Duration.ofNanos(next - time.nanos());
  }

  /// Renews it where that is due; on a thread that may wait for the server.
  ///
  /// @return whether it looked, and `rest` may be another one
  boolean renew() {
    if (rest().isPositive() || !renewing.compareAndSet(false, true)) {
      return false;
    }
    asking.lock();
    try {
      if (!rest().isPositive()) { // Who has just logged in may have got one.
        ask(true);
      }
    } catch (NoTokenException _) {
      // Told already.
    } finally {
      asking.unlock();
      renewing.set(false);
    }
    return true;
  }

  private String ask(boolean anew) throws NoTokenException {
    asking.lock(); // One asks, with a time-out, and all who need the token wait.
    try {
      var now = held;
      boolean usable = now != null && time.nanos() - now.usableNanos < 0;
      if (now != null && usable && !anew) {
        return now.token;
      }
      var wrong = trouble;
      if (wrong != null && time.nanos() - wrong.nextNanos < 0) {
        if (!usable) {
          without(wrong, now == null ? null : now.expires);
        }
        throw wrong.why;
      }
      if (stopping) {
        throw NoTokenException.ours("the relay is being stopped");
      }
      try {
        return got(fetch(grant));
      } catch (NoTokenException e) {
        return failed(e);
      } catch (RuntimeException e) {
        LOG.error("Our own fault while getting a token for {}", account, withoutText(e));
        return failed(NoTokenException.unreachable(OUR_FAULT));
      }
    } finally {
      asking.unlock();
    }
  }

  /// A message could have what the server sent.
  private static Throwable withoutText(RuntimeException fault) {
    var same = new IllegalStateException(fault.getClass().getName());
    same.setStackTrace(fault.getStackTrace());
    return same;
  }

  private String got(Granted granted) {
    long nanos = time.nanos();
    var lasts = granted.lasts();
    var margin = shorter(MARGIN_MAX, lasts.dividedBy(10));
    var early = shorter(EARLY_MAX, lasts.dividedBy(4));
    var now = time.now();
    held =
        new Held(
            granted.accessToken(),
            nanos + lasts.minus(margin).toNanos(),
            nanos + lasts.minus(early).toNanos(),
            now.plus(lasts));
    lastSuccess = now;
    var wrong = trouble;
    trouble = null;
    if (wrong != null && wrong.paused) {
      changes.back(account, now.plus(lasts));
    }
    return granted.accessToken();
  }

  private String failed(NoTokenException why) throws NoTokenException {
    var before = trouble;
    int times = before == null ? 1 : before.times + 1;
    long nanos = time.nanos();
    var now = held;
    long wait = wait(why, times).toNanos();
    var since = before == null ? time.now() : before.since;
    if (now != null && nanos - now.usableNanos < 0) {
      // It must be known in time that there is none any more.
      long next = nanos + Math.min(wait, now.usableNanos - nanos);
      trouble = new Trouble(why, since, times, next, false);
      if (before == null) {
        LOG.warn("The token of {} cannot be renewed: {}", account, why.clause());
      }
      return now.token;
    }
    trouble = new Trouble(why, since, times, nanos + wait, true);
    if (before == null || !before.paused) {
      changes.paused(account, why, now == null ? null : now.expires);
    }
    throw why;
  }

  private static Duration wait(NoTokenException why, int times) {
    var first = why.lasting() ? REFUSED_FIRST : UNREACHABLE_FIRST;
    var most = why.lasting() ? REFUSED_MAX : UNREACHABLE_MAX;
    var wait = shorter(most, first.multipliedBy(1L << Math.min(times - 1, 10)));
    var asked = shorter(ASKED_MAX, why.waits().orElse(Duration.ZERO));
    return asked.compareTo(wait) > 0 ? asked : wait;
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  private Granted fetch(OauthGrant now) throws NoTokenException {
    var requests = new Requests(now, account, site, os);
    if (!now.type().byLogin()) {
      return requests.token(null);
    }
    var given = now.refreshToken();
    String begin = given == null ? "" : Requests.reveal(given, "refresh-token");
    String mark = fingerprint(begin);
    String with = find(now, mark).orElse(begin);
    if (with.isEmpty()) {
      throw NoTokenException.ours("nobody has logged in yet: " + LOGIN + account.connector());
    }
    var granted = requests.token(with);
    var next = granted.refreshToken();
    if (next != null && !next.equals(with)) {
      keep(now, mark, next);
    }
    return granted;
  }

  /// The token that was kept, if it took the place of the one of the configuration, if there is
  /// one. It goes to no server but its own.
  ///
  /// @param mark of the one of the configuration; empty: there is none
  private Optional<String> find(OauthGrant now, String mark) throws NoTokenException {
    Optional<SavedTokens.Saved> kept;
    try {
      kept = saved.find(account).filter(each -> mark.isEmpty() || each.given().equals(mark));
    } catch (IOException e) {
      throw NoTokenException.unreachable(String.valueOf(e.getMessage()));
    }
    var strange = kept.flatMap(each -> each.strange(now));
    if (strange.isPresent()) {
      throw NoTokenException.ours(
          strange.get()
              + ": "
              + (mark.isEmpty()
                  ? LOGIN + account.connector()
                  : "write a new token where refresh-token points"));
    }
    return kept.map(SavedTokens.Saved::token);
  }

  /// Before the old one is forgotten: a server may have ended that already.
  private void keep(OauthGrant from, String mark, String next) {
    try {
      saved.put(account, from, mark, next);
    } catch (IOException e) {
      LOG.error("The new refresh token of {} cannot be written: {}", account, e.toString());
    }
  }

  /// What tells a token from another one, and does not give it away.
  static String fingerprint(String token) {
    if (token.isEmpty()) {
      return "";
    }
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash, 0, 12);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /// Whether there is no token, and none can be had.
  boolean paused() {
    var wrong = trouble;
    return wrong != null && wrong.paused;
  }

  TokenState state() {
    var now = held;
    var wrong = trouble;
    return new TokenState(
        account,
        grant,
        wrong != null && wrong.paused
            ? TokenState.Standing.PAUSED
            : now == null ? TokenState.Standing.NEW : TokenState.Standing.WORKING,
        now == null ? null : now.expires,
        lastSuccess,
        wrong == null ? "" : wrong.why.clause(),
        wrong == null ? null : wrong.since);
  }
}
