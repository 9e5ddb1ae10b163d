package dev.poststation.delivery;

import static dev.poststation.delivery.Play.brief;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.message.Outcome;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The dialogue of mails, as it goes over the wire.
class ConversationTest {
  private static final String CONTENT =
      "Received: by relay.example\r\nSubject: hello\r\n\r\nHello Bob\r\n";

  private final Play play = new Play();

  @Test
  void withoutPipeliningEachCommandWaitsForItsReply() {
    var conversation =
        play.open(
            "",
            "C: MAIL FROM:<alice@example.com>",
            "S: 250 ok",
            "C: RCPT TO:<bob@example.net>",
            "S: 250 ok",
            "C: DATA",
            "S: 354 go",
            "C: <content>",
            "S: 250 ok queued as 12345");
    var result = conversation.send(new Sample.Letter().order());
    assertThat(brief(result)).containsExactly("Delivered 2.0.0");
    assertThat(result.reusable()).isTrue();
    assertThat(new String(play.peer().contents().getFirst(), StandardCharsets.US_ASCII))
        .isEqualTo(CONTENT + ".\r\n");
    assertThat(play.peer().writes()).hasSize(5);
    var delivered = (Outcome.Delivered) result.outcomes().getFirst();
    assertThat(delivered.remoteId()).isEqualTo("12345");
    assertThat(delivered.dsnOffered()).isFalse();
    conversation.close();
    play.network.verify();
    assertThat(play.peer().closed()).isTrue();
  }

  @Test
  void whatWasConvertedStandsInTheDialogue() {
    var conversation =
        play.open(
            "",
            "C: MAIL FROM:<alice@example.com>",
            "S: 250 ok",
            "C: RCPT TO:<bob@example.net>",
            "S: 250 ok",
            "C: DATA",
            "S: 354 go",
            "C: <content>",
            "S: 250 ok");

    var result = conversation.send(new Sample.Letter().content("Subject: x\r\n\r\nä\r\n").order());

    assertThat(brief(result)).containsExactly("Delivered 2.0.0");
    assertThat(result.dialogue())
        .startsWith(
            "* converted to quoted-printable: the next hop knows no 8BITMIME",
            "* MIME-Version and Content-Type: text/plain; charset=utf-8 added: there was none",
            "C: MAIL FROM:<alice@example.com>");
    assertThat(new String(play.peer().contents().getFirst(), StandardCharsets.US_ASCII))
        .contains("=C3=A4");
  }

  @Test
  void withPipeliningTheEnvelopeIsOneWriteAndTheContentAnother() {
    var conversation =
        play.open(
            "PIPELINING",
            "C: MAIL FROM:<alice@example.com>",
            "C: RCPT TO:<bob@example.net>",
            "C: RCPT TO:<carol@example.net>",
            "C: DATA",
            "S: 250 ok",
            "S: 250 ok",
            "S: 250 ok",
            "S: 354 go",
            "C: <content>",
            "S: 250 2.6.0 ok");
    var result =
        conversation.send(new Sample.Letter().to("bob@example.net", "carol@example.net").order());
    assertThat(brief(result)).containsExactly("Delivered 2.6.0", "Delivered 2.6.0");
    assertThat(play.peer().writes()).hasSize(3);
    assertThat(result.dialogue())
        .containsExactly(
            "C: MAIL FROM:<alice@example.com>",
            "C: RCPT TO:<bob@example.net>",
            "C: RCPT TO:<carol@example.net>",
            "C: DATA",
            "S: 250 ok",
            "S: 250 ok",
            "S: 250 ok",
            "S: 354 go",
            "C: (57 octets of content, and the dot)",
            "S: 250 2.6.0 ok");
    play.network.verify();
  }

  @Test
  void withChunkingASmallMailIsOneWrite() {
    var conversation =
        play.open(
            "PIPELINING,CHUNKING,SIZE 1000",
            "C: MAIL FROM:<alice@example.com> SIZE=57",
            "C: RCPT TO:<bob@example.net>",
            "C: BDAT 57 LAST",
            "C: <chunk>",
            "S: 250 ok",
            "S: 250 ok",
            "S: 250 ok id=abc-1");
    var result = conversation.send(new Sample.Letter().order());
    assertThat(brief(result)).containsExactly("Delivered 2.0.0");
    assertThat(play.peer().writes()).hasSize(2);
    assertThat(new String(play.peer().contents().getFirst(), StandardCharsets.US_ASCII))
        .isEqualTo(CONTENT);
    play.network.verify();
  }

