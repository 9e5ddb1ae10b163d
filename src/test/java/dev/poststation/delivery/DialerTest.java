package dev.poststation.delivery;

import static dev.poststation.delivery.Play.brief;
import static dev.poststation.delivery.Play.failed;
import static dev.poststation.delivery.Play.opened;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.Connector;
import dev.poststation.route.NextHop;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// From a destination to a conversation.
class DialerTest {
  private static final String[] WELL = {
    "S: 220 mx.example", "C: EHLO relay.example", "S: 250 mx.example"
  };

  private final Play play = new Play();

  @Test
  void theFirstHostThatAnswersIsTaken() {
    play.network.at("192.0.2.1:25", WELL);
    var opening = (Opening.Opened) play.dial();
    assertThat(opening.conversation().relay()).isEqualTo("mx.example[192.0.2.1]:25");
    assertThat(opening.dialogue())
        .containsExactly(
            "* connected to mx.example[192.0.2.1]:25",
            "S: 220 mx.example",
            "C: EHLO relay.example",
            "S: 250 mx.example");
    opening.conversation().close();
    assertThat(play.peer().said()).doesNotContain("QUIT");
    play.network.verify();
  }

  @ParameterizedTest
  @CsvSource({
    "S: 554 go away, Deferred GREETING 4.3.2",
    "S: 421 busy, Deferred GREETING 4.3.2",
    "S: 354 what, Deferred GREETING 4.5.0",
    "S: garbage, Deferred GREETING 4.5.0",
    "<close>, Deferred GREETING 4.4.2",
    "<reset>, Deferred GREETING 4.4.2",
    "<timeout>, Deferred GREETING 4.4.2",
    "<endless 220->, Deferred GREETING 4.5.0",
    "<endless 220-x\\n>, Deferred GREETING 4.5.0",
  })
  void afterABadGreetingTheNextHostIsTried(String trouble, String outcome) {
    play.resolver.address("other.example", "192.0.2.2");
    play.network.at("192.0.2.1:25", trouble);
    assertThat(brief(failed(play.dial()).outcome())).isEqualTo(outcome);
    play.hosts =
        List.of(new NextHop("mx.example", 25, false), new NextHop("other.example", 25, false));
    play.network.at("192.0.2.1:25", trouble).at("192.0.2.2:25", WELL);
    assertThat(opened(play.dial()).relay()).isEqualTo("other.example[192.0.2.2]:25");
    play.network.verify();
  }

  @Test
  void aHostWithoutAnAddressIsNoneThatTookUsAndCountsAsFailing() {
    play.hosts =
        List.of(new NextHop("gone.example", 25, false), new NextHop("mx.example", 25, false));
    play.network.at("192.0.2.1:25", WELL);
    assertThat(play.dial().refusals())
        .singleElement()
        .matches(refusal -> refusal.hop().host().equals("gone.example"))
        .matches(refusal -> refusal.outcome().text().equals("host gone.example does not exist"));
  }

  @ParameterizedTest
  @CsvSource({
    "S: 450 later, Deferred HELLO 4.2.0",
    "S: 421 busy, Deferred HELLO 4.3.2",
    "S: garbage, Deferred HELLO 4.5.0",
    "<close>, Deferred HELLO 4.4.2",
    "<reset>, Deferred HELLO 4.4.2",
    "<timeout>, Deferred HELLO 4.4.2",
    "<endless 250-x\\n>, Deferred HELLO 4.5.0",
  })
  void afterABadReplyToEhloTheNextHostIsTried(String trouble, String outcome) {
    play.network.at("192.0.2.1:25", "S: 220 hi", "C: EHLO relay.example", trouble);
    var failed = failed(play.dial());
    assertThat(brief(failed.outcome())).isEqualTo(outcome);
    assertThat(failed.relay()).isEqualTo("mx.example[192.0.2.1]:25");
    assertThat(play.peer().closed()).isTrue();

    play.resolver.address("other.example", "192.0.2.2");
    play.hosts =
        List.of(new NextHop("mx.example", 25, false), new NextHop("other.example", 25, false));
    play.network
        .at("192.0.2.1:25", "S: 220 hi", "C: EHLO relay.example", trouble)
        .at("192.0.2.2:25", WELL);
    assertThat(opened(play.dial()).relay()).isEqualTo("other.example[192.0.2.2]:25");
  }

