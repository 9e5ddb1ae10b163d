package dev.poststation.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.message.Envelope;
import dev.poststation.message.QueueId;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.BodyType;
import dev.poststation.smtp.Capabilities;
import dev.poststation.smtp.Reply;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class OriginsTest {
  private static final String ALL = "XFORWARD NAME ADDR PORT PROTO HELO IDENT SOURCE SHOESIZE";

  private static Envelope envelope(Envelope.Source source) {
    return new Envelope(
        new QueueId(1),
        Instant.EPOCH,
        new Address("a", "here.test"),
        BodyType.SEVEN_BIT,
        false,
        null,
        null,
        source,
        new Envelope.Traits(0, false, false, false, false, true));
  }

  private static String said(String offer, Envelope.Source source) {
    var can = Capabilities.of(new Reply(250, null, List.of("filter.test", offer)));
    return Origins.command(envelope(source), can);
  }

  private static Envelope.Source client(String address, String hello, String protocol) {
    return new Envelope.Source("lan", "relay", address, hello, protocol);
  }

  @Test
  void allThatTheFilterKnowsOfIsSaid() {
    assertThat(said(ALL, client("192.0.2.7", "pc+1", "ESMTPSA")))
        .isEqualTo(
            "XFORWARD NAME=[UNAVAILABLE] ADDR=192.0.2.7 PORT=[UNAVAILABLE] PROTO=ESMTP"
                + " HELO=pc+2B1 IDENT="
                + new QueueId(1)
                + " SOURCE=REMOTE");
    assertThat(said("xforward addr", client("2001:db8::7", "", "SMTP")))
        .isEqualTo("XFORWARD ADDR=IPV6:2001:db8::7");
  }

  @Test
  void whereItOffersNothingNothingIsSaid() {
    assertThat(said("SIZE", client("192.0.2.7", "pc", "ESMTP"))).isEmpty();
    assertThat(said("XFORWARD", client("192.0.2.7", "pc", "ESMTP"))).isEmpty();
  }

  @Test
  void ourOwnMailIsLocal() {
    assertThat(said("XFORWARD ADDR SOURCE", Envelope.Source.SELF))
        .isEqualTo("XFORWARD ADDR=[UNAVAILABLE] SOURCE=LOCAL");
  }

  @Test
  void whatIsTooLongIsUnknownAndNoCommandIsTooLong() {
    assertThat(said("XFORWARD HELO", client("192.0.2.7", "x".repeat(300), "ESMTP")))
        .isEqualTo("XFORWARD HELO=[UNAVAILABLE]");
    String longest = "x".repeat(255);
    String address = "2001:db8:1111:2222:3333:4444:5555:6666";
    assertThat(said(ALL + " " + ALL.substring(9), client(address, longest, "ESMTPSA")))
        .contains("HELO=" + longest, address)
        .hasSizeLessThan(510);
  }
}
