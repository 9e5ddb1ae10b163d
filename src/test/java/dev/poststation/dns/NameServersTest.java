package dev.poststation.dns;

import static dev.poststation.dns.Bench.settings;
import static dev.poststation.dns.ToyNameServer.nothing;
import static dev.poststation.dns.ToyNameServer.reply;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.DnsSettings;
import dev.poststation.dns.Resolver.Answer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xbill.DNS.Rcode;

class NameServersTest {
  private Bench bench;

  @BeforeEach
  void setUp(@TempDir Path directory) {
    bench = new Bench(directory);
  }

  @Test
  void secondServerHelpsWhenTheFirstIsDeadAndIsThenAskedFirst() throws IOException {
    try (var dead = ToyNameServer.silent();
        var alive = ToyNameServer.saying(question -> nothing(question, Rcode.NXDOMAIN, 60))) {
      var resolver = bench.impatient(Duration.ofSeconds(1), dead, alive);
      assertThat(resolver.mailExchangers("a.test")).isInstanceOf(Answer.NoName.class);
      assertThat(resolver.mailExchangers("b.test")).isInstanceOf(Answer.NoName.class);
      assertThat(dead.asked).containsExactly("a.test. MX");
      assertThat(alive.asked).containsExactly("a.test. MX", "b.test. MX");
    }
  }

  @Test
  void deadServerIsTriedAgainLater() throws IOException {
    try (var dead = ToyNameServer.silent();
        var alive = ToyNameServer.saying(question -> nothing(question, Rcode.NXDOMAIN, 60))) {
      var order = new NameServers(settings(dead, alive), bench.os(), bench.resolvConf);
      assertThat(order.inOrder()).containsExactly(dead.address(), alive.address());
      order.silent(dead.address(), "why");
      assertThat(order.inOrder()).containsExactly(alive.address(), dead.address());
      bench.clock.advance(Duration.ofSeconds(31));
      assertThat(order.inOrder()).containsExactly(dead.address(), alive.address());
      order.silent(dead.address(), "why");
      order.heard(dead.address());
      assertThat(order.inOrder()).containsExactly(dead.address(), alive.address());
    }
  }

  @Test
  void whoStillDoesNotAnswerIsAConcernUntilHeDoes() throws IOException {
    try (var dead = ToyNameServer.silent();
        var alive = ToyNameServer.saying(question -> nothing(question, Rcode.NXDOMAIN, 60))) {
      var order = new NameServers(settings(dead, alive), bench.os(), bench.resolvConf);
      var since = bench.clock.now();
      for (int i = 1; i < NameServers.NO_ACCIDENT; i++) {
        order.silent(dead.address(), "the name server does not answer");
        assertThat(order.concerns()).isEmpty();
        bench.clock.advance(Duration.ofSeconds(1));
      }
      order.silent(dead.address(), "the name server cannot be reached: refused");
      var one =
          "The name server 127.0.0.1:"
              + dead.address().getPort()
              + " has answered none of the last 4 questions, since "
              + since.truncatedTo(ChronoUnit.SECONDS)
              + " (the name server cannot be reached: refused)";
      assertThat(order.concerns()).containsExactly(one);
      for (int i = 0; i < NameServers.NO_ACCIDENT; i++) {
        order.silent(alive.address(), "the name server does not answer");
      }
      assertThat(order.concerns())
          .hasSize(3)
          .contains(one)
          .last()
          .asString()
          .startsWith("No name server answers: mails whose destinations must be looked up wait");
      order.heard(alive.address());
      assertThat(order.concerns()).containsExactly(one);
      order.heard(dead.address());
      assertThat(order.concerns()).isEmpty();
    }
  }

  @Test
  void aRelayWhoseOnlyNameServerIsDeadSaysSo() throws IOException {
    try (var dead = ToyNameServer.silent()) {
      var resolver = bench.impatient(Duration.ofMillis(100), dead);
      resolver.mailExchangers("a.test");
      resolver.mailExchangers("b.test");
      assertThat(resolver.concerns())
          .hasSize(2)
          .first()
          .asString()
          .contains("has answered none of the last 4 questions")
          .contains("does not answer");
    }
  }

  @Test
  void secondServerHelpsWhenTheFirstFails() throws IOException {
    try (var broken = ToyNameServer.saying(question -> reply(question, Rcode.SERVFAIL));
        var alive = ToyNameServer.saying(question -> nothing(question, Rcode.NXDOMAIN, 60))) {
      assertThat(bench.resolver(broken, alive).mailExchangers("a.test"))
          .isInstanceOf(Answer.NoName.class);
      assertThat(broken.asked).hasSize(1);
    }
  }

  @Test
  void systemServersComeFromResolvConf() throws IOException {
    var file = bench.resolvConf;
    Files.writeString(
        file,
        """
        ; by hand
        search example.com
        nameserver 192.0.2.53
        nameserver   2001:db8::53\s
        options timeout:1
        """);
    var servers = new NameServers(new DnsSettings(List.of(), Bench.TIMEOUT), bench.os(), file);
    assertThat(servers.inOrder()).containsExactly(server("192.0.2.53"), server("2001:db8::53"));
  }

  @Test
  void withoutResolvConfThisMachineIsAsked() {
    var servers =
        new NameServers(new DnsSettings(List.of(), Bench.TIMEOUT), bench.os(), bench.resolvConf);
    assertThat(servers.inOrder()).containsExactly(server("127.0.0.1"));
  }

  private static InetSocketAddress server(String numeric) {
    return new InetSocketAddress(InetAddress.ofLiteral(numeric), 53);
  }
}
