package dev.poststation.delivery;

import static dev.poststation.delivery.Play.brief;
import static dev.poststation.delivery.Play.failed;
import static dev.poststation.delivery.Play.opened;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.poststation.config.Connector;
import dev.poststation.config.Egress;
import dev.poststation.config.SourceAddress;
import dev.poststation.log.Event;
import dev.poststation.os.Chance;
import dev.poststation.os.NotOursException;
import dev.poststation.os.Os;
import dev.poststation.route.NextHop;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// From which of our addresses a host is called.
class SourceAddressesTest {
  private final Play play = new Play();

  private static SourceAddress source(String address, String hello, int weight) {
    return new SourceAddress(InetAddress.ofLiteral(address), null, hello, weight, null);
  }

  private void from(SourceAddress... sources) {
    play.via.egress = Egress.of(List.of(sources), null);
  }

  private void greets(String address, String hello) {
    play.network.at(address, "S: 220 hi", "C: EHLO " + hello, "S: 250 hi");
  }

  @Test
  void theNameOfEhloIsThatOfTheAddress() {
    from(source("192.0.2.10", "out1.example", 1));
    greets("192.0.2.1:25", "out1.example");
    var opening = (Opening.Opened) play.dial();
    assertThat(opening.dialogue())
        .startsWith("* connected to mx.example[192.0.2.1]:25 from 192.0.2.10");
    assertThat(opening.conversation().source()).isEqualTo("192.0.2.10");
    assertThat(play.network.sources()).containsExactly("192.0.2.10");
  }

  @Test
  void eachFamilyHasItsOwn() {
    play.resolver.address("mx.example", "2001:db8::1");
    from(source("192.0.2.10", null, 1), source("2001:db8::10", "six.example", 1));
    greets("192.0.2.1:25", "relay.example");
    assertThat(opened(play.dial()).source()).isEqualTo("192.0.2.10");
    assertThat(play.network.sources()).containsExactly("2001:db8::10", "192.0.2.10");
  }

  @Test
  void aFamilyWithoutOneIsNotCalled() {
    play.resolver.address("mx.example", "2001:db8::1");
    from(source("192.0.2.10", null, 1));
    failed(play.dial());
    assertThat(play.network.dialled()).containsExactly("192.0.2.1:25");
  }

  @Test
  void connectionsAreSharedByWeight() {
    from(source("192.0.2.10", null, 3), source("192.0.2.11", null, 1));
    var turns = new AtomicInteger();
    var chance =
        new Chance() {
          @Override
          public int below(int bound) {
            return turns.getAndIncrement() % bound;
          }

          @Override
          public void fill(byte[] bytes) {
            throw new UnsupportedOperationException();
          }
        };
    var real = Os.real();
    var os = new Os(play.time, play.network, real.tasks(), chance, real.disk());
    var sources = SourceAddresses.unkept(os);
    var chosen =
        Stream.generate(
                () ->
                    sources.choose(
                        play.via.connector(), new NextHop("mx.example", 25, false), false))
            .limit(400)
            .map(choice -> ((SourceAddresses.Choice.From) choice).departure().source().toString())
            .toList();
    assertThat(Collections.frequency(chosen, "192.0.2.10")).isEqualTo(300);
    assertThat(Collections.frequency(chosen, "192.0.2.11")).isEqualTo(100);
  }

  @Test
  void oneThatTheMachineLacksIsLeftOutUntilItIsThereAgain() {
    play.hosts = Stream.generate(() -> new NextHop("mx.example", 25, false)).limit(10).toList();
    from(source("192.0.2.10", null, 1000), source("192.0.2.11", null, 1));
    play.network.lacks("192.0.2.10", true);
    var failed = failed(play.dial());
    assertThat(play.network.sources()).hasSize(10).containsOnly("192.0.2.11");
    assertThat(failed.dialogue())
        .filteredOn(line -> line.equals("* 192.0.2.10 is no address of this machine"))
        .as("asked for once")
        .hasSizeBetween(1, 1);
    assertThat(play.events)
        .containsExactly(
            new Event.SourceChanged(
                InetAddress.ofLiteral("192.0.2.10"),
                "absent",
                "provider: 192.0.2.10 is no address of this machine"));
    play.time.advance(Duration.ofSeconds(61));
    play.network.lacks("192.0.2.10", false);
    failed(play.dial());
    assertThat(play.network.sources()).contains("192.0.2.10");
    assertThat(play.events).hasSize(2);
    assertThat(((Event.SourceChanged) play.events.getLast()).state()).isEqualTo("present");
  }

  @Test
  void whereTheMachineHasNoneNoOtherAddressIsTakenAndNoHostIsBlamed() {
    from(source("192.0.2.10", null, 1), source("192.0.2.11", null, 1));
    play.network.lacks("192.0.2.10", true).lacks("192.0.2.11", true);
    for (int i = 0; i < 3; i++) {
      var failed = failed(play.dial());
      assertThat(brief(failed.outcome())).isEqualTo("Deferred CONNECT 4.3.5");
      assertThat(failed.outcome().text())
          .isEqualTo(
              "no source address of connector provider can be used: 192.0.2.11 is no address of"
                  + " this machine");
      assertThat(failed.refusals()).isEmpty();
    }
    assertThat(play.network.dialled()).isEmpty();
    assertThat(play.events).hasSize(2);
  }

  @Test
  void anAddressThatHasNoFreePortIsNotMissingAndNoHostIsBlamed() {
    from(source("192.0.2.10", null, 1));
    play.network.unbound("192.0.2.10", "Address already in use");
    var failed = failed(play.dial());
    assertThat(brief(failed.outcome())).isEqualTo("Deferred CONNECT 4.3.2");
    assertThat(failed.outcome().text())
        .isEqualTo("nothing can be sent from 192.0.2.10: Address already in use");
    assertThat(failed.refusals()).isEmpty();
    assertThat(play.events).isEmpty();
  }

  @Test
  void aHostThatCouldNotBeCalledForWantOfAnAddressWasNotAsked() {
    play.hosts =
        List.of(new NextHop("six.example", 25, false), new NextHop("mx.example", 25, false));
    play.resolver.address("six.example", "2001:db8::1");
    from(source("192.0.2.10", null, 1), source("2001:db8::10", null, 1));
    play.network.lacks("2001:db8::10", true);
    greets("192.0.2.1:25", "relay.example");
    var opening = (Opening.Opened) play.dial();
    assertThat(opening.refusals()).isEmpty();
    assertThat(opening.unasked()).isTrue();
  }

  @Test
  void aMailExchangerThatCannotBeCalledIsNoReasonToBounce() {
    play.via.type = Connector.Type.MX;
    from(source("2001:db8::10", null, 1));
    assertThat(brief(failed(play.dial()).outcome())).isEqualTo("Deferred ROUTE 4.4.4");
  }

  @Test
  void theSystemSaysThatAnAddressIsNotOurs() {
    var there = new InetSocketAddress(InetAddress.getLoopbackAddress(), 9);
    assertThatThrownBy(
            () ->
                Os.real()
                    .network()
                    .connect(there, InetAddress.ofLiteral("198.51.100.77"), Duration.ofSeconds(1)))
        .isInstanceOf(NotOursException.class)
        .hasMessage("198.51.100.77 is no address of this machine");
  }
}
