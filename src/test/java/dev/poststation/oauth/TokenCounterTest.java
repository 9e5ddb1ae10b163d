package dev.poststation.oauth;

import static dev.poststation.sim.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.Configuration;
import dev.poststation.config.Loaded;
import dev.poststation.config.Loader;
import dev.poststation.os.Os;
import dev.poststation.sim.MemoryDisk;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Many accounts at one token server: how they stand in line.
class TokenCounterTest {
  private static final int ACCOUNTS = 100;
  private static final int AT_A_TIME = 8;

  private final MemoryDisk disk = new MemoryDisk().with("/etc/oauth.secret", "s3cret\n");
  private final AtomicInteger asking = new AtomicInteger();
  private final AtomicInteger asked = new AtomicInteger();
  private volatile int most;
  private volatile CountDownLatch answers = new CountDownLatch(1);
  private volatile boolean silent = true;

  private final Os os =
      new Os(
          Os.real().time(), Os.real().network(), Os.real().tasks(), Os.real().chance(), disk);
  private final AccessTokens tokens =
      new AccessTokens(os, Path.of("/data"), (_, _) -> this::answer, _ -> {});

  @AfterEach
  void end() {
    answers.countDown();
    tokens.close();
  }

  private TokenSite.Answer answer(URI to, Map<String, String> form) throws IOException {
    asked.incrementAndGet();
    synchronized (this) {
      most = Math.max(most, asking.incrementAndGet());
    }
    try {
      if (to.getHost().equals("login.microsoftonline.com")) {
        answers.await();
        if (silent) {
          throw new IOException("no answer in time");
        }
      }
      return new TokenSite.Answer(
          200,
          "{\"access_token\":\"good\",\"expires_in\":3600}",
          Optional.empty(),
          Optional.empty());
    } catch (InterruptedException e) {
      throw new IOException(e);
    } finally {
      asking.decrementAndGet();
    }
  }

  private Configuration configuration() {
    String accounts =
        IntStream.range(0, ACCOUNTS)
            .mapToObj(
                n ->
                    """
                    { from = ["a%d@example.com"], user = "a%d@example.com", tenant = "example.com"
                      client-id = "app-1", client-secret = "file:/etc/oauth.secret" }
                    """
                        .formatted(n, n))
            .collect(Collectors.joining());
    String text =
        """
        hostname = "relay.example.com"
        clients = [ { name = lan, networks = ["10.0.0.0/8"] } ]
        connectors {
          m365 { preset = microsoft365, auth = [ %s ] }
          other { hosts = ["smtp.example.net:587"], tls = verify, auth { user = me, mechanism = xoauth2
            client-id = "app-2", client-secret = "file:/etc/oauth.secret", grant = client-credentials
            token-url = "https://login.example.net/token" } }
        }
        routes = [ { via = [m365, other] } ]
        """
            .formatted(accounts);
    var loaded = new Loader(os, Map.of()).parse(text, Path.of("/etc/poststation.conf"));
    assertThat(loaded).as(loaded.problems().toString()).isInstanceOf(Loaded.Good.class);
    return ((Loaded.Good) loaded).configuration();
  }

  private long count(TokenState.Standing standing) {
    return tokens.states().stream().filter(state -> state.standing() == standing).count();
  }

  @Test
  void aSilentServerIsAskedByAFewAtATimeAndTheOthersAreToldByThese() {
    tokens.start(configuration(), _ -> {});
    eventually("another server is asked meanwhile", () -> count(TokenState.Standing.WORKING) == 1);
    eventually("a few ask", () -> asking.get() == AT_A_TIME);
    answers.countDown();
    eventually("all know", () -> count(TokenState.Standing.PAUSED) == ACCOUNTS);
    assertThat(asked).hasValueLessThan(ACCOUNTS / 2);
    assertThat(tokens.states())
        .filteredOn(state -> state.standing() == TokenState.Standing.PAUSED)
        .allMatch(state -> state.problem().equals("no answer in time"));
  }

  @Test
  void aServerThatIsBackGivesAllOfThemTheirTokenAFewAtATime() {
    tokens.start(configuration(), _ -> {});
    answers.countDown();
    eventually("all know", () -> count(TokenState.Standing.PAUSED) == ACCOUNTS);
    silent = false;
    tokens.use(configuration());
    eventually("all have one", () -> count(TokenState.Standing.WORKING) == ACCOUNTS + 1);
    assertThat(most).isLessThanOrEqualTo(AT_A_TIME + 1);
  }
}
