package dev.poststation.dns;

import static dev.poststation.dns.Bench.texts;
import static dev.poststation.dns.ToyNameServer.nothing;
import static dev.poststation.dns.ToyNameServer.reply;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.dns.Resolver.Answer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xbill.DNS.Rcode;

class LocalNamesTest {
  private Bench bench;

  @BeforeEach
  void setUp(@TempDir Path directory) {
    bench = new Bench(directory);
  }

  @Test
  void numbersAndLocalNamesAreNotAskedAbout() throws IOException {
    try (var server = ToyNameServer.saying(question -> reply(question, Rcode.SERVFAIL))) {
      var resolver = bench.resolver(server);
      assertThat(texts(resolver.addresses("192.0.2.1"))).containsExactly("192.0.2.1");
      assertThat(texts(resolver.addresses("[192.0.2.1]"))).containsExactly("192.0.2.1");
      assertThat(texts(resolver.addresses("[IPv6:2001:DB8::1]")))
          .containsExactly("2001:db8:0:0:0:0:0:1");
      assertThat(texts(resolver.addresses("LocalHost")))
          .containsExactly("0:0:0:0:0:0:0:1", "127.0.0.1");
      assertThat(resolver.mailExchangers("localhost")).isInstanceOf(Answer.NoRecord.class);
      assertThat(resolver.addresses("any.invalid")).isInstanceOf(Answer.NoName.class);
      assertThat(resolver.mailExchangers("any.invalid")).isInstanceOf(Answer.NoName.class);
      assertThat(resolver.addresses("not a name")).isInstanceOf(Answer.NoName.class);
      assertThat(server.asked).isEmpty();
    }
  }

  @Test
  void unicodeNamesAreAskedForByTheirALabels() throws IOException {
    try (var server = ToyNameServer.saying(question -> nothing(question, Rcode.NXDOMAIN, 60))) {
      bench.resolver(server).mailExchangers("Bücher.test");
      assertThat(server.asked).containsExactly("xn--bcher-kva.test. MX");
    }
  }

  @Test
  void singleLabelIsAskedForAsItStands() throws IOException {
    try (var server = ToyNameServer.saying(question -> nothing(question, Rcode.NXDOMAIN, 60))) {
      bench.resolver(server).mailExchangers("intranet");
      assertThat(server.asked).containsExactly("intranet. MX");
    }
  }

  @Test
  void hostsFileComesFirstForAddressesAndIsReadAgainWhenItChanges() throws IOException {
    var hosts = bench.hosts;
    Files.writeString(
        hosts, "# ours\n192.0.2.9 Mail.Test mail # main\n2001:db8::9\tmail.test\nrubbish line\n");
    try (var server = ToyNameServer.saying(question -> nothing(question, Rcode.NXDOMAIN, 60))) {
      var resolver = bench.resolver(server);
      assertThat(texts(resolver.addresses("mail.test")))
          .containsExactly("2001:db8:0:0:0:0:0:9", "192.0.2.9");
      assertThat(texts(resolver.addresses("MAIL"))).containsExactly("192.0.2.9");
      assertThat(resolver.mailExchangers("mail.test")).isInstanceOf(Answer.NoRecord.class);
      Files.writeString(hosts, "192.0.2.10 mail.test");
      Files.setLastModifiedTime(hosts, FileTime.fromMillis(1000));
      bench.clock.advance(Duration.ofSeconds(2));
      assertThat(texts(resolver.addresses("mail.test"))).containsExactly("192.0.2.10");
      Files.delete(hosts);
      bench.clock.advance(Duration.ofSeconds(2));
      assertThat(resolver.addresses("mail.test")).isInstanceOf(Answer.NoName.class);
    }
  }
}
