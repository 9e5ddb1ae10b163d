package dev.poststation.delivery;

import static dev.poststation.delivery.Play.brief;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Every step of a mail times everything that a next hop can do wrong there.
class TroubleTest {
  private static final String ENDLESS_REPLY = "<endless 250-more and more\\r\\n>";
  private static final String ENDLESS_LINE =
      "<endless 250 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa>";

  private final Play play = new Play();

  /// Without pipelining: after `good` steps the next hop does `trouble`.
  private Attempt.Result plain(int good, String trouble) {
    String[] commands = {"C: MAIL*", "C: RCPT*", "C: DATA", "C: <content>"};
    String[] replies = {"S: 250 ok", "S: 250 ok", "S: 354 go"};
    List<String> script = new ArrayList<>();
    for (int i = 0; i <= good; i++) {
      script.add(commands[i]);
      script.add(i < good ? replies[i] : trouble);
    }
    return play.open("", script.toArray(String[]::new)).send(new Sample.Letter().order());
  }

  /// With pipelining: the same.
  private Attempt.Result pipelined(int good, String trouble) {
    List<String> script = new ArrayList<>(List.of("C: MAIL*", "C: RCPT*", "C: DATA"));
    String[] replies = {"S: 250 ok", "S: 250 ok", "S: 354 go", "S: 250 ok"};
    for (int i = 0; i < good; i++) {
      if (i == 3) {
        script.add("C: <content>");
      }
      script.add(replies[i]);
    }
    if (good == 3) {
      script.add("C: <content>");
    }
    script.add(trouble);
    return play.open("PIPELINING", script.toArray(String[]::new)).send(new Sample.Letter().order());
  }

  /// With all of the mail in one group.
  private Attempt.Result chunked(int good, String trouble) {
    List<String> script =
        new ArrayList<>(List.of("C: MAIL*", "C: RCPT*", "C: BDAT*", "C: <chunk>"));
    for (int i = 0; i < good; i++) {
      script.add("S: 250 ok");
    }
    script.add(trouble);
    return play.open("PIPELINING,CHUNKING", script.toArray(String[]::new))
        .send(new Sample.Letter().order());
  }

