package dev.poststation.oauth;

import dev.poststation.config.OauthGrant;
import dev.poststation.os.Os;
import dev.poststation.os.Permits;
import dev.poststation.os.Time;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// Where the accounts of one token server stand in line: a few ask it at a time, for each question
/// takes a connection and threads. Those who wait while it falls silent are told so, and need not
/// find out one by one. Safe for any thread.
final class TokenCounter {
  private static final int AT_A_TIME = 8;

  /// Who had no turn by then is told so, and asks again later.
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  private final Time time;
  private final Permits permits = new Permits(AT_A_TIME);
  private volatile Silence silence = new Silence(0, "");

  /// @param times how often it was silent
  private record Silence(long times, String clause) {}

  /// @param authorities as a grant names them: who trusts others may be answered
  private record Key(String server, @Nullable Path authorities) {}

  /// Those of all token servers. Safe for any thread.
  static final class All {
    private final Map<Key, TokenCounter> counters = new ConcurrentHashMap<>();
    private final Os os;

    All(Os os) {
      this.os = os;
    }

    /// The same site, for who has waited for a turn.
    TokenSite inLine(OauthGrant grant, TokenSite site) {
      var key = new Key(grant.tokenUrl().getRawAuthority(), grant.authorities());
      var counter = counters.computeIfAbsent(key, _ -> new TokenCounter(os.time()));
      return (to, form) -> counter.ask(site, to, form);
    }
  }

  private TokenCounter(Time time) {
    this.time = time;
  }

  private TokenSite.Answer ask(TokenSite site, URI to, Map<String, String> form)
      throws IOException {
    long before = silence.times;
    if (!permits.takeUntil(time.nanos() + PATIENCE.toNanos(), time)) {
      throw new IOException("others ask the token server, and no turn came in time");
    }
    try {
      var now = silence;
      if (now.times != before) {
        throw new IOException(now.clause);
      }
      return site.post(to, form);
    } catch (IOException e) {
      silent(before, String.valueOf(e.getMessage()));
      throw e;
    } finally {
      permits.give();
    }
  }

  /// Those who asked at the same time count once.
  private synchronized void silent(long before, String clause) {
    if (silence.times == before) {
      silence = new Silence(before + 1, clause);
    }
  }
}
