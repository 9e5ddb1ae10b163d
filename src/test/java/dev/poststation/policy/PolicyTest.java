package dev.poststation.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.Cidr;
import dev.poststation.config.ClientRule;
import dev.poststation.config.Origin;
import dev.poststation.os.Os;
import dev.poststation.sim.ScriptedResolver;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.Replies;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PolicyTest {
  private static final ScriptedResolver RESOLVER =
      new ScriptedResolver()
          .nullMx("nomail.example")
          .mx("good.example", 10, "mx.good.example")
          .nullMx("mixed.example")
          .mx("mixed.example", 10, "mx.mixed.example")
          .fail("broken.example", "SERVFAIL");
  private static final ClientMemory MEMORY = new ClientMemory(RESOLVER, Os.real());
  private static final Policy POLICY =
      new Policy(
          List.of(
              rule("printers", 3, "10.0.20.0/24", "192.0.2.7/32"),
              rule("lan", 4, "10.0.0.0/8", "2001:db8::/32"),
              rule("late", 5, "10.0.20.0/24")),
          Configured.HOSTNAME,
          MEMORY);

  private static ClientRule rule(String name, int line, String... networks) {
    var cidrs = Arrays.stream(networks).map(PolicyTest::cidr).toList();
    var origin = new Origin("poststation.conf:" + line);
    return new ClientRule(
        name, cidrs, ClientRule.BareNewlines.REFUSE, false, false, false, false, origin);
  }

  private static Cidr cidr(String text) {
    String[] parts = text.split("/");
    return new Cidr(address(parts[0]), Integer.parseInt(parts[1]));
  }

  private static InetAddress address(String text) {
    try {
      return InetAddress.getByName(text);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(e);
    }
  }

  @Test
  void theFirstMatchingRuleDecidesAndIsNamedWithItsLine() {
    assertThat(POLICY.decide(Configured.from("10.0.20.9")))
        .isInstanceOfSatisfying(
            Verdict.Allowed.class,
            allowed -> {
              assertThat(allowed.client().name()).isEqualTo("printers");
              assertThat(allowed.reason())
                  .isEqualTo("client rule \"printers\" (poststation.conf:3)");
            });
    assertThat(POLICY.decide(Configured.from("10.0.21.9")).reason())
        .isEqualTo("client rule \"lan\" (poststation.conf:4)");
  }

  @Test
  void whoIsInNoRuleIsRefused() {
    for (String stranger : List.of("203.0.113.9", "192.0.2.8", "11.0.0.1", "2001:db9::1", "::1")) {
      assertThat(POLICY.decide(Configured.from(stranger)))
          .as(stranger)
          .isInstanceOfSatisfying(
              Verdict.Refused.class,
              refused -> {
                assertThat(refused.reply()).isEqualTo(Replies.RELAY_DENIED);
                assertThat(refused.reason()).startsWith("no rule in clients matches ");
              });
    }
    assertThat(POLICY.decide(Configured.from("203.0.113.9")).reason())
        .isEqualTo("no rule in clients matches 203.0.113.9");
  }

  @Test
  void withoutRulesNobodyMayRelay() {
    var closed = new Policy(List.of(), Configured.HOSTNAME, MEMORY);
    assertThat(closed.decide(Configured.from("127.0.0.1"))).isInstanceOf(Verdict.Refused.class);
  }

  @Test
  void anAddressOfIpv4IsNeverInANetworkOfIpv6() {
    var six = new Policy(List.of(rule("six", 1, "::/0")), Configured.HOSTNAME, MEMORY);
    assertThat(six.decide(Configured.from("10.0.0.1"))).isInstanceOf(Verdict.Refused.class);
    assertThat(six.decide(Configured.from("2001:db8::1"))).isInstanceOf(Verdict.Allowed.class);
    var four = new Policy(List.of(rule("four", 1, "0.0.0.0/0")), Configured.HOSTNAME, MEMORY);
    assertThat(four.decide(Configured.from("::1"))).isInstanceOf(Verdict.Refused.class);
  }

  /// The prepared form must agree with the plain one.
  @Test
  void aThousandRandomNetworksAgreeWithCidr() throws UnknownHostException {
    var random = new Random(20261124);
    for (int round = 0; round < 50; round++) {
      List<ClientRule> rules = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        byte[] octets = new byte[random.nextBoolean() ? 4 : 16];
        random.nextBytes(octets);
        octets[0] = 10; // So that some meet.
        var cidr =
            new Cidr(InetAddress.getByAddress(octets), random.nextInt(octets.length * 8 + 1));
        rules.add(rule("r" + i, i, cidr.toString()));
      }
      var policy = new Policy(rules, Configured.HOSTNAME, MEMORY);
      for (int i = 0; i < 50; i++) {
        byte[] octets = new byte[random.nextBoolean() ? 4 : 16];
        random.nextBytes(octets);
        octets[0] = 10;
        var client = InetAddress.getByAddress(octets);
        var expected =
            rules.stream()
                .filter(rule -> rule.networks().stream().anyMatch(net -> net.contains(client)))
                .findFirst();
        if (policy.decide(Facts.connected(client, "relay", ""))
            instanceof Verdict.Allowed allowed) {
          assertThat(expected).contains(allowed.client());
        } else {
          assertThat(expected).isEmpty();
        }
      }
    }
  }

  @Test
  void aSenderWhoseDomainTakesNoMailIsRefusedWhereTheRuleSaysSo() {
    var strict =
        new ClientRule(
            "strict",
            List.of(),
            ClientRule.BareNewlines.REFUSE,
            false,
            false,
            false,
            true,
            new Origin("poststation.conf:9"));
    var client = Configured.from("10.0.0.1");
    var permit = new Permit(strict, Configured.HOSTNAME, MEMORY);
    assertThat(permit.sender(client, new Address("a", "NoMail.example")))
        .contains(
            Objection.refusal(
                Replies.SENDER_NULL_MX,
                "refuse-null-mx of client rule \"strict\" (poststation.conf:9)"));
    for (String good : List.of("good.example", "mixed.example", "broken.example", "none.example")) {
      assertThat(permit.sender(client, new Address("a", good))).as(good).isEmpty();
    }
    int asked = RESOLVER.asked().size();
    assertThat(permit.sender(client, Address.NULL)).isEmpty();
    assertThat(permit.sender(client, new Address("a", "[192.0.2.1]"))).isEmpty();
    var lenient = new Permit(rule("lan", 4, "10.0.0.0/8"), Configured.HOSTNAME, MEMORY);
    assertThat(lenient.sender(client, new Address("a", "nomail.example"))).isEmpty();
    assertThat(RESOLVER.asked()).hasSize(asked);
  }

  @Test
  void postmasterWithoutDomainGetsOurName() {
    assertThat(Policy.qualified(new Address("Postmaster", ""), "relay.example.com"))
        .isEqualTo(new Address("Postmaster", "relay.example.com"));
    var other = new Address("b", "example.org");
    assertThat(Policy.qualified(other, "relay.example.com")).isSameAs(other);
  }
}
