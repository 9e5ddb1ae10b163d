package dev.poststation.route;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.Connector;
import dev.poststation.message.Outcome;
import dev.poststation.os.Chance;
import dev.poststation.os.Os;
import dev.poststation.sim.PickedChance;
import dev.poststation.sim.ScriptedResolver;
import dev.poststation.sim.ToyPolicySite;
import java.net.InetSocketAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// RFC 5321 5.1 and RFC 7505: where mail for a domain goes.
class MailExchangersTest {
  private static final Connector INTERNET = Samples.mx("internet", 25);

  private final ScriptedResolver dns = new ScriptedResolver();

  @Test
  void lowestPreferenceIsTriedFirst() {
    dns.mx("a.test", 20, "mx2.a.test")
        .mx("a.test", 10, "mx1.a.test")
        .mx("a.test", 30, "mx3.a.test");
    dns.address("mx1.a.test", "192.0.2.1")
        .address("mx2.a.test", "192.0.2.2")
        .address("mx3.a.test", "192.0.2.3");
    assertThat(hosts("A.Test")).containsExactly("mx1.a.test:25", "mx2.a.test:25", "mx3.a.test:25");
    assertThat(found("a.test").destination().name())
        .isEqualTo("internet:mx1.a.test~mx2.a.test~mx3.a.test");
    assertThat(found("a.test").facts())
        .containsExactly("MX 10 mx1.a.test", "MX 20 mx2.a.test", "MX 30 mx3.a.test");
  }

  @Test
  void equalPreferencesTakeTurnsWithinOneDestination() {
    dns.mx("a.test", 10, "mx1.a.test")
        .mx("a.test", 10, "mx2.a.test")
        .mx("a.test", 20, "mx3.a.test");
    dns.address("mx1.a.test", "192.0.2.1")
        .address("mx2.a.test", "192.0.2.2")
        .address("mx3.a.test", "192.0.2.3");
    var destinations = destinations(Os.real().chance());
    Set<String> first = new HashSet<>();
    Set<String> names = new HashSet<>();
    for (int i = 0; i < 100; i++) {
      var destination = ((Resolution.Found) destinations.resolve(INTERNET, "a.test")).destination();
      first.add(destination.hosts().getFirst().host());
      names.add(destination.name());
      assertThat(destination.hosts().getLast().host()).isEqualTo("mx3.a.test");
    }
    assertThat(first).containsExactlyInAnyOrder("mx1.a.test", "mx2.a.test");
    assertThat(names).containsExactly("internet:mx1.a.test,mx2.a.test~mx3.a.test");
  }

  @Test
  void domainsWithTheSameExchangersShareADestination() {
    dns.address("mx1.host.test", "192.0.2.1").address("mx2.host.test", "192.0.2.2");
    dns.mx("a.test", 10, "mx1.host.test").mx("a.test", 10, "mx2.host.test");
    dns.mx("b.test", 5, "MX2.host.test").mx("b.test", 5, "mx1.Host.test");
    dns.mx("c.test", 5, "mx2.host.test").mx("c.test", 10, "mx1.host.test");
    assertThat(found("a.test").destination().name())
        .isEqualTo(found("b.test").destination().name());
    assertThat(found("a.test").destination().name())
        .isNotEqualTo(found("c.test").destination().name());
  }

  @Test
  void withoutMxTheDomainItselfIsTheHost() {
    dns.address("a.test", "192.0.2.1");
    assertThat(hosts("a.test")).containsExactly("a.test:25");
    assertThat(found("a.test").destination().name()).isEqualTo("internet:a.test");
    assertThat(found("a.test").facts())
        .containsExactly("a.test has no MX: its own addresses count");
  }

  @Test
  void portOfTheConnectorIsUsed() {
    dns.address("a.test", "192.0.2.1");
    var resolution = destinations(new PickedChance()).resolve(Samples.mx("odd", 2525), "a.test");
    assertThat(((Resolution.Found) resolution).destination().hosts()).hasToString("[a.test:2525]");
  }

  @Test
  void nullMxBounces() {
    dns.nullMx("a.test").address("a.test", "192.0.2.1");
    assertBounced("a.test", "5.1.10", "the domain a.test accepts no mail (null MX)");
  }

  @Test
  void nullMxBesideOthersIsLeftOut() {
    dns.nullMx("a.test").mx("a.test", 10, "mx.a.test").address("mx.a.test", "192.0.2.1");
    assertThat(hosts("a.test")).containsExactly("mx.a.test:25");
  }

  @Test
  void domainThatDoesNotExistBounces() {
    assertBounced("a.test", "5.1.2", "the domain a.test does not exist");
  }

  @Test
  void domainWithoutMxAndAddressBounces() {
    dns.exists("a.test");
    assertBounced(
        "a.test", "5.4.4", "the domain a.test has no mail server: no MX and no address in the DNS");
  }

  @Test
  void dnsThatFailsDefers() {
    dns.fail("a.test", "the name server says SERVFAIL");
    assertDeferred(
        "a.test",
        "4.4.3",
        "the mail servers of a.test cannot be found now: the name server says SERVFAIL");
  }

  @Test
  void exchangersThatNobodyKnowsNowDefer() {
    dns.mx("a.test", 10, "gone.a.test")
        .mx("a.test", 20, "slow.a.test")
        .fail("slow.a.test", "no answer");
    assertDeferred("a.test", "4.4.3", "the mail servers of a.test cannot be found now: no answer");
  }

