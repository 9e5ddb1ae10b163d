package dev.poststation.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.DnsSettings;
import dev.poststation.dns.DnsResolver;
import dev.poststation.dns.Resolver;
import dev.poststation.dns.Resolver.Answer;
import dev.poststation.dns.Resolver.MailExchanger;
import dev.poststation.os.Os;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// The resolver asks a name server that other people wrote.
@Tag("peer")
final class ResolverTest {
  private static final int MANY = 80;

  private static DnsPeer knot;

  @BeforeAll
  static void start() {
    List<String> records =
        new ArrayList<>(
            List.of(
                "mail A 192.0.2.1",
                "mail AAAA 2001:db8::1",
                "@ MX 10 mail",
                "null MX 0 .",
                "text TXT \"no mail here\"",
                "alias CNAME second",
                "second CNAME test.",
                "lost CNAME nowhere",
                "outside CNAME elsewhere.example.",
                "ring CNAME ring2",
                "ring2 CNAME ring",
                "*.wild MX 5 mail",
                "xn--bcher-kva MX 7 mail"));
    for (int i = 0; i < MANY; i++) {
      records.add("many MX " + i + " a-host-with-a-rather-long-name-number-" + i);
    }
    knot = DnsPeer.start(records.toArray(String[]::new));
  }

  @AfterAll
  static void stop() {
    knot.close();
  }

  private final Resolver resolver =
      new DnsResolver(
          new DnsSettings(
              List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), knot.port())),
              Duration.ofSeconds(5)),
          Os.real());

  @Test
  void findsExchangersAndAddresses() {
    assertThat(resolver.mailExchangers("test")).isEqualTo(found(10, "mail.test"));
    assertThat(resolver.mailExchangers("any.wild.test")).isEqualTo(found(5, "mail.test"));
    assertThat(resolver.mailExchangers("BÜCHER.test")).isEqualTo(found(7, "mail.test"));
    assertThat(resolver.mailExchangers("null.test")).isEqualTo(found(0, "."));
    assertThat(resolver.addresses("mail.test"))
        .isEqualTo(
            new Answer.Found<>(
                List.of(InetAddress.ofLiteral("2001:db8::1"), InetAddress.ofLiteral("192.0.2.1"))));
  }

  @Test
  void followsAliases() {
    assertThat(resolver.mailExchangers("alias.test")).isEqualTo(found(10, "mail.test"));
    assertThat(resolver.mailExchangers("lost.test")).isInstanceOf(Answer.NoName.class);
    assertThat(resolver.mailExchangers("ring.test")).isInstanceOf(Answer.Failed.class);
  }

  @Test
  void tellsNoFromNotNow() {
    assertThat(resolver.mailExchangers("nowhere.test")).isInstanceOf(Answer.NoName.class);
    assertThat(resolver.addresses("nowhere.test")).isInstanceOf(Answer.NoName.class);
    assertThat(resolver.mailExchangers("text.test")).isInstanceOf(Answer.NoRecord.class);
    assertThat(resolver.addresses("text.test")).isInstanceOf(Answer.NoRecord.class);
    assertThat(reason(resolver.mailExchangers("a.broken"))).contains("SERVFAIL");
    assertThat(reason(resolver.addresses("a.broken"))).contains("SERVFAIL");
    assertThat(reason(resolver.mailExchangers("elsewhere.example"))).contains("REFUSED");
    assertThat(resolver.mailExchangers("outside.test")).isInstanceOf(Answer.Failed.class);
  }

  @Test
  void longAnswerComesOverTcp() {
    assertThat(resolver.mailExchangers("many.test"))
        .extracting(
            answer -> answer instanceof Answer.Found<MailExchanger>(var all) ? all.size() : 0)
        .isEqualTo(MANY);
  }

  private static Answer<MailExchanger> found(int preference, String host) {
    return new Answer.Found<>(List.of(new MailExchanger(preference, host)));
  }

  private static String reason(Answer<?> answer) {
    return answer instanceof Answer.Failed<?>(var reason) ? reason : "not failed: " + answer;
  }
}
