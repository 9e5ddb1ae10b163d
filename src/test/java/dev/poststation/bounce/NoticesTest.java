package dev.poststation.bounce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.poststation.bounce.NoticeRequest.Kind;
import dev.poststation.message.Envelope;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.BodyType;
import dev.poststation.smtp.DsnNotify;
import dev.poststation.smtp.DsnReturn;
import dev.poststation.smtp.TlsWish;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;
import org.apache.james.mime4j.MimeException;
import org.apache.james.mime4j.stream.EntityState;
import org.apache.james.mime4j.stream.MimeConfig;
import org.apache.james.mime4j.stream.MimeTokenStream;
import org.apache.james.mime4j.stream.RecursionMode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class NoticesTest {
  /// A part as mime4j reads it.
  private record Part(String type, String encoding, String body) {}

  private static List<Part> parts(byte[] content) {
    var stream = new MimeTokenStream(MimeConfig.STRICT);
    // A returned mail is a leaf to us.
    stream.setRecursionMode(RecursionMode.M_NO_RECURSE);
    stream.parse(new ByteArrayInputStream(content));
    var parts = new ArrayList<Part>();
    try {
      for (var state = stream.getState(); state != EntityState.T_END_OF_STREAM; ) {
        if (state == EntityState.T_BODY) {
          var about = stream.getBodyDescriptor();
          var body =
              new String(stream.getDecodedInputStream().readAllBytes(), StandardCharsets.UTF_8);
          parts.add(new Part(about.getMimeType(), about.getTransferEncoding(), body));
        }
        state = stream.next();
      }
    } catch (MimeException | IOException e) {
      throw new AssertionError(e);
    }
    return parts;
  }

  private static List<Part> parts(Asked asked) {
    return parts(asked.compose().content());
  }

  @Test
  void aStrictParserFindsThreePartsInTheRightOrder() {
    var parts = parts(new Asked());
    assertThat(parts)
        .extracting(Part::type)
        .containsExactly("text/plain", "message/delivery-status", "message/rfc822");
    assertThat(parts.get(0).body()).contains("Subject:     Angebot für das Dach");
    assertThat(parts.get(2).body()).endsWith("Hello Bert,\r\n.\r\nhere it is.\r\n");
  }

  @Test
  void theNoticeGoesFromNobodyToTheSenderAndAsksForNoNotice() {
    var asked = new Asked();
    var due = Asked.ARRIVED.plusSeconds(3600);
    var composed = asked.notices().compose(asked.request(), due);
    var mail = composed.mail();
    assertThat(mail.envelope().sender()).isEqualTo(Address.NULL);
    assertThat(mail.envelope().source()).isEqualTo(Envelope.Source.SELF);
    assertThat(mail.id()).hasToString("06A1B2C3D4E6G");
    assertThat(mail.recipients()).hasSize(1);
    assertThat(mail.recipients().getFirst().address()).isEqualTo(Asked.ANNA);
    assertThat(mail.recipients().getFirst().notifyOn()).containsExactly(DsnNotify.NEVER);
    assertThat(mail.states().getFirst().due()).isEqualTo(due);
    assertThat(mail.trace()).isEmpty();
    assertThat(mail.chunks()).isEqualTo(1);
    assertThat(mail.envelope().traits())
        .isEqualTo(new Envelope.Traits(composed.content().length, false, true, false, false, true));
    assertThat(mail.envelope().body()).isEqualTo(BodyType.SEVEN_BIT);
    assertThat(mail.envelope().smtputf8()).isFalse();
  }

  @Test
  void aReturnedEightBitMailMakesTheNoticeEightBit() {
    var composed = new Asked().content("Subject: x\r\n\r\nGrüße\r\n").compose();
    assertThat(composed.mail().envelope().body()).isEqualTo(BodyType.EIGHT_BIT_MIME);
    assertThat(composed.mail().envelope().traits().eightBit()).isTrue();
    assertThat(composed.mail().envelope().smtputf8()).isFalse();
    assertThat(parts(composed.content()).get(2).encoding()).isEqualTo("8bit");
    assertThat(new String(composed.content(), StandardCharsets.UTF_8))
        .contains("\r\nContent-Transfer-Encoding: 8bit\r\n\r\n--=_");
  }

  @Test
  void aSubjectWithAnUmlautAloneDoesNot() {
    var composed = new Asked().compose();
    assertThat(composed.mail().envelope().traits().eightBit()).isFalse();
    assertThat(parts(composed.content()).getFirst().encoding()).isEqualTo("quoted-printable");
  }

  /// A dot that is alone on a line ends the mail where somebody forgets to double it.
  @Test
  void aDotIsEncodedAtTheBeginningOfALineOnly() {
    var dots = ".".repeat(300);
    var asked = new Asked().about(Asked.BERT, Asked.deferred("4.0.0", dots), "none", null);
    var text = asked.text();

    assertThat(parts(asked).getFirst().encoding()).isEqualTo("quoted-printable");
    assertThat(parts(asked).getFirst().body()).contains("    " + dots + "\r\n");
    assertThat(text)
        .contains("This is the mail system at relay.example.com.\r\n")
        .contains("\n=2E");
    assertThat(text.substring(0, text.indexOf("message/delivery-status")).lines())
        .noneMatch(line -> line.startsWith("."));
  }

  @Test
  void aNoticeToAnInternationalSenderNeedsSmtputf8() {
    var composed = new Asked().sender("änne", "example.com").compose();
    assertThat(composed.mail().envelope().smtputf8()).isTrue();
    assertThat(parts(composed.content()).get(1).type()).isEqualTo("message/global-delivery-status");
  }

  @Test
  void anInternationalHeaderComesBackUnderItsOwnType() {
    var utf8 = "Subject: Grüße\r\n\r\nx\r\n";
    assertThat(parts(new Asked().content(utf8)).get(2).type()).isEqualTo("message/global");
    assertThat(parts(new Asked().content(utf8).ret(DsnReturn.HDRS)).get(2).type())
        .isEqualTo("message/global-headers");
  }

  @Test
  void retDecidesWhetherTheWholeMailComesBack() {
    assertThat(parts(new Asked().settings(true, 100_000).ret(DsnReturn.HDRS)).get(2).type())
        .isEqualTo("text/rfc822-headers");
    assertThat(parts(new Asked().settings(false, 100_000).ret(DsnReturn.FULL)).get(2).type())
        .isEqualTo("message/rfc822");
    assertThat(parts(new Asked().settings(false, 100_000)).get(2).type())
        .isEqualTo("text/rfc822-headers");
  }

  @Test
  void aDelayNeverBringsBackTheWholeMail() {
    for (var kind : List.of(Kind.DELAYED, Kind.RELAYED)) {
      assertThat(parts(new Asked().kind(kind).ret(DsnReturn.FULL)).get(2).type())
          .isEqualTo("text/rfc822-headers");
    }
  }

  @Test
  void ofALargeMailOnlyTheHeaderComesBack() {
    var large = "Subject: large\r\n\r\n" + "0123456789\r\n".repeat(1000);
    var returned = parts(new Asked().content(large).settings(true, 5000)).get(2);
    assertThat(returned.type()).isEqualTo("text/rfc822-headers");
    assertThat(returned.body()).endsWith("Subject: large\r\n");
  }

  @Test
  void aMailThatNoMailCanCarryComesBackAsHeader() {
    var nul = "Subject: x\r\n\r\na\0b\r\n";
    assertThat(parts(new Asked().content(nul)).get(2).type()).isEqualTo("text/rfc822-headers");
    var long_ = "Subject: x\r\n\r\n" + "y".repeat(2000) + "\r\n";
    assertThat(parts(new Asked().content(long_)).get(2).type()).isEqualTo("text/rfc822-headers");
  }

  @Test
  void aLargeNoticeSaysHowManyChunksItHas() {
    var large = "Subject: large\r\n\r\n" + "0123456789\r\n".repeat(20_000);
    var composed = new Asked().content(large).settings(true, 1_000_000).compose();
    assertThat(composed.mail().chunks()).isEqualTo((composed.content().length + 65535) / 65536);
  }

  @Test
  void aMailThatTheSpoolCannotReadIsStillReported() {
    var parts = parts(new Asked().unreadable());
    assertThat(parts).hasSize(3);
    assertThat(parts.get(1).body()).contains("Status: 5.1.1");
    assertThat(parts.get(2).body()).startsWith("Received: from printer.lan");
  }

  @Test
  void aMailWithoutNewlineAtItsEndDoesNotSwallowTheBoundary() {
    assertThat(parts(new Asked().content("Subject: x\r\n\r\nno end")).get(2).body())
        .endsWith("no end\r\n");
  }

  @Test
  void aMailOfNothingButHeaderOrNothingAtAllIsReported() {
    assertThat(parts(new Asked().content("Subject: x\r\n"))).hasSize(3);
    assertThat(parts(new Asked().content(""))).hasSize(3);
    assertThat(parts(new Asked().content("\r\n"))).hasSize(3);
  }

  @Test
  void aForgedMessageIdDoesNotReachOurHeader() {
    for (var id :
        List.of("<a> X-Evil: b", "<a b@c>", "a@b", "<>", "<é@x>", "<" + "x".repeat(600) + ">")) {
      assertThat(new Asked().content("Message-ID: " + id + "\r\n\r\nx\r\n").text())
          .doesNotContain("In-Reply-To");
    }
    assertThat(new Asked().content("message-id:\r\n <a@b>\r\n\r\nx\r\n").text())
        .contains("In-Reply-To: <a@b>\r\n");
  }

  @Test
  void aReplyCannotForgeFieldsOfTheReport() {
    var evil =
        Asked.bounced("5.1.1", 550, "x\r\nAction: delivered\r\n\r\nFinal-Recipient: rfc822; y");
    var status =
        parts(new Asked().about(Asked.BERT, evil, "mx\r\nX: y[1.2.3.4]:25", null)).get(1).body();
    assertThat(status.lines()).noneMatch(line -> line.startsWith("Action: delivered"));
    assertThat(status.lines().filter(line -> line.startsWith("Final-Recipient"))).hasSize(1);
    assertThat(status.lines()).noneMatch(line -> line.startsWith("X: y"));
  }

  @Test
  void manyRecipientsAreAllInTheReportAndTheFirstFiftyInTheText() {
    var asked = new Asked();
    for (int i = 0; i < 1000; i++) {
      asked.about(new Address("user" + i, "example.net"), Asked.REFUSED, "none", null);
    }
    var parts = parts(asked);
    assertThat(parts.get(0).body())
        .contains("user49@")
        .doesNotContain("user50@")
        .contains("And 950 more");
    assertThat(parts.get(1).body()).contains("Final-Recipient: rfc822; user999@example.net");
  }

  @Test
  void theNullSenderIsNeverToldEvenByMistake() {
    assertThatThrownBy(() -> new Asked().sender("", "").compose())
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void theNameOfANextHopCannotBreakALine() {
    var asked = new Asked().about(Asked.BERT, Asked.REFUSED, "mx\n\u0080[192.0.2.1]:25", null);
    assertThat(parts(asked).getFirst().body()).contains("The mail system mx answered:");
    assertThat(asked.compose().mail().envelope().traits().bareNewlines()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "mx1.example.net[192.0.2.25]:25,          mx1.example.net",
    "127.0.0.1[127.0.0.1]:2525,               [127.0.0.1]",
    "2001:db8::25[2001:db8::25]:25,           [IPv6:2001:db8::25]",
    "mx1.example.net:25,                      mx1.example.net",
    "192.0.2.25:25,                           [192.0.2.25]",
    "[2001:db8::25]:25,                       [IPv6:2001:db8::25]"
  })
  void theNextHopIsNamedByItsNameOrAnAddressLiteral(String relay, String name) {
    var parts = parts(new Asked().about(Asked.BERT, Asked.REFUSED, relay, null));

    assertThat(parts.get(1).body()).contains("\r\nRemote-MTA: dns; " + name + "\r\n");
  }

  @Property(tries = 200)
  void whateverTheMailHoldsTheNoticeIsSound(
      @ForAll @Size(max = 400) byte[] content,
      @ForAll @StringLength(max = 1500) String said,
      @ForAll @StringLength(max = 300) String orcpt,
      @ForAll @StringLength(max = 300) String relay,
      @ForAll Kind kind) {
    var composed =
        new Asked()
            .kind(kind)
            .content(content)
            .envid(orcpt)
            .when(Asked.ARRIVED.plus(Duration.ofHours(30)))
            .about(Asked.BERT, Asked.bounced("5.0.0", 550, said), relay, "rfc822;" + orcpt)
            .about(Asked.BERT, Asked.deferred("4.0.0", said), relay, orcpt)
            .compose();
    var traits = composed.mail().envelope().traits();
    assertThat(traits.longLines()).isFalse();
    assertThat(traits.bareNewlines()).isFalse();
    assertThat(traits.endsWithNewline()).isTrue();
    var parts = parts(composed.content());
    assertThat(parts).hasSize(3);
    assertThat(parts.get(1).body().chars()).allMatch(c -> c < 127);
  }

  /// RFC 8689 5.
  @Test
  void aNoticeOfMailThatDemandsTlsDemandsItAndOneOfMailThatWaivesItDoesNotWaive() {
    for (var wish : TlsWish.values()) {
      var envelope = new Asked().tls(wish).compose().mail().envelope();
      assertThat(envelope.tls())
          .isEqualTo(wish == TlsWish.REQUIRED ? TlsWish.REQUIRED : TlsWish.NONE);
    }
  }

  /// RFC 4865 4.3.
  @Test
  void aNoticeSaysWhenItsMailWasToBeSent() {
    var later = new Envelope.Release(Asked.ARRIVED.plusSeconds(3600), "for;3600");
    assertThat(new Asked().release(later).text())
        .contains("\r\nFuture-Release-Request: for;3600\r\n");
    assertThat(new Asked().text()).doesNotContain("Future-Release");
  }
}