  @Test
  void whoDoesNotKnowEhloIsGreetedWithHelo() {
    play.network.at(
        "192.0.2.1:25",
        "S: 220 hi",
        "C: EHLO relay.example",
        "S: 502 what",
        "C: HELO relay.example",
        "S: 250 hi",
        "C: MAIL FROM:<alice@example.com>",
        "S: 550 no");
    assertThat(brief(opened(play.dial()).send(new Sample.Letter().order())))
        .containsExactly("Bounced MAIL 5.0.0");
    play.network.at(
        "192.0.2.1:25",
        "S: 220 hi",
        "C: EHLO relay.example",
        "S: 550 no",
        "C: HELO relay.example",
        "S: 550 no");
    assertThat(brief(failed(play.dial()).outcome())).isEqualTo("Deferred HELLO 4.0.0");
    play.network.verify();
  }

  @Test
  void refusedAndSilentAddressesArePassed() {
    play.resolver.address("mx.example", "192.0.2.2", "192.0.2.3");
    play.network.silentAt("192.0.2.2:25").at("192.0.2.3:25", WELL);
    var opening = (Opening.Opened) play.dial();
    assertThat(opening.conversation().relay()).isEqualTo("mx.example[192.0.2.3]:25");
    assertThat(opening.connectNanos()).isEqualTo(Sample.TIMEOUTS.connect().toNanos());
    assertThat(opening.dialogue())
        .startsWith(
            "* connect to mx.example[192.0.2.1]:25: Connection refused",
            "* connect to mx.example[192.0.2.2]:25: no answer in time",
            "* connected to mx.example[192.0.2.3]:25");
  }

  @ParameterizedTest
  @CsvSource({
    "IPV6, 2001:db8::1 192.0.2.1 2001:db8::2 192.0.2.2",
        "IPV4, 192.0.2.1 2001:db8::1 192.0.2.2 2001:db8::2",
    "ONLY_IPV6, 2001:db8::1 2001:db8::2", "ONLY_IPV4, 192.0.2.1 192.0.2.2",
  })
  void addressesAreTriedInTurnOfFamilies(Connector.AddressFamily prefer, String order) {
    play.resolver.address("mx.example", "192.0.2.2", "2001:db8::1", "2001:db8::2");
    play.via.prefer = prefer;
    var failed = failed(play.dial());
    assertThat(failed.dialogue())
        .containsExactly(
            Arrays.stream(order.split(" "))
                .map(a -> "* connect to mx.example[" + a + "]:25: Connection refused")
                .toArray(String[]::new));
    assertThat(brief(failed.outcome())).isEqualTo("Deferred CONNECT 4.4.1");
  }

  @Test
  void noMoreThanTenAddressesAreTried() {
    for (int i = 2; i < 50; i++) {
      play.resolver.address("mx.example", "192.0.2." + i);
    }
    assertThat(failed(play.dial()).dialogue().getLast())
        .isEqualTo("* more addresses are left for the next attempt");
    assertThat(play.network.dialled()).hasSize(10);
  }

  @Test
  void noMoreAddressesAreTriedWhenItIsLate() {
    play.resolver.address("mx.example", "192.0.2.2", "192.0.2.3", "192.0.2.4");
    for (int i = 1; i < 5; i++) {
      play.network.at("192.0.2." + i + ":25", "<timeout>");
    }
    failed(play.dial());
    assertThat(play.network.dialled())
        .hasSize(3); // 30 s and two times 5 min for three times 5 min.
  }

  @Test
  void aSmarthostThatDoesNotExistIsNoReasonToBounce() {
    play.hosts = List.of(new NextHop("typo.example", 587, false));
    var failed = failed(play.dial());
    assertThat(brief(failed.outcome())).isEqualTo("Deferred ROUTE 4.4.4");
    assertThat(failed.outcome().text()).isEqualTo("host typo.example does not exist");
    assertThat(failed.relay()).isEqualTo("typo.example:587");
  }