  @Test
  void aLargeMailIsSentInAChunkOnlyWhenARecipientWasAccepted() {
    byte[] large = new byte[200_000];
    Arrays.fill(large, (byte) 'x');
    for (int i = 76; i < large.length; i += 78) {
      large[i] = '\r';
      large[i + 1] = '\n';
    }
    var letter = new Sample.Letter().content(large);
    letter.chunkSize = 30_000;
    var conversation =
        play.open(
            "PIPELINING,CHUNKING",
            "C: MAIL*",
            "C: RCPT*",
            "S: 250 ok",
            "S: 550 5.1.1 no",
            "C: RSET",
            "C: MAIL*",
            "C: RCPT*",
            "S: 250 ok",
            "S: 250 ok",
            "S: 250 ok",
            "C: BDAT 200028 LAST",
            "C: <chunk>",
            "S: 250 ok");
    assertThat(brief(conversation.send(letter.order()))).containsExactly("Bounced RCPT 5.1.1");
    assertThat(brief(conversation.send(letter.order()))).containsExactly("Delivered 2.0.0");
    assertThat(Arrays.copyOfRange(play.peer().contents().getFirst(), 28, 200_028)).isEqualTo(large);
    play.network.verify();
  }

  @Test
  void withoutPipeliningAChunkComesAfterTheRecipients() {
    var conversation =
        play.open(
            "CHUNKING",
            "C: MAIL*",
            "S: 250 ok",
            "C: RCPT*",
            "S: 250 ok",
            "C: BDAT 57 LAST",
            "C: <chunk>",
            "S: 250 ok");
    assertThat(brief(conversation.send(new Sample.Letter().order())))
        .containsExactly("Delivered 2.0.0");
    play.network.verify();
  }

  @Test
  void someRecipientsMayFail() {
    var conversation =
        play.open(
            "PIPELINING",
            "C: MAIL*",
            "C: RCPT*",
            "C: RCPT*",
            "C: RCPT*",
            "C: DATA",
            "S: 250 ok",
            "S: 550 5.1.1 unknown",
            "S: 250 ok",
            "S: 450 4.2.0 greylisted",
            "S: 354 go",
            "C: <content>",
            "S: 250 ok");
    var result =
        conversation.send(
            new Sample.Letter().to("a@b.example", "c@b.example", "d@b.example").order());
    assertThat(brief(result))
        .containsExactly("Bounced RCPT 5.1.1", "Delivered 2.0.0", "Deferred RCPT 4.2.0");
    assertThat(result.outcomes().getFirst().text())
        .isEqualTo("host mx.example[192.0.2.1]:25 said: 550 5.1.1 unknown (in reply to RCPT TO)");
    assertThat(result.reusable()).isTrue();
    play.network.verify();
  }

  @Test
  void whenNoRecipientIsTakenA354GetsNothingButTheDot() {
    var conversation =
        play.open(
            "PIPELINING",
            "C: MAIL*",
            "C: RCPT*",
            "C: DATA",
            "S: 250 ok",
            "S: 550 no",
            "S: 354 go",
            "C: <content>",
            "S: 250 strange");
    var result = conversation.send(new Sample.Letter().order());
    assertThat(brief(result)).containsExactly("Bounced RCPT 5.1.1");
    assertThat(play.peer().contents().getFirst())
        .isEqualTo(".\r\n".getBytes(StandardCharsets.US_ASCII));
    assertThat(result.reusable()).isTrue();
    play.network.verify();
  }

  @Test
  void whenMailIsRefusedTheRestIsReadAndTheConnectionStaysOfUse() {
    var conversation =
        play.open(
            "PIPELINING",
            "C: MAIL*",
            "C: RCPT*",
            "C: RCPT*",
            "C: DATA",
            "S: 550 5.7.1 sender",
            "S: 503 mail",
            "S: 503 mail",
            "S: 503 mail",
            "C: MAIL*",
            "C: RCPT*",
            "C: DATA",
            "S: 250 ok",
            "S: 250 ok",
            "S: 354 go",
            "C: <content>",
            "S: 250 ok");
    var result = conversation.send(new Sample.Letter().to("a@b.example", "c@b.example").order());
    assertThat(brief(result)).containsExactly("Bounced MAIL 5.7.1", "Bounced MAIL 5.7.1");
    assertThat(brief(conversation.send(new Sample.Letter().order())))
        .containsExactly("Delivered 2.0.0");
    play.network.verify();
  }

  @Test
  void whenMailIsRefusedWithoutPipeliningNothingMoreIsSaid() {
    var conversation = play.open("", "C: MAIL*", "S: 451 later", "C: MAIL*", "S: 550 no");
    assertThat(brief(conversation.send(new Sample.Letter().order())))
        .containsExactly("Deferred MAIL 4.3.0");
    assertThat(brief(conversation.send(new Sample.Letter().order())))
        .containsExactly("Bounced MAIL 5.0.0");
    play.network.verify();
  }