  @Test
  void exchangersWithoutAddressBounce() {
    dns.mx("a.test", 10, "gone.a.test").mx("a.test", 20, "empty.a.test").exists("empty.a.test");
    assertBounced(
        "a.test",
        "5.4.4",
        "the domain a.test has no mail server that exists: no address for its MX");
  }

  @Test
  void exchangersWithoutAddressDoNotFallBackToTheDomain() {
    dns.mx("a.test", 10, "gone.a.test").address("a.test", "192.0.2.1");
    assertThat(nowhere("a.test").outcome()).isInstanceOf(Outcome.Bounced.class);
  }

  @Test
  void exchangerWithoutAddressIsLeftOutAndOneThatFailsStays() {
    dns.mx("a.test", 10, "gone.a.test")
        .mx("a.test", 20, "slow.a.test")
        .mx("a.test", 30, "mx.a.test");
    dns.fail("slow.a.test", "no answer").address("mx.a.test", "192.0.2.1");
    assertThat(hosts("a.test")).containsExactly("slow.a.test:25", "mx.a.test:25");
    assertThat(found("a.test").facts())
        .contains(
            "gone.a.test has no address: left out",
            "slow.a.test has no address that is known now: no answer");
  }

  @Test
  void addressAsExchangerIsTolerated() {
    dns.mx("a.test", 10, "192.0.2.1")
        .mx("a.test", 20, "mx.a.test")
        .address("mx.a.test", "192.0.2.2");
    assertThat(hosts("a.test")).containsExactly("192.0.2.1:25", "mx.a.test:25");
  }

  @Test
  void exchangerThatIsNoHostNameIsLeftOut() {
    dns.mx("a.test", 10, "bad\\032name")
        .mx("a.test", 20, "mx.a.test")
        .address("mx.a.test", "192.0.2.2");
    assertThat(hosts("a.test")).containsExactly("mx.a.test:25");
    assertThat(found("a.test").facts())
        .contains("MX 10 \"bad\\032name\" is no host name: left out");
  }

  @Test
  void exchangerThatIsNamedTwiceIsTriedOnce() {
    dns.mx("a.test", 20, "mx.a.test")
        .mx("a.test", 10, "MX.a.test")
        .address("mx.a.test", "192.0.2.2");
    assertThat(hosts("a.test")).containsExactly("mx.a.test:25");
    assertThat(found("a.test").facts()).containsExactly("MX 10 mx.a.test");
  }

  @Test
  void twentyHostsAreEnough() {
    for (int i = 0; i < 50; i++) {
      dns.mx("a.test", i, "mx" + i + ".a.test").address("mx" + i + ".a.test", "192.0.2." + i);
    }
    assertThat(hosts("a.test")).hasSize(20).startsWith("mx0.a.test:25").endsWith("mx19.a.test:25");
    assertThat(dns.asked()).doesNotContain("A mx20.a.test");
    var name = found("a.test").destination().name();
    assertThat(name)
        .startsWith("internet:mx0.a.test~mx1.a.test~mx2.a.test+17-")
        .hasSizeLessThan(200);
    dns.forget("mx19.a.test");
    assertThat(found("a.test").destination().name()).isNotEqualTo(name);
  }

  @ParameterizedTest
  @CsvSource({"[192.0.2.1], 192.0.2.1:25", "[IPv6:2001:DB8::1], [2001:db8:0:0:0:0:0:1]:25"})
  void addressLiteralIsTheHost(String domain, String host) {
    assertThat(hosts(domain)).containsExactly(host);
    assertThat(dns.asked()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"[x:y]", "not a name", "a..test", "[192.0.2.1"})
  void whatIsNoDomainBounces(String domain) {
    assertThat(nowhere(domain).outcome().status()).hasToString("5.1.2");
  }

  @Test
  void unicodeDomainIsLookedUpByItsALabels() {
    dns.address("xn--bcher-kva.test", "192.0.2.1");
    assertThat(hosts("Bücher.test")).containsExactly("xn--bcher-kva.test:25");
  }

  @Test
  void recipientWithoutDomainIsOurFault() {
    assertThat(nowhere("").outcome()).isInstanceOf(Outcome.Deferred.class);
    assertThat(nowhere("").outcome().status()).hasToString("4.3.5");
  }

  private Destinations destinations(Chance chance) {
    var os = Samples.os(chance);
    var ourselves = new Ourselves("relay.test", List.of(new InetSocketAddress("0.0.0.0", 25)), os);
    return new Destinations(dns, ToyPolicySite.none(dns, os), ourselves, os);
  }

  private Resolution.Found found(String domain) {
    return (Resolution.Found) destinations(new PickedChance()).resolve(INTERNET, domain);
  }

  private List<String> hosts(String domain) {
    return found(domain).destination().hosts().stream().map(NextHop::toString).toList();
  }

  private Resolution.Nowhere nowhere(String domain) {
    return (Resolution.Nowhere) destinations(new PickedChance()).resolve(INTERNET, domain);
  }

  private void assertBounced(String domain, String status, String text) {
    var outcome = nowhere(domain).outcome();
    assertThat(outcome).isInstanceOf(Outcome.Bounced.class);
    assertThat(outcome.status()).hasToString(status);
    assertThat(outcome.text()).isEqualTo(text);
  }

  private void assertDeferred(String domain, String status, String text) {
    var outcome = nowhere(domain).outcome();
    assertThat(outcome).isInstanceOf(Outcome.Deferred.class);
    assertThat(outcome.status()).hasToString(status);
    assertThat(outcome.text()).isEqualTo(text);
  }
}