  @Test
  void mailExchangersOfWhichNoneExistsBounce() {
    play.via.type = Connector.Type.MX;
    play.resolver.exists("empty.example");
    play.hosts =
        List.of(new NextHop("typo.example", 25, false), new NextHop("empty.example", 25, false));
    assertThat(brief(failed(play.dial()).outcome())).isEqualTo("Bounced ROUTE 5.4.4");
    play.resolver.fail("typo.example", "SERVFAIL");
    assertThat(brief(failed(play.dial()).outcome())).startsWith("Deferred ROUTE 4.4");
    play.hosts = List.of();
    assertThat(brief(failed(play.dial()).outcome())).isEqualTo("Deferred ROUTE 4.4.4");
  }

  @Test
  void aHostWithoutUsableAddressIsNoReasonToBounce() {
    play.via.type = Connector.Type.MX;
    play.via.prefer = Connector.AddressFamily.ONLY_IPV6;
    var failed = failed(play.dial());
    assertThat(brief(failed.outcome())).isEqualTo("Deferred ROUTE 4.4.4");
    assertThat(failed.outcome().text())
        .contains("no address of the family that connector provider may use");
  }

  /// Anybody on the way can say our name before TLS, and a firewall that leads port 25 back to us
  /// does it for all hosts of the world: mail is not returned for that.
  @ParameterizedTest
  @CsvSource({"S: 220 Relay.Example ESMTP", "S: 220 other"})
  void mailForAnExchangerThatGreetsWithOurNameWaits(String greeting) {
    play.via.type = Connector.Type.MX;
    String[] script =
        greeting.contains("Relay")
            ? new String[] {greeting}
            : new String[] {
              greeting,
              "C: EHLO relay.example",
              "S: 250-relay.example at your service",
              "S: 250 SIZE"
            };
    play.network.at("192.0.2.1:25", script);
    var outcome = failed(play.dial()).outcome();
    assertThat(brief(outcome)).matches("Deferred (GREETING|HELLO) 4.4.6");
    assertThat(outcome.text())
        .isEqualTo(
            "host mx.example[192.0.2.1]:25 greets with my own name relay.example: connector"
                + " provider leads back to myself, by the DNS or by a firewall on the way");
  }

  @Test
  void aSmarthostThatIsOurselvesWaitsForTheAdministrator() {
    play.network.at("192.0.2.1:25", "S: 220 relay.example");
    assertThat(brief(failed(play.dial()).outcome())).isEqualTo("Deferred GREETING 4.4.6");
  }

  @Test
  void anExchangerBehindTheBestThatIsOurselvesIsPassedOver() {
    play.via.type = Connector.Type.MX;
    play.resolver.address("backup.example", "192.0.2.2");
    play.hosts =
        List.of(new NextHop("mx.example", 25, false), new NextHop("backup.example", 25, false));
    play.network.at("192.0.2.2:25", "S: 220 relay.example");
    assertThat(brief(failed(play.dial()).outcome())).isEqualTo("Deferred GREETING 4.4.6");
  }

  @Test
  void atAnotherPortOurNameMaybeAnotherProgram() {
    play.hosts = List.of(new NextHop("mx.example", 10025, false));
    play.network.at(
        "192.0.2.1:10025", "S: 220 relay.example", "C: EHLO relay.example", "S: 250 relay.example");
    opened(play.dial());
  }

  @Test
  void allOfItIsBoundedInTime() {
    play.resolver.address("mx.example", "192.0.2.2", "192.0.2.3", "192.0.2.4", "192.0.2.5");
    for (int i = 1; i <= 5; i++) {
      play.network.at("192.0.2." + i + ":25", "S: 220 hi", "C: EHLO*", "<timeout>");
    }
    failed(play.dial());
    assertThat(Duration.ofNanos(play.time.nanos())).isLessThan(Duration.ofMinutes(21));
  }
}
