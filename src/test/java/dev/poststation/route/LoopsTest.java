package dev.poststation.route;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.Connector.Host;
import dev.poststation.message.Outcome;
import dev.poststation.sim.PickedChance;
import dev.poststation.sim.ScriptedResolver;
import dev.poststation.sim.ToyPolicySite;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Mail never goes to ourselves (RFC 5321 5.1).
class LoopsTest {
  private final ScriptedResolver dns = new ScriptedResolver();

  @Test
  void hostsOfOurPreferenceAndMoreAreLeftOutWhenWeAreABackup() {
    dns.mx("a.test", 10, "mx1.a.test")
        .mx("a.test", 20, "relay.test")
        .mx("a.test", 20, "other.a.test");
    dns.mx("a.test", 30, "last.a.test")
        .address("mx1.a.test", "192.0.2.1")
        .address("relay.test", "192.0.2.9");
    dns.address("other.a.test", "192.0.2.2").address("last.a.test", "192.0.2.3");
    var found = (Resolution.Found) resolve("a.test", "192.0.2.9:25");
    assertThat(found.destination().hosts()).hasToString("[mx1.a.test:25]");
    assertThat(found.facts()).contains("relay.test is this relay: preference 20 and more left out");
  }

  @Test
  void firstExchangerOfOurNameBounces() {
    dns.mx("a.test", 10, "Relay.Test")
        .mx("a.test", 20, "mx2.a.test")
        .address("mx2.a.test", "192.0.2.2");
    assertLoops(resolve("a.test", "192.0.2.9:25"), "a.test");
  }

  @Test
  void firstExchangerWithOurAddressBounces() {
    dns.mx("a.test", 10, "alias.a.test").address("alias.a.test", "192.0.2.8", "192.0.2.9");
    assertLoops(resolve("a.test", "192.0.2.9:25"), "a.test");
    assertLoops(resolve("a.test", "192.0.2.1:25", "192.0.2.9:25"), "a.test");
  }

  @Test
  void domainThatIsUsBounces() {
    dns.address("relay.test", "192.0.2.77").address("a.test", "192.0.2.9");
    assertLoops(resolve("relay.test", "192.0.2.9:25"), "relay.test");
    assertLoops(resolve("a.test", "192.0.2.9:25"), "a.test");
  }

  @Test
  void addressLiteralThatIsUsBounces() {
    assertLoops(resolve("[192.0.2.9]", "192.0.2.9:25"), "[192.0.2.9]");
  }

  @Test
  void primaryThatNobodyKnowsNowDefersThoughWeAreTheBackup() {
    dns.mx("a.test", 10, "mx1.a.test")
        .mx("a.test", 20, "relay.test")
        .fail("mx1.a.test", "no answer");
    var nowhere = (Resolution.Nowhere) resolve("a.test", "192.0.2.9:25");
    assertThat(nowhere.outcome()).isInstanceOf(Outcome.Deferred.class);
  }

  @Test
  void anotherServerOnThisMachineIsNotUs() {
    dns.mx("a.test", 10, "relay.test").address("relay.test", "192.0.2.9");
    assertThat(resolve("a.test", "192.0.2.9:587")).isInstanceOf(Resolution.Found.class);
    assertThat(resolve("a.test")).isInstanceOf(Resolution.Found.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0.0.0.0:25", "[::]:25"})
  void boundToAllAddressesEachLocalOneIsUs(String bound) {
    for (String local :
        List.of("192.0.2.200", "2001:db8::200", "127.0.0.1", "127.0.0.99", "0.0.0.0", "::")) {
      dns.forget("here.test").address("here.test", local);
      assertLoops(resolve("here.test", bound), "here.test");
    }
    dns.forget("here.test").address("here.test", "192.0.2.1");
    assertThat(resolve("here.test", bound)).isInstanceOf(Resolution.Found.class);
  }

  @Test
  void boundToOneLoopbackAddressAnotherOneIsNotUs() {
    dns.address("a.test", "127.0.0.2").address("b.test", "127.0.0.1");
    assertThat(resolve("a.test", "127.0.0.1:25")).isInstanceOf(Resolution.Found.class);
    assertLoops(resolve("b.test", "127.0.0.1:25"), "b.test");
  }

  @Test
  void smarthostByMxNeverLeadsToUsAndWaitsInstead() {
    dns.mx("relay.provider.test", 10, "relay.test");
    var connector = Samples.smarthost("by-mx", new Host("relay.provider.test", 25, true, false));
    var nowhere = (Resolution.Nowhere) destinations("192.0.2.9:25").resolve(connector, "a.test");
    assertThat(nowhere.outcome()).isInstanceOf(Outcome.Deferred.class);
    assertThat(nowhere.outcome().status()).hasToString("4.3.5");
    assertThat(nowhere.outcome().text())
        .isEqualTo(
            "connector by-mx leads nowhere: mail for relay.provider.test loops back to this relay");
  }

  private static void assertLoops(Resolution resolution, String domain) {
    assertThat(resolution).isInstanceOf(Resolution.Nowhere.class);
    var outcome = ((Resolution.Nowhere) resolution).outcome();
    assertThat(outcome).isInstanceOf(Outcome.Bounced.class);
    assertThat(outcome.status()).hasToString("5.4.6");
    assertThat(outcome.text()).isEqualTo("mail for " + domain + " loops back to this relay");
  }

  private Resolution resolve(String domain, String... listening) {
    return destinations(listening).resolve(Samples.mx("internet", 25), domain);
  }

  private Destinations destinations(String... listening) {
    var bound = Arrays.stream(listening).map(LoopsTest::bind).toList();
    var os = Samples.os(new PickedChance());
    return new Destinations(
        dns, ToyPolicySite.none(dns, os), new Ourselves("relay.test", bound, os), os);
  }

  private static InetSocketAddress bind(String text) {
    int colon = text.lastIndexOf(':');
    var address = InetAddress.ofLiteral(text.substring(0, colon).replaceAll("[\\[\\]]", ""));
    return new InetSocketAddress(address, Integer.parseInt(text.substring(colon + 1)));
  }
}
