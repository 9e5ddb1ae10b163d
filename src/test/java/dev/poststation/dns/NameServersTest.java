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
      order.silent(dead.address());
      assertThat(order.inOrder()).containsExactly(alive.address(), dead.address());
      bench.clock.advance(Duration.ofSeconds(31));
      assertThat(order.inOrder()).containsExactly(dead.address(), alive.address());
      order.silent(dead.address());
      order.heard(dead.address());
      assertThat(order.inOrder()).containsExactly(dead.address(), alive.address());
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
