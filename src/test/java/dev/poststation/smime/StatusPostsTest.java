package dev.poststation.smime;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.poststation.config.SmimeSettings;
import dev.poststation.os.Connection;
import dev.poststation.os.Os;
import dev.poststation.sim.LonelyNetwork;
import dev.poststation.sim.ManualTime;
import dev.poststation.sim.ScriptedConnection;
import dev.poststation.sim.ScriptedResolver;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Which places are left alone because one has failed.
@Timeout(60)
final class StatusPostsTest {
  private final ManualTime time = new ManualTime();
  private int calls;
  private boolean answers;

  private StatusPosts posts() {
    var network =
        new LonelyNetwork() {
          @Override
          public Connection connect(InetSocketAddress to, InetAddress from, Duration timeout)
              throws IOException {
            calls++;
            if (answers) {
              return ScriptedConnection.of("HTTP/1.1 404 No\r\n\r\n".getBytes(US_ASCII));
            }
            time.advance(timeout);
            throw new ConnectException("nobody answers");
          }
        };
    var real = Os.real();
    var resolver = new ScriptedResolver();
    resolver.address("one.example", "203.0.113.7");
    resolver.address("other.example", "203.0.113.8");
    return new StatusPosts(
        new Os(time, network, real.tasks(), real.chance(), real.disk()),
        resolver,
        () ->
            new SmimeSettings.Revocation(
                SmimeSettings.Mode.IF_REACHABLE, Duration.ofSeconds(5), List.of()));
  }

  private void fails(StatusPosts posts, String place, String why) {
    long end = time.nanos() + Duration.ofSeconds(30).toNanos();
    assertThatThrownBy(
            () -> posts.ask(URI.create(place), "a", null, 1000, end, (answer, _) -> answer))
        .hasMessageContaining(why);
  }

  @Test
  void ofAHostThatDoesNotAnswerNoOtherPlaceIsCalledForFiveMinutes() {
    var posts = posts();
    fails(posts, "http://one.example/a.crl", "nobody answers");
    fails(posts, "http://one.example/b.crl", "nobody answers");
    fails(posts, "http://ONE.example/ocsp", "nobody answers");
    assertThat(calls).isEqualTo(1);
    fails(posts, "http://other.example/a.crl", "nobody answers");
    assertThat(calls).isEqualTo(2);
    assertThat(posts.concerns()).hasSize(2);
    time.advance(Duration.ofMinutes(5));
    fails(posts, "http://one.example/b.crl", "nobody answers");
    assertThat(calls).isEqualTo(3);
  }

  @Test
  void aPlaceThatAnswersWhatIsOfNoUseSaysNothingOfOthersOfItsHost() {
    answers = true;
    var posts = posts();
    fails(posts, "http://one.example/a.crl", "it answers 404");
    fails(posts, "http://one.example/a.crl", "it answers 404");
    assertThat(calls).isEqualTo(1);
    fails(posts, "http://one.example/b.crl", "it answers 404");
    assertThat(calls).isEqualTo(2);
  }
}
