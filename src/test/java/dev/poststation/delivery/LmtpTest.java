package dev.poststation.delivery;

import static dev.poststation.delivery.Play.brief;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.Connector;
import dev.poststation.message.Outcome;
import dev.poststation.route.NextHop;
import dev.poststation.smtp.DsnNotify;
import dev.poststation.smtp.DsnReturn;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// LMTP (RFC 2033): a reply for each recipient.
class LmtpTest {
  private final Play play = new Play();
  private final Sample.Letter letter =
      new Sample.Letter().to("a@x.example", "b@x.example", "c@x.example");

  @BeforeEach
  void lmtp() {
    play.via.type = Connector.Type.LMTP;
  }

  private static String[] script(String... lines) {
    return lines;
  }

  private static String[] joined(String[] first, String... second) {
    List<String> both = new ArrayList<>(Arrays.asList(first));
    both.addAll(Arrays.asList(second));
    return both.toArray(String[]::new);
  }

  private static final String[] ENVELOPE =
      script(
          "C: MAIL*",
          "C: RCPT TO:<a@x.example>",
          "C: RCPT TO:<b@x.example>",
          "C: RCPT TO:<c@x.example>",
          "S: 250 ok",
          "S: 250 ok",
          "S: 550 5.1.1 no such user",
          "S: 250 ok");

  private static final String[] TO_THE_DOT =
      joined(ENVELOPE, "C: DATA", "S: 354 go", "C: <content>");

  @Test
  void eachRecipientThatWasAcceptedHasItsOwnReplyAfterTheDot() {
    var conversation =
        play.open(
            "PIPELINING,ENHANCEDSTATUSCODES",
            joined(
                joined(TO_THE_DOT, "S: 250 2.0.0 <a@x.example> Saved", "S: 452 4.2.2 mailbox full"),
                joined(TO_THE_DOT, "S: 550 5.2.2 never", "S: 250 2.0.0 <c@x.example> Saved")));
    var first = conversation.send(letter.order());
    assertThat(brief(first))
        .containsExactly("Delivered 2.0.0", "Bounced RCPT 5.1.1", "Deferred END 4.2.2");
    assertThat(first.outcomes().getFirst().text()).isEqualTo("250 2.0.0 <a@x.example> Saved");
    assertThat(first.reusable()).isTrue();
    assertThat(brief(conversation.send(letter.order())))
        .containsExactly("Bounced END 5.2.2", "Bounced RCPT 5.1.1", "Delivered 2.0.0");
    play.network.verify();
  }

  @Test
  void oneAfterTheOtherWithoutPipelining() {
    var conversation =
        play.open(
            "",
            "C: MAIL*",
            "S: 250 ok",
            "C: RCPT TO:<a@x.example>",
            "S: 250 ok",
            "C: RCPT TO:<b@x.example>",
            "S: 250 ok",
            "C: RCPT TO:<c@x.example>",
            "S: 250 ok",
            "C: DATA",
            "S: 354 go",
            "C: <content>",
            "S: 250 one",
            "S: 250 two",
            "S: 250 three");
    var result = conversation.send(letter.order());
    assertThat(result.outcomes())
        .extracting(Outcome::text)
        .containsExactly("250 one", "250 two", "250 three");
    play.network.verify();
  }

  @Test
  void aChunkIsAnsweredForEachRecipientToo() {
    var conversation =
        play.open(
            "PIPELINING,CHUNKING",
            joined(ENVELOPE, "C: BDAT*", "C: <chunk>", "S: 250 2.0.0 Saved", "S: 451 4.3.0 later"));
    assertThat(brief(conversation.send(letter.order())))
        .containsExactly("Delivered 2.0.0", "Bounced RCPT 5.1.1", "Deferred END 4.3.0");
    play.network.verify();
  }

  @Test
  void whoWasAnsweredIsSettledThoughTheConnectionIsLostAfterThat() {
    var conversation = play.open("PIPELINING", joined(TO_THE_DOT, "S: 250 2.0.0 Saved", "<close>"));
    var result = conversation.send(letter.order());
    assertThat(brief(result))
        .containsExactly("Delivered 2.0.0", "Bounced RCPT 5.1.1", "Deferred END 4.4.2");
    assertThat(result.outcomes().getLast().text()).contains("it may have taken the mail");
    assertThat(result.reusable()).isFalse();
  }

  @Test
  void aFarewellInBetweenDefersThoseAfterIt() {
    var conversation =
        play.open(
            "PIPELINING", joined(TO_THE_DOT, "S: 250 2.0.0 Saved", "S: 421 4.3.2 going down"));
    var result = conversation.send(letter.order());
    assertThat(brief(result))
        .containsExactly("Delivered 2.0.0", "Bounced RCPT 5.1.1", "Deferred END 4.3.2");
    assertThat(result.reusable()).isFalse();
  }

