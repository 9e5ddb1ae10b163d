package dev.poststation.dns;

import static dev.poststation.dns.Bench.isFour;
import static dev.poststation.dns.Bench.texts;
import static dev.poststation.dns.ToyNameServer.answer;
import static dev.poststation.dns.ToyNameServer.nothing;
import static dev.poststation.dns.ToyNameServer.reply;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.DnsSettings;
import dev.poststation.dns.Resolver.Answer;
import dev.poststation.dns.Resolver.MailExchanger;
import dev.poststation.os.Os;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xbill.DNS.Rcode;

class DnsCacheTest {
  private Bench bench;

  @BeforeEach
  void setUp(@TempDir Path directory) {
    bench = new Bench(directory);
  }

  @Test
  void addressesOfOneFamilyTakeTurns() throws IOException {
    try (var server =
        ToyNameServer.saying(
            question ->
                isFour(question)
                    ? answer(
                        question,
                        Rcode.NOERROR,
                        "a.test. 60 IN A 192.0.2.1",
                        "a.test. 60 IN A 192.0.2.2")
                    : nothing(question, Rcode.NOERROR, 60))) {
      var resolver = bench.resolver(server);
      List<String> first = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        first.add(texts(resolver.addresses("a.test")).getFirst());
      }
      assertThat(first).contains("192.0.2.1", "192.0.2.2");
      assertThat(server.asked).hasSize(2);
    }
  }

  @Test
  void answersHoldForTheirTtl() throws IOException {
    try (var server =
        ToyNameServer.saying(
            question ->
                answer(
                    question,
                    0,
                    "a.test. 30 IN CNAME b.test.",
                    "b.test. 60 IN MX 10 mx.b.test."))) {
      var resolver = bench.resolver(server);
      resolver.mailExchangers("a.test");
      bench.clock.advance(Duration.ofSeconds(29));
      resolver.mailExchangers("A.test");
      assertThat(server.asked).hasSize(1);
      bench.clock.advance(Duration.ofSeconds(2));
      resolver.mailExchangers("a.test");
      assertThat(server.asked).hasSize(2);
    }
  }

  /// As clients that go by a dynamic name need it, whose service may say any TTL.
  @Test
  void whoNeedsAYoungerAnswerThanTheTtlPromisesGetsOne() throws IOException {
    var addresses = List.of("192.0.2.1", "192.0.2.2").iterator();
    try (var server =
        ToyNameServer.saying(
            question ->
                isFour(question)
                    ? answer(question, 0, "a.test. 86400 IN A " + addresses.next())
                    : nothing(question, Rcode.NOERROR, 86400))) {
      var resolver = bench.resolver(server);
      assertThat(texts(resolver.addresses("a.test"))).containsExactly("192.0.2.1");
      bench.clock.advance(Duration.ofSeconds(60));
      assertThat(texts(resolver.addresses("a.test"))).containsExactly("192.0.2.1");
      assertThat(texts(resolver.addresses("a.test", Duration.ofSeconds(1))))
          .containsExactly("192.0.2.2");
      assertThat(texts(resolver.addresses("a.test"))).containsExactly("192.0.2.2");
    }
  }

  @Test
  void noHoldsAsLongAsTheSoaSays() throws IOException {
    try (var server = ToyNameServer.saying(question -> nothing(question, Rcode.NXDOMAIN, 120))) {
      var resolver = bench.resolver(server);
      resolver.mailExchangers("a.test");
      bench.clock.advance(Duration.ofSeconds(119));
      resolver.mailExchangers("a.test");
      assertThat(server.asked).hasSize(1);
      bench.clock.advance(Duration.ofSeconds(2));
      resolver.mailExchangers("a.test");
      assertThat(server.asked).hasSize(2);
    }
  }

  @Test
  void noHoldsAQuarterOfAnHourAtMost() throws IOException {
    try (var server = ToyNameServer.saying(question -> nothing(question, Rcode.NXDOMAIN, 86400))) {
      var resolver = bench.resolver(server);
      resolver.mailExchangers("a.test");
      bench.clock.advance(Duration.ofSeconds(901));
      resolver.mailExchangers("a.test");
      assertThat(server.asked).hasSize(2);
    }
  }

  @Test
  void failureHoldsForSeconds() throws IOException {
    try (var server = ToyNameServer.saying(question -> reply(question, Rcode.SERVFAIL))) {
      var resolver = bench.resolver(server);
      resolver.mailExchangers("a.test");
      resolver.mailExchangers("a.test");
      assertThat(server.asked).hasSize(1);
      bench.clock.advance(Duration.ofSeconds(6));
      resolver.mailExchangers("a.test");
      assertThat(server.asked).hasSize(2);
    }
  }

  @Test
  void sameQuestionAtTheSameTimeIsAskedOnce() throws Exception {
    var release = new CountDownLatch(1);
    try (var server =
        ToyNameServer.saying(
            question -> {
              await(release);
              return nothing(question, Rcode.NXDOMAIN, 60);
            })) {
      var resolver =
          new DnsResolver(
              new DnsSettings(List.of(server.address()), Duration.ofSeconds(20)), Os.real());
      var answers = new ConcurrentLinkedQueue<Answer<MailExchanger>>();
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        threads.add(Thread.ofVirtual().start(() -> answers.add(resolver.mailExchangers("a.test"))));
      }
      while (server.asked.isEmpty()) {
        Thread.onSpinWait();
      }
      release.countDown();
      for (var thread : threads) {
        thread.join();
      }
      assertThat(answers).hasSize(100).allMatch(answer -> answer instanceof Answer.NoName);
      assertThat(server.asked).hasSize(1);
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
