package dev.poststation.content;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.dns.Resolver;
import dev.poststation.message.Envelope;
import dev.poststation.os.Os;
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
          .address("pc.here.test", "192.0.2.1")
          .pointer("198.51.100.1", "pc.there.test")
          .address("pc.there.test", "198.51.100.1");

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
    var turns = new LookUps(2, 2);
    var names = new ClientName(new Slow(dns, end), Os.real(), turns);
    for (int i = 0; i < 3; i++) {
      assertThat(names.of(SOURCE, Duration.ofMillis(400))).isEmpty();
    }
    assertThat(isFree(turns, "198.51.100.1")).isFalse();
    end.countDown();
    assertThat(names.of(SOURCE, Duration.ofMinutes(1))).isEqualTo("pc.here.test");
  }

  @Test
  void aNetworkWhoseServersAreSilentTakesTheLookUpsFromNoOther() {
    var end = new CountDownLatch(1);
    var turns = new LookUps(3, 2);
    var names = new ClientName(new Slow(dns, end), Os.real(), turns);
    for (int i = 1; i < 5; i++) {
      assertThat(names.of(from("192.0.2." + i), Duration.ofMillis(200))).isEmpty();
    }
    assertThat(names.of(from("198.51.100.1"), Duration.ofMinutes(1))).isEqualTo("pc.there.test");
    end.countDown();
    assertThat(names.of(SOURCE, Duration.ofMinutes(1))).isEqualTo("pc.here.test");
  }

  @Test
  void aNetworkOfIpv6IsOneOf64Bits() {
    var turns = new LookUps(9, 1);
    assertThat(isFree(turns, "2001:db8::1")).isTrue();
    assertThat(isFree(turns, "2001:db8::ffff:2")).isFalse();
    assertThat(isFree(turns, "2001:db8:0:1::1")).isTrue();
    turns.give(InetAddress.ofLiteral("2001:db8::1"));
    assertThat(isFree(turns, "2001:db8::ffff:2")).isTrue();
  }

  private static boolean isFree(LookUps turns, String client) {
    var time = Os.real().time();
    return turns.takeUntil(InetAddress.ofLiteral(client), time.nanos(), time);
  }

  private static Envelope.Source from(String client) {
    return new Envelope.Source("lan", "relay", client, "pc", "ESMTP");
  }

  /// Tells names of one network when it is let.
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
        if (address.getHostAddress().startsWith("192.0.2.")) {
          end.await();
        }
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      return dns.names(address);
    }
  }
}