  @Test
  void afterAllRecipientsWereRefusedTheNextMailBeginsWithRset() {
    var conversation =
        play.open(
            "PIPELINING",
            "C: MAIL*",
            "C: RCPT*",
            "C: DATA",
            "S: 250 ok",
            "S: 550 no",
            "S: 554 no valid recipients",
            "C: RSET",
            "C: MAIL*",
            "C: RCPT*",
            "C: DATA",
            "S: 250 reset",
            "S: 250 ok",
            "S: 250 ok",
            "S: 354 go",
            "C: <content>",
            "S: 250 ok");
    assertThat(brief(conversation.send(new Sample.Letter().order())))
        .containsExactly("Bounced RCPT 5.1.1");
    assertThat(brief(conversation.send(new Sample.Letter().order())))
        .containsExactly("Delivered 2.0.0");
    assertThat(play.peer().writes()).hasSize(4);
    play.network.verify();
  }

  @Test
  void withoutPipeliningRsetWaitsForItsReply() {
    var conversation =
        play.open(
            "",
            "C: MAIL*",
            "S: 250 ok",
            "C: RCPT*",
            "S: 550 no",
            "C: RSET",
            "S: 250 ok",
            "C: MAIL*",
            "S: 550 no");
    conversation.send(new Sample.Letter().order());
    conversation.send(new Sample.Letter().order());
    play.network.verify();
  }

  @Test
  void dataMayBeRefused() {
    var conversation =
        play.open(
            "PIPELINING",
            "C: MAIL*",
            "C: RCPT*",
            "C: RCPT*",
            "C: DATA",
            "S: 250 ok",
            "S: 250 ok",
            "S: 550 no",
            "S: 451 4.3.2 busy");
    var result = conversation.send(new Sample.Letter().to("a@b.example", "c@b.example").order());
    assertThat(brief(result)).containsExactly("Deferred DATA 4.3.2", "Bounced RCPT 5.1.1");
    play.network.verify();
  }

  @Test
  void theEndDecidesForAllThatWereAccepted() {
    var conversation =
        play.open(
            "PIPELINING",
            "C: MAIL*",
            "C: RCPT*",
            "C: RCPT*",
            "C: DATA",
            "S: 250 ok",
            "S: 250 ok",
            "S: 450 no",
            "S: 354 go",
            "C: <content>",
            "S: 554 5.7.1 spam");
    var result = conversation.send(new Sample.Letter().to("a@b.example", "c@b.example").order());
    assertThat(brief(result)).containsExactly("Bounced END 5.7.1", "Deferred RCPT 4.2.0");
    assertThat(result.reusable()).isTrue();
    play.network.verify();
  }

  @Test
  void aRefusedChunkIsFollowedByRset() {
    var conversation =
        play.open(
            "PIPELINING,CHUNKING",
            "C: MAIL*",
            "C: RCPT*",
            "C: BDAT*",
            "C: <chunk>",
            "S: 250 ok",
            "S: 250 ok",
            "S: 451 later",
            "C: RSET",
            "C: MAIL*",
            "C: RCPT*",
            "C: BDAT*",
            "C: <chunk>",
            "S: 250 ok",
            "S: 250 ok",
            "S: 250 ok",
            "S: 250 ok");
    assertThat(brief(conversation.send(new Sample.Letter().order())))
        .containsExactly("Deferred END 4.3.0");
    assertThat(brief(conversation.send(new Sample.Letter().order())))
        .containsExactly("Delivered 2.0.0");
    play.network.verify();
  }

  @Test
  void aChunkToNobodyDecidesNothing() {
    var conversation =
        play.open(
            "PIPELINING,CHUNKING",
            "C: MAIL*",
            "C: RCPT*",
            "C: BDAT*",
            "C: <chunk>",
            "S: 250 ok",
            "S: 550 no",
            "S: 250 strange");
    assertThat(brief(conversation.send(new Sample.Letter().order())))
        .containsExactly("Bounced RCPT 5.1.1");
    play.network.verify();
  }

  @Test
  void aLineWithADotIsDoubledAndComesBackWhole() {
    var conversation =
        play.open(
            "PIPELINING",
            "C: MAIL*",
            "C: RCPT*",
            "C: DATA",
            "S: 250 ok",
            "S: 250 ok",
            "S: 354 go",
            "C: <content>",
            "S: 250 ok");
    conversation.send(new Sample.Letter().content("A: b\r\n\r\n.\r\n..\r\n.x\r\nend").order());
    assertThat(new String(play.peer().contents().getFirst(), StandardCharsets.US_ASCII))
        .isEqualTo(Sample.TRACE + "A: b\r\n\r\n..\r\n...\r\n..x\r\nend\r\n.\r\n");
  }

