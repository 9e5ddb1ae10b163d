package dev.poststation.route;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.Connector;
import dev.poststation.config.Connector.Host;
import dev.poststation.message.Outcome;
import dev.poststation.os.Os;
import dev.poststation.sim.PickedChance;
import dev.poststation.sim.ScriptedResolver;
import dev.poststation.sim.ToyPolicySite;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SmarthostTest {
  private final ScriptedResolver dns = new ScriptedResolver();
  private Os os = Samples.os(Os.real().chance());

  @Test
  void hostsAreTriedInTheOrderOfTheFileAndNobodyIsAsked() {
    var connector =
        Samples.smarthost(
            "provider",
            new Host("smtp1.provider.test", 587, false, false, 0, 1),
            new Host("Smtp2.provider.test", 465, false, true, 1, 1),
            new Host("[IPv6:2001:db8::1]", 25, false, false, 2, 1),
            new Host("bücher.test", 25, false, false, 3, 1));
    var destination = found(connector).destination();
    assertThat(destination.name()).isEqualTo("provider");
    assertThat(destination.hosts())
        .containsExactly(
            new NextHop("smtp1.provider.test", 587, false).weighing(100),
            new NextHop("smtp2.provider.test", 465, true, 100).weighing(100),
            new NextHop("2001:db8:0:0:0:0:0:1", 25, false, 200).weighing(100),
            new NextHop("xn--bcher-kva.test", 25, false, 300).weighing(100));
    assertThat(dns.asked()).isEmpty();
    assertThat(destinations().immediate(connector)).isTrue();
  }

  @ParameterizedTest
  @CsvSource({"HOLD, Held", "DISCARD, Discarded"})
  void aConnectorThatKeepsMailLeadsNowhereAndNobodyIsAsked(Connector.Type type, String outcome) {
    var connector = Samples.of("quarantine", type);
    assertThat(destinations().immediate(connector)).isTrue();
    assertThat(destinations().resolve(connector, "example.com"))
        .isInstanceOfSatisfying(
            Resolution.Nowhere.class,
            nowhere -> {
              assertThat(nowhere.outcome().getClass().getSimpleName()).isEqualTo(outcome);
              assertThat(nowhere.outcome().text()).contains("connector quarantine (");
            });
    assertThat(dns.asked()).isEmpty();
  }

  /// Those of a domain share what the domain has.
  @Test
  void eachConnectionDrawsItsHostByWeight() {
    dns.mx("relay.test", 10, "one.relay.test").mx("relay.test", 10, "two.relay.test");
    dns.mx("relay.test", 20, "spare.relay.test");
    for (String host : List.of("one", "two", "spare")) {
      dns.address(host + ".relay.test", "192.0.2.1");
    }
    var connector =
        Samples.smarthost(
            "provider",
            new Host("relay.test", 25, true, false, 10, 2),
            new Host("large.test", 25, false, false, 10, 2),
            new Host("backup.test", 25, false, false, 20, 1));
    var destination = found(connector).destination();
    Map<String, Integer> first = new HashMap<>();
    for (int i = 0; i < 2000; i++) {
      var hosts = destination.drawn(os.chance()).hosts();
      first.merge(hosts.getFirst().host(), 1, Integer::sum);
      assertThat(hosts.get(3).host()).isEqualTo("spare.relay.test");
      assertThat(hosts.get(4).host()).isEqualTo("backup.test");
    }
    assertThat(first.get("large.test")).isBetween(850, 1150); // 1000 expected, 6 deviations.
    assertThat(first.get("one.relay.test")).isBetween(380, 620); // 500 expected.
    assertThat(first.get("two.relay.test")).isBetween(380, 620);
  }

  @Test
  void equalPriorityIsSharedByWeight() {
    var connector =
        Samples.smarthost(
            "provider",
            new Host("backup.test", 25, false, false, 20, 1),
            new Host("small.test", 25, false, false, 10, 1),
            new Host("large.test", 25, false, false, 10, 9),
            new Host("spare.test", 25, false, false, 10, 0));
    Map<String, Integer> first = new HashMap<>();
    for (int i = 0; i < 2000; i++) {
      var hosts = found(connector).destination().hosts();
      first.merge(hosts.getFirst().host(), 1, Integer::sum);
      assertThat(hosts.get(2).host()).isEqualTo("spare.test");
      assertThat(hosts.get(3).host()).isEqualTo("backup.test");
    }
    assertThat(first.keySet()).containsExactlyInAnyOrder("small.test", "large.test");
    assertThat(first.get("small.test")).isBetween(100, 350); // 200 expected.
  }

  @Test
  void hostsByMxTakeTheirPlaceAmongTheOthers() {
    os = Samples.os(new PickedChance());
    dns.mx("relay.test", 20, "b.relay.test").mx("relay.test", 10, "a.relay.test");
    dns.address("a.relay.test", "192.0.2.1").address("b.relay.test", "192.0.2.2");
    var connector =
        Samples.smarthost(
            "by-mx",
            new Host("first.test", 25, false, false, 0, 1),
            new Host("relay.test", 587, true, false, 1, 1),
            new Host("last.test", 25, false, false, 2, 1));
    assertThat(found(connector).destination().hosts())
        .hasToString("[first.test:25, a.relay.test:587, b.relay.test:587, last.test:25]");
    assertThat(found(connector).destination().name()).isEqualTo("by-mx");
    assertThat(destinations().immediate(connector)).isFalse();
    assertThat(destinations().immediate(Samples.mx("internet", 25))).isFalse();
  }

  @Test
  void hostByMxThatIsNotFoundIsLeftOut() {
    var connector =
        Samples.smarthost(
            "by-mx",
            new Host("gone.test", 25, true, false, 0, 1),
            new Host("last.test", 25, false, false, 1, 1));
    assertThat(found(connector).destination().hosts()).hasToString("[last.test:25]");
    assertThat(found(connector).destination().incomplete()).isTrue();
    assertThat(found(connector).facts())
        .containsExactly("mx:gone.test: the domain gone.test does not exist");
  }

  @Test
  void smarthostThatDoesNotExistDefersForItIsNotTheSendersFault() {
    var connector = Samples.smarthost("by-mx", new Host("gone.test", 25, true, false));
    var outcome = ((Resolution.Nowhere) destinations().resolve(connector, "a.test")).outcome();
    assertThat(outcome).isInstanceOf(Outcome.Deferred.class);
    assertThat(outcome.status()).hasToString("4.3.5");
    assertThat(outcome.text())
        .isEqualTo("connector by-mx leads nowhere: the domain gone.test does not exist");
  }

  @Test
  void smarthostThatNobodyKnowsNowDefers() {
    dns.fail("slow.test", "no answer");
    var connector =
        Samples.smarthost(
            "by-mx",
            new Host("gone.test", 25, true, false, 0, 1),
            new Host("slow.test", 25, true, false, 1, 1));
    var outcome = ((Resolution.Nowhere) destinations().resolve(connector, "a.test")).outcome();
    assertThat(outcome.status()).hasToString("4.4.3");
  }

  private Destinations destinations() {
    var ourselves = new Ourselves("me.test", List.of(new InetSocketAddress("0.0.0.0", 25)), os);
    return new Destinations(dns, ToyPolicySite.none(dns, os), ourselves, os);
  }

  private Resolution.Found found(Connector connector) {
    return (Resolution.Found) destinations().resolve(connector, "a.test");
  }
}
