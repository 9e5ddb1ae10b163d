package dev.poststation.delivery;

import static dev.poststation.delivery.Play.brief;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.message.Outcome;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Mails to many recipients: how they are divided.
class RecipientsTest {
  private final Play play = new Play();

  @Test
  void tooManyRecipientsArePutOffAndTheNextMailsAreSplit() {
    var conversation =
        play.open(
            "PIPELINING",
            "C: MAIL*",
            "C: RCPT TO:<a@x.example>",
            "C: RCPT TO:<b@x.example>",
            "C: RCPT TO:<c@x.example>",
            "C: DATA",
            "S: 250 ok",
            "S: 250 ok",
            "S: 250 ok",
            "S: 452 4.5.3 too many",
            "S: 354 go",
            "C: <content>",
            "S: 250 ok",
            "C: MAIL*",
            "C: RCPT TO:<a@x.example>",
            "C: RCPT TO:<b@x.example>",
            "C: DATA",
            "S: 250 ok",
            "S: 250 ok",
            "S: 250 ok",
            "S: 354 go",
            "C: <content>",
            "S: 250 ok");
    var letter = new Sample.Letter().to("a@x.example", "b@x.example", "c@x.example");
    var result = conversation.send(letter.order());
    assertThat(brief(result)).containsExactly("Delivered 2.0.0", "Delivered 2.0.0", "-");
    assertThat(result.reusable()).isTrue();
    assertThat(brief(conversation.send(letter.order())))
        .containsExactly("Delivered 2.0.0", "Delivered 2.0.0", "-");
    play.network.verify();
  }

  @Test
  void theFirstRecipientCannotBeTooMany() {
    var conversation =
        play.open(
            "PIPELINING",
            "C: MAIL*",
            "C: RCPT*",
            "C: RCPT*",
            "C: DATA",
            "S: 250 ok",
            "S: 452 4.5.3 too many",
            "S: 552 too many",
            "S: 554 none");
    var result = conversation.send(new Sample.Letter().to("a@x.example", "b@x.example").order());
    assertThat(brief(result)).containsExactly("Deferred RCPT 4.5.3", "Deferred RCPT 4.5.3");
  }

  @Test
  void fewerRecipientsAreSentWhereTheNextHopOrTheConnectorSaysSo() {
    play.via.recipients = 2;
    var conversation =
        play.open(
            "PIPELINING",
            "C: MAIL*",
            "C: RCPT TO:<a@x.example>",
            "C: RCPT TO:<b@x.example>",
            "C: DATA",
            "S: 250 ok",
            "S: 250 ok",
            "S: 250 ok",
            "S: 354 go",
            "C: <content>",
            "S: 250 ok");
    var letter = new Sample.Letter().to("a@x.example", "b@x.example", "c@x.example");
    assertThat(brief(conversation.send(letter.order())))
        .containsExactly("Delivered 2.0.0", "Delivered 2.0.0", "-");
    var limited =
        play.open(
            "PIPELINING,LIMITS RCPTMAX=1",
            "C: MAIL*",
            "C: RCPT TO:<a@x.example>",
            "C: DATA",
            "S: 250 ok",
            "S: 250 ok",
            "S: 354 go",
            "C: <content>",
            "S: 250 ok");
    assertThat(brief(limited.send(letter.order()))).containsExactly("Delivered 2.0.0", "-", "-");
    play.network.verify();
  }

  @Test
  void domainsAreCountedWhereTheNextHopLimitsThem() {
    var conversation =
        play.open(
            "PIPELINING,LIMITS RCPTDOMAINMAX=1",
            "C: MAIL*",
            "C: RCPT TO:<a@x.example>",
            "C: RCPT TO:<c@X.example>",
            "C: DATA",
            "S: 250 ok",
            "S: 250 ok",
            "S: 250 ok",
            "S: 354 go",
            "C: <content>",
            "S: 250 ok");
    var letter = new Sample.Letter().to("a@x.example", "b@y.example", "c@X.example");
    assertThat(brief(conversation.send(letter.order())))
        .containsExactly("Delivered 2.0.0", "-", "Delivered 2.0.0");
  }

  @Test
  void afterAsManyMailsAsAreAllowedTheConversationIsOver() {
    String[] mail = {
      "C: MAIL*",
      "C: RCPT*",
      "C: DATA",
      "S: 250 ok",
      "S: 250 ok",
      "S: 354 go",
      "C: <content>",
      "S: 250 ok"
    };
    String[] two = new String[16];
    System.arraycopy(mail, 0, two, 0, 8);
    System.arraycopy(mail, 0, two, 8, 8);
    var conversation = play.open("PIPELINING,LIMITS MAILMAX=2", two);
    assertThat(conversation.send(new Sample.Letter().order()).reusable()).isTrue();
    assertThat(conversation.send(new Sample.Letter().order()).reusable()).isFalse();
    assertThat(conversation.sent()).isEqualTo(2);
    play.via.mails = 1;
    assertThat(play.open("PIPELINING", mail).send(new Sample.Letter().order()).reusable())
        .isFalse();
  }

  @Test
  void manyRecipientsAreSaidInGroups() {
    String[] to = new String[1000];
    Arrays.setAll(to, i -> "recipient-with-a-long-name-" + i + "@long-domain-name.example");
    play.via.recipients = 1000;
    var script = new ArrayList<String>();
    script.add("C: MAIL*");
    script.add("S: 250 ok");
    for (String _ : to) {
      script.add("C: RCPT*");
      script.add("S: 250 ok");
    }
    script.addAll(List.of("C: DATA", "S: 354 go", "C: <content>", "S: 250 ok"));
    var conversation = play.open("PIPELINING", script.toArray(String[]::new));
    var result = conversation.send(new Sample.Letter().to(to).order());
    assertThat(result.outcomes()).hasSize(1000).allMatch(Outcome.Delivered.class::isInstance);
    assertThat(play.peer().writes()).hasSizeLessThan(10).allMatch(size -> size < 20_000);
    assertThat(result.dialogue()).hasSizeLessThan(130);
    play.network.verify();
  }
}