  @Test
  void anUnreadableContentIsNeverFinished() {
    var letter = new Sample.Letter();
    letter.chunkSize = 10;
    var order = letter.order();
    var damaged =
        new Attempt.Order(order.mail(), new Sample.Damaged(order.content()), order.recipients());
    var conversation =
        play.open(
            "PIPELINING", "C: MAIL*", "C: RCPT*", "C: DATA", "S: 250 ok", "S: 250 ok", "S: 354 go");
    var result = conversation.send(damaged);
    assertThat(brief(result)).containsExactly("Deferred CONTENT 4.3.0");
    assertThat(result.reusable()).isFalse();
    conversation.close();
    assertThat(play.peer().closed()).isTrue();
    play.network.verify();
  }

  @Test
  void aContentOfAnotherSizeThanNotedIsNeverFinished() {
    for (int surplus : new int[] {-1, 1}) {
      var order = new Sample.Letter().order();
      byte[] wrong =
          Arrays.copyOf(new Sample.Letter().content, new Sample.Letter().content.length + surplus);
      var damaged =
          new Attempt.Order(order.mail(), Sample.Bytes.of(wrong, 1000), order.recipients());
      var conversation =
          play.open(
              "PIPELINING",
              "C: MAIL*",
              "C: RCPT*",
              "C: DATA",
              "S: 250 ok",
              "S: 250 ok",
              "S: 354 go");
      assertThat(brief(conversation.send(damaged))).containsExactly("Deferred CONTENT 4.3.0");
      assertThat(play.peer().contents()).isEmpty();
    }
  }

  @Test
  void quitIsNotSaidInTheMiddleOfAMail() {
    var conversation =
        play.open(
            "PIPELINING",
            "C: MAIL*",
            "C: RCPT*",
            "C: DATA",
            "S: 250 ok",
            "S: 250 ok",
            "S: 354 go",
            "<reset>");
    conversation.send(new Sample.Letter().order());
    int writes = play.peer().writes().size();
    conversation.close();
    assertThat(play.peer().writes()).hasSize(writes);
  }

  @Test
  void anIdleConversationOutlivesTheTimeOutsOfItsSteps() {
    var conversation = play.open("", "C: MAIL*", "S: 550 no");
    assertThat(play.peer().deadline()).isGreaterThan(Duration.ofHours(1));
    conversation.send(new Sample.Letter().order());
    assertThat(play.peer().deadline()).isGreaterThan(Duration.ofHours(1));
  }

  @Test
  void aFarewellWhileIdleMakesItStale() {
    var conversation = play.open("", "C: MAIL*", "S: 550 no", "S: 421 4.4.2 idle too long");
    assertThat(conversation.stale()).isFalse();
    conversation.send(new Sample.Letter().order());
    assertThat(conversation.stale()).isTrue();
  }

  @Test
  void aClosedConversationSendsNothing() {
    var conversation = play.open("");
    conversation.close();
    var result = conversation.send(new Sample.Letter().order());
    assertThat(brief(result)).containsExactly("-");
    assertThat(result.reusable()).isFalse();
    assertThat(conversation.stale()).isTrue();
  }

  @Test
  void itIsSaidBeforeTheNextHopHasAllOfTheMail() {
    String[] data = {
      "C: MAIL*",
      "S: 250 ok",
      "C: RCPT*",
      "S: 250 ok",
      "C: DATA",
      "S: 354 go",
      "C: <content>",
      "S: 250 ok"
    };
    String[] chunk = {
      "C: MAIL*", "S: 250 ok", "C: RCPT*", "S: 250 ok", "C: BDAT 57 LAST", "C: <chunk>", "S: 250 ok"
    };
    String[] inOneGroup = {
      "C: MAIL*", "C: RCPT*", "C: BDAT 57 LAST", "C: <chunk>", "S: 250 ok", "S: 250 ok", "S: 250 ok"
    };
    assertThat(contentsBeforeTheEnd("", data)).containsExactly(0);
    assertThat(contentsBeforeTheEnd("CHUNKING", chunk)).containsExactly(0);
    assertThat(contentsBeforeTheEnd("PIPELINING,CHUNKING", inOneGroup)).containsExactly(0);
    assertThat(contentsBeforeTheEnd("", "C: MAIL*", "S: 250 ok", "C: RCPT*", "S: 550 no"))
        .as("nothing goes out")
        .isEmpty();
  }

  /// How much of a mail the next hop had each time when it was said that its end comes.
  private List<Integer> contentsBeforeTheEnd(String offers, String... script) {
    List<Integer> had = new ArrayList<>();
    var conversation = play.open(offers, script);
    var order = new Sample.Letter().order();
    conversation.send(
        new Attempt.Order(
            order.mail(),
            order.content(),
            order.recipients(),
            false,
            () -> had.add(play.peer().contents().size())));
    play.network.verify();
    return had;
  }
}
