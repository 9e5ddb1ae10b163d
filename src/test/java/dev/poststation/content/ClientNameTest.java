package dev.poststation.content;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.dns.Resolver;
import dev.poststation.message.Envelope;
import dev.poststation.os.Os;
import dev.poststation.os.Permits;
import dev.poststation.sim.ScriptedResolver;
import java.net.InetAddress;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The name of a client, by a DNS that may be slow.
@Timeout(60)
final class ClientNameTest {
  private static final Envelope.Source SOURCE =
      new Envelope.Source("lan", "relay", "192.0.2.1", "pc", "ESMTP");

  private final ScriptedResolver dns =
      new ScriptedResolver()
          .pointer("192.0.2.1", "pc.here.test")
          .address("pc.here.test", "192.0.2.1");

  @Test
  void whenTheTimeForItIsOverTheDnsIsNotAskedAnyMore() {
    var names = new ClientName(dns, Os.real());
    assertThat(names.of(SOURCE, Duration.ZERO)).isEmpty();
    assertThat(dns.asked()).isEmpty();
    assertThat(names.of(SOURCE, Duration.ofMinutes(1))).isEqualTo("pc.here.test");
  }

  /// Who sends from an address decides how slowly its names are told, and would else decide whether
  /// any time is left for the service.
  @Test
  void oneQuestionThatIsNotAnsweredHoldsUpNobody() {
    var end = new CountDownLatch(1);
    var names = new ClientName(new Slow(dns, end), Os.real());
    assertThat(names.of(SOURCE, Duration.ofMillis(400))).isEmpty();
    end.countDown();
  }

  @Test
  void noMoreThanSoManyAreLookedUpAtATimeAlsoWhenNobodyWaitsForThem() {
    var end = new CountDownLatch(1);
    var turns = new Permits(2);
    var names = new ClientName(new Slow(dns, end), Os.real(), turns);
    for (int i = 0; i < 3; i++) {
      assertThat(names.of(SOURCE, Duration.ofMillis(400))).isEmpty();
    }
    assertThat(turns.takeUntil(Os.real().time().nanos(), Os.real().time())).isFalse();
    end.countDown();
    assertThat(names.of(SOURCE, Duration.ofMinutes(1))).isEqualTo("pc.here.test");
  }

  /// Tells names when it is let.
  private record Slow(Resolver dns, CountDownLatch end) implements Resolver {
    @Override
    public Answer<MailExchanger> mailExchangers(String domain) {
      return dns.mailExchangers(domain);
    }

    @Override
    public Answer<InetAddress> addresses(String host) {
      return dns.addresses(host);
    }

    @Override
    public Answer<InetAddress> addresses(String host, Duration notOlder) {
      return dns.addresses(host, notOlder);
    }

    @Override
    public Answer<String> names(InetAddress address) {
      try {
        end.await();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      return dns.names(address);
    }
  }
}