  @ParameterizedTest
  @CsvSource({
    "0, MAIL", "1, RCPT", "2, DATA", "3, END",
  })
  void aNextHopThatFailsAsTransportDefersAndIsOfNoMoreUse(int step, String stage) {
    record Trouble(String what, String status) {}
    for (Trouble trouble :
        List.of(
            new Trouble("S: 421 4.3.2 shutting down", "4.3.2"),
            new Trouble("<close>", "4.4.2"),
            new Trouble("<reset>", "4.4.2"),
            new Trouble("<timeout>", "4.4.2"),
            new Trouble("S: %$&/ garbage", "4.5.0"),
            new Trouble("S: 199 too low", "4.5.0"),
            new Trouble(ENDLESS_REPLY, "4.5.0"),
            new Trouble(ENDLESS_LINE, "4.5.0"))) {
      String expected = "Deferred " + stage + " " + trouble.status;
      for (var result : List.of(plain(step, trouble.what), pipelined(step, trouble.what))) {
        assertThat(brief(result)).as(trouble.what).containsExactly(expected);
        assertThat(result.reusable()).as(trouble.what).isFalse();
      }
      if (step != 2) {
        var result = new TroubleTest().chunked(Math.min(step, 2), trouble.what);
        String chunked =
            trouble.what.startsWith("S: 421") ? expected : "Deferred END " + trouble.status;
        assertThat(brief(result)).as(trouble.what).containsExactly(chunked);
        assertThat(result.reusable()).isFalse();
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "0, 450 4.7.1 later, Deferred MAIL 4.7.1", "0, 550 5.7.1 never, Bounced MAIL 5.7.1",
    "1, 450 4.2.0 later, Deferred RCPT 4.2.0", "1, 550 5.1.1 never, Bounced RCPT 5.1.1",
    "2, 450 4.3.0 later, Deferred DATA 4.3.0", "2, 554 5.7.0 never, Bounced DATA 5.7.0",
    "3, 450 4.3.0 later, Deferred END 4.3.0", "3, 554 5.7.0 never, Bounced END 5.7.0",
  })
  void aNextHopThatRefusesStaysOfUse(int step, String reply, String outcome) {
    var result = plain(step, "S: " + reply);
    assertThat(brief(result)).containsExactly(outcome);
    assertThat(result.reusable()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({"0, 354 what", "1, 334 what", "2, 250 what", "3, 354 what"})
  void aReplyOutOfPlaceDefersAndEndsTheTalk(int step, String reply) {
    for (var result : List.of(plain(step, "S: " + reply), pipelined(step, "S: " + reply))) {
      assertThat(brief(result)).first().asString().startsWith("Deferred ").endsWith(" 4.5.0");
      assertThat(result.reusable()).isFalse();
    }
  }

  /// Nor does the content go out: the next hop must not take a mail without our knowing.
  @Test
  void afterAReplyTooManyTheContentIsNotSent() {
    tooMany(
        play.open(
            "",
            "C: MAIL*",
            "S: 250 ok",
            "C: RCPT*",
            "S: 250 ok",
            "C: DATA",
            "S> 354 go\\r\\n250 ok\\r\\n"));
    tooMany(
        play.open(
            "PIPELINING",
            "C: MAIL*",
            "C: RCPT*",
            "C: DATA",
            "S> 250 ok\\r\\n250 ok\\r\\n354 go\\r\\n250 ok\\r\\n"));
    var chunk =
        play.open("CHUNKING", "C: MAIL*", "S: 250 ok", "C: RCPT*", "S> 250 ok\\r\\n250 ok\\r\\n");
    assertThat(brief(chunk.send(new Sample.Letter().order())))
        .containsExactly("Deferred RCPT 4.5.0");
    play.network.verify();
  }

  private void tooMany(Conversation conversation) {
    var result = conversation.send(new Sample.Letter().order());
    assertThat(brief(result)).containsExactly("Deferred CONTENT 4.5.0");
    assertThat(result.outcomes().getFirst().text()).contains("said more than it was asked for");
    assertThat(result.reusable()).isFalse();
    assertThat(play.peer().contents()).isEmpty();
  }

  @Test
  void withoutPipeliningAReplyTooManyEndsTheTalkAtOnce() {
    for (String reply : List.of("250 ok", "550 5.1.1 no")) {
      var conversation =
          play.open(
              "", "C: MAIL*", "S: 250 ok", "C: RCPT*", "S> " + reply + "\\r\\n" + reply + "\\r\\n");
      var result = conversation.send(new Sample.Letter().to("a@x.example", "b@x.example").order());
      assertThat(brief(result).getLast()).isEqualTo("Deferred RCPT 4.5.0");
      assertThat(result.reusable()).isFalse();
    }
    play.network.verify();
  }

  /// All is said at once there, so that a reply too many shifts those after it.
  @ParameterizedTest
  @CsvSource({
    "250 ok, Delivered 2.0.0",
    "550 5.7.1 spam, Deferred END 4.5.0",
    "452 4.3.1 full, Deferred END 4.5.0",
    "354 go, Deferred END 4.5.0",
    "421 4.3.2 one mail at a time, Delivered 2.0.0",
    "'', Delivered 2.0.0"
  })
  void aMailInOneGroupIsDeliveredOnlyIfNoReplyTooManySaysOtherwise(String last, String outcome) {
    var conversation =
        play.open(
            "PIPELINING,CHUNKING",
            "C: MAIL*",
            "C: RCPT*",
            "C: BDAT*",
            "C: <chunk>",
            "S> 250 ok\\r\\n250 ok\\r\\n250 ok\\r\\n" + last + "\\r\\n");
    var result = conversation.send(new Sample.Letter().order());
    assertThat(brief(result)).containsExactly(outcome);
    assertThat(result.reusable()).isFalse();
    assertThat(result.dialogue().getLast().endsWith("it will get DATA"))
        .isEqualTo(outcome.startsWith("Deferred"));
  }

  /// Some firewalls let the offer of CHUNKING pass, but not BDAT.
  @ParameterizedTest
  @CsvSource({"500 what", "502 5.5.1 not here", "503 5.5.1 out of order", "504 what"})
  void aNextHopThatOffersChunkingButKnowsNoBdatGetsDataFromThenOn(String reply) {
    var result = chunked(2, "S: " + reply);
    assertThat(brief(result)).containsExactly("-");
    assertThat(result.dialogue().getLast())
        .isEqualTo("* it offers CHUNKING, but BDAT does not work: it will get DATA");
    assertThat(result.reusable()).isFalse();
    var again =
        play.open(
            "PIPELINING,CHUNKING",
            "C: MAIL*",
            "C: RCPT*",
            "C: DATA",
            "S: 250 ok",
            "S: 250 ok",
            "S: 354 go",
            "C: <content>",
            "S: 250 ok");
    assertThat(brief(again.send(new Sample.Letter().order()))).containsExactly("Delivered 2.0.0");
  }

  @Test
  void aChunkThatIsRefusedForItsContentBounces() {
    assertThat(brief(chunked(2, "S: 550 5.7.1 spam"))).containsExactly("Bounced END 5.7.1");
    assertThat(brief(chunked(2, "S: 554 5.6.0 bad"))).containsExactly("Bounced END 5.6.0");
  }

  @Test
  void aChunkToNobodySaysNothingAboutChunking() {
    var conversation =
        play.open(
            "PIPELINING,CHUNKING",
            "C: MAIL*",
            "C: RCPT*",
            "C: BDAT*",
            "C: <chunk>",
            "S: 250 ok",
            "S: 550 no",
            "S: 503 no recipients");
    var result = conversation.send(new Sample.Letter().order());
    assertThat(brief(result)).containsExactly("Bounced RCPT 5.1.1");
    assertThat(result.reusable()).isTrue();
  }

  @Test
  void afterTheContentALostReplyMayMeanADuplicate() {
    assertThat(plain(3, "<close>").outcomes().getFirst().text())
        .contains("may have taken the mail all the same");
    assertThat(plain(3, "<timeout>").outcomes().getFirst().text()).contains("twice");
    assertThat(plain(2, "<close>").outcomes().getFirst().text()).doesNotContain("twice");
  }

  /// It has all of it, with the end: another host must not get it at once.
  @ParameterizedTest
  @CsvSource({"0", "1", "2"})
  void aLostReplyAfterAMailInOneGroupMayMeanADuplicateWhicheverReplyItWas(int heard) {
    for (String trouble : List.of("<close>", "<reset>", "<timeout>", "S: %$&/ garbage")) {
      var peers = new TroubleTest();
      var result = peers.chunked(heard, trouble);
      assertThat(brief(result)).first().asString().startsWith("Deferred END ");
      assertThat(result.outcomes().getFirst().text())
          .contains("waiting for the reply to the end of the content")
          .contains("may have taken the mail all the same");
      assertThat(peers.play.peer().contents()).hasSize(1);
    }
  }

  /// So that it does not keep the mail from other hosts for ever.
  @Test
  void aNextHopThatAnswersNothingToAMailInOneGroupGetsDataFromThenOn() {
    assertThat(chunked(0, "<close>").dialogue().getLast()).contains("next time it will get DATA");
    var again = play.open("PIPELINING,CHUNKING", "C: MAIL*", "C: RCPT*", "C: DATA", "<close>");
    assertThat(brief(again.send(new Sample.Letter().order())))
        .containsExactly("Deferred MAIL 4.4.2");
    play.network.verify();
  }

  @Test
  void whatWasRefusedBeforeTheRepliesToAMailInOneGroupWereLostStaysRefused() {
    var conversation =
        play.open(
            "PIPELINING,CHUNKING",
            "C: MAIL*",
            "C: RCPT*",
            "C: RCPT*",
            "C: BDAT*",
            "C: <chunk>",
            "S: 250 ok",
            "S: 550 5.1.1 no",
            "<close>");
    var result = conversation.send(new Sample.Letter().to("a@x.example", "b@x.example").order());
    assertThat(brief(result)).containsExactly("Bounced RCPT 5.1.1", "Deferred END 4.4.2");
  }

  /// After a time-out it may still be at it: asked again at once, it would have the mail twice.
  @ParameterizedTest
  @CsvSource({"<close>, true", "<reset>, true", "<timeout>, false"})
  void aMailThatWentOutWhollyAndWasNotAnsweredMayHaveBeenTakenWhereverTheConnectionComesFrom(
      String trouble, boolean again) {
    var conversation =
        play.open(
            "PIPELINING,CHUNKING",
            "C: MAIL*",
            "C: RCPT*",
            "C: BDAT*",
            "C: <chunk>",
            "S: 250 ok",
            "S: 250 ok",
            "S: 250 ok",
            "C: MAIL*",
            "C: RCPT*",
            "C: BDAT*",
            "C: <chunk>",
            trouble);
    assertThat(conversation.send(new Sample.Letter().order()).reusable()).isTrue();
    var result = conversation.send(new Sample.Letter().order());
    assertThat(brief(result)).containsExactly("Deferred END 4.4.2");
    assertThat(result.outcomes().getFirst().toString()).contains(Diagnosis.DOUBT);
    assertThat(conversation.unheard()).isEqualTo(again);
  }

  @Test
  void aConnectionThatHasRestedGetsNoContentBeforeItHasAnswered() {
    var conversation =
        play.open(
            "PIPELINING,CHUNKING",
            "C: MAIL*",
            "C: RCPT*",
            "C: BDAT*",
            "C: <chunk>",
            "S: 250 ok",
            "S: 250 ok",
            "S: 250 ok",
            "C: MAIL*",
            "C: RCPT*",
            "<close>");
    assertThat(conversation.send(new Sample.Letter().order()).reusable()).isTrue();
    play.time.advance(Duration.ofSeconds(2));
    var result = conversation.send(new Sample.Letter().order());
    assertThat(brief(result)).containsExactly("-");
    assertThat(result.dialogue().getLast())
        .isEqualTo("* the connection was kept open from an earlier mail and is gone");
  }

  @Test
  void whatWasRefusedBeforeTheConnectionBrokeStaysRefused() {
    var conversation =
        play.open(
            "PIPELINING",
            "C: MAIL*",
            "C: RCPT*",
            "C: RCPT*",
            "C: RCPT*",
            "C: DATA",
            "S: 250 ok",
            "S: 550 5.1.1 no",
            "S: 250 ok",
            "<reset>");
    var result =
        conversation.send(
            new Sample.Letter().to("a@x.example", "b@x.example", "c@x.example").order());
    assertThat(brief(result))
        .containsExactly("Bounced RCPT 5.1.1", "Deferred RCPT 4.4.2", "Deferred RCPT 4.4.2");
  }

  @Test
  void recipientsThatWerePutOffAreNotDrawnIntoWhatFollows() {
    var conversation =
        play.open(
            "PIPELINING",
            "C: MAIL*",
            "C: RCPT*",
            "C: RCPT*",
            "C: DATA",
            "S: 250 ok",
            "S: 250 ok",
            "S: 452 too many",
            "S: 354 go",
            "C: <content>",
            "<close>");
    var result = conversation.send(new Sample.Letter().to("a@x.example", "b@x.example").order());
    assertThat(brief(result)).containsExactly("Deferred END 4.4.2", "-");
  }

  @Test
  void aNextHopThatHangsUpInTheContentMayHaveSaidWhy() {
    byte[] large = new byte[300_000];
    for (int i = 0; i < large.length; i += 3) {
      large[i] = 'x';
      large[i + 1] = '\r';
      large[i + 2] = '\n';
    }
    var conversation =
        play.open(
            "PIPELINING",
            "C: MAIL*",
            "C: RCPT*",
            "C: DATA",
            "S: 250 ok",
            "S: 250 ok",
            "S> 354 go\\r\\n552 5.3.4 too big\\r\\n",
            "<close>");
    var result = conversation.send(new Sample.Letter().content(large).order());
    assertThat(brief(result)).containsExactly("Bounced CONTENT 5.3.4");
    assertThat(result.reusable()).isFalse();
    var silent =
        play.open(
            "PIPELINING",
            "C: MAIL*",
            "C: RCPT*",
            "C: DATA",
            "S: 250 ok",
            "S: 250 ok",
            "S: 354 go",
            "<close>");
    assertThat(brief(silent.send(new Sample.Letter().content(large).order())))
        .containsExactly("Deferred CONTENT 4.4.2");
    var lying =
        play.open(
            "PIPELINING",
            "C: MAIL*",
            "C: RCPT*",
            "C: DATA",
            "S: 250 ok",
            "S: 250 ok",
            "S> 354 go\\r\\n250 fine\\r\\n",
            "<close>");
    assertThat(brief(lying.send(new Sample.Letter().content(large).order())))
        .containsExactly("Deferred CONTENT 4.5.0");
  }

  @ParameterizedTest
  @CsvSource({"S: 421 4.4.2 idle", "<close>", "<reset>", "<timeout>"})
  void aReusedConversationThatIsGoneBurnsNoAttempt(String trouble) {
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
            "S: 250 ok",
            "C: MAIL*",
            trouble);
    assertThat(conversation.send(new Sample.Letter().order()).reusable()).isTrue();
    var result = conversation.send(new Sample.Letter().to("a@x.example", "b@x.example").order());
    assertThat(brief(result)).containsExactly("-", "-");
    assertThat(result.reusable()).isFalse();
    assertThat(result.dialogue().getLast())
        .isEqualTo("* the connection was kept open from an earlier mail and is gone");
  }

  @Test
  void aReusedConversationThatAnsweredIsAnAttempt() {
    var conversation =
        play.open(
            "",
            "C: MAIL*",
            "S: 250 ok",
            "C: RCPT*",
            "S: 250 ok",
            "C: DATA",
            "S: 354 go",
            "C: <content>",
            "S: 250 ok",
            "C: MAIL*",
            "S: 250 ok",
            "C: RCPT*",
            "S: 421 bye");
    conversation.send(new Sample.Letter().order());
    assertThat(brief(conversation.send(new Sample.Letter().order())))
        .containsExactly("Deferred RCPT 4.3.2");
  }

  @Test
  void aRefusedRsetIsNoAttemptEither() {
    var conversation =
        play.open("", "C: MAIL*", "S: 250 ok", "C: RCPT*", "S: 550 no", "C: RSET", "S: 500 what");
    conversation.send(new Sample.Letter().order());
    var result = conversation.send(new Sample.Letter().order());
    assertThat(brief(result)).containsExactly("-");
    assertThat(result.reusable()).isFalse();
  }

  @Test
  void eachStepHasItsTimeOut() {
    assertThat(plain(0, "<timeout>").transferNanos()).isEqualTo(Sample.TIMEOUTS.mail().toNanos());
    assertThat(plain(1, "<timeout>").transferNanos()).isEqualTo(Sample.TIMEOUTS.rcpt().toNanos());
    assertThat(plain(2, "<timeout>").transferNanos())
        .isEqualTo(Sample.TIMEOUTS.dataInit().toNanos());
    assertThat(plain(3, "<timeout>").transferNanos())
        .isEqualTo(Sample.TIMEOUTS.dataEnd().toNanos());
  }

  @Test
  void aNextHopThatIsAlwaysJustInTimeIsLeftInTheEnd() {
    // Each recipient's reply takes 4 minutes of the 5 that are allowed: one hour is enough.
    List<String> script = new ArrayList<>(List.of("C: MAIL*", "S: 250 ok"));
    for (int i = 0; i < 15; i++) {
      script.add("C: RCPT*");
      script.add("<wait 4m>");
      script.add("S: 250 ok");
    }
    script.add("C: RCPT*");
    String[] to = new String[20];
    Arrays.setAll(to, i -> "r" + i + "@x.example");
    var conversation = play.open("", script.toArray(String[]::new));
    var result = conversation.send(new Sample.Letter().to(to).order());
    assertThat(brief(result)).hasSize(20).containsOnly("Deferred RCPT 4.4.2");
    assertThat(result.transferNanos()).isEqualTo(Sample.LIMITS.transactionTime().toNanos());
  }
}