  @Test
  void aReplyTooManyEndsTheConnection() {
    var conversation =
        play.open(
            "PIPELINING",
            joined(TO_THE_DOT, "S: 250 2.0.0 one", "S: 250 2.0.0 two", "S: 250 three"));
    assertThat(conversation.send(letter.order()).reusable()).isFalse();
  }

  @Test
  void nothingIsSentWhenNobodyWasAccepted() {
    var conversation =
        play.open(
            "PIPELINING,CHUNKING",
            "C: MAIL*",
            "C: RCPT*",
            "C: RCPT*",
            "C: RCPT*",
            "S: 250 ok",
            "S: 550 5.1.1 no",
            "S: 450 4.2.0 later",
            "S: 550 5.1.1 no",
            "C: RSET",
            "C: MAIL*",
            "C: RCPT*",
            "C: RCPT*",
            "C: RCPT*",
            "S: 250 ok",
            "S: 550 5.7.1 no");
    var result = conversation.send(letter.order());
    assertThat(brief(result))
        .containsExactly("Bounced RCPT 5.1.1", "Deferred RCPT 4.2.0", "Bounced RCPT 5.1.1");
    assertThat(result.reusable()).isTrue();
  }

  @Test
  void aServerThatKnowsNoChunkThoughItOffersThemGetsTheDot() {
    var conversation =
        play.open(
            "PIPELINING,CHUNKING", joined(ENVELOPE, "C: BDAT*", "C: <chunk>", "S: 502 what?"));
    assertThat(brief(conversation.send(letter.order())))
        .containsExactly("-", "Bounced RCPT 5.1.1", "-");
  }

  @Test
  void parametersOfNoticesArePassedOnWhereTheyAreOffered() {
    var conversation =
        play.open(
            "DSN",
            "C: MAIL FROM:<alice@example.com> RET=HDRS ENVID=x",
            "S: 250 ok",
            "C: RCPT TO:<a@x.example> NOTIFY=SUCCESS ORCPT=rfc822;a@x.example",
            "S: 250 ok",
            "C: DATA",
            "S: 354 go",
            "C: <content>",
            "S: 250 2.0.0 Saved");
    var marked = new Sample.Letter().to("a@x.example");
    marked.ret = DsnReturn.HDRS;
    marked.envid = "x";
    marked.notifyOn = Set.of(DsnNotify.SUCCESS);
    var result = conversation.send(marked.order());
    assertThat(result.outcomes().getFirst())
        .isInstanceOfSatisfying(
            Outcome.Delivered.class, delivered -> assertThat(delivered.dsnOffered()).isTrue());
    play.network.verify();
  }

  @Test
  void aServerThatDoesNotSpeakLmtpIsNotTakenForOneThatDoes() {
    play.network.at(
        "192.0.2.1:25", "S: 220 mx.example ESMTP", "C: LHLO relay.example", "S: 500 5.5.2 what?");
    var failed = Play.failed(play.dial());
    assertThat(brief(failed.outcome())).isEqualTo("Deferred HELLO 4.5.2");
    assertThat(failed.outcome().text()).contains("(in reply to LHLO)");
  }

  @Test
  void aSocketOfThisMachineIsNoHostToLookUpAndNeedsNoTls() {
    play.via.tls = Connector.Tls.REQUIRED;
    play.hosts =
        List.of(
            new NextHop("unix:/run/none", 0, false),
            new NextHop("unix:/run/dovecot/lmtp", 0, false));
    play.network.at(
        "/run/dovecot/lmtp",
        "S: 220 here",
        "C: LHLO relay.example",
        "S: 250 here",
        "C: MAIL*",
        "S: 250 ok",
        "C: RCPT*",
        "S: 250 ok",
        "C: DATA",
        "S: 354 go",
        "C: <content>",
        "S: 250 2.0.0 Saved");
    var opening = play.dial();
    var conversation = Play.opened(opening);
    assertThat(((Opening.Opened) opening).dialogue())
        .contains("* connect to unix:/run/none: Connection refused");
    assertThat(conversation.relay()).isEqualTo("unix:/run/dovecot/lmtp");
    assertThat(brief(conversation.send(new Sample.Letter().to("a@x.example").order())))
        .containsExactly("Delivered 2.0.0");
    assertThat(play.network.dialled()).containsExactly("/run/none", "/run/dovecot/lmtp");
    play.network.verify();
  }
}
