package dev.poststation.milter;

import static dev.poststation.milter.ToyMilter.packet;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.poststation.os.Os;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.ContentReplies;
import dev.poststation.smtp.Reply;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What is said to a milter, and what is understood of its answers, over a real socket.
@Timeout(30)
class ConversationTest {
  private static final Address ANNA = new Address("anna", "here.test");
  private static final Address BERT = new Address("bert", "there.test");

  private final ToyMilter milter = new ToyMilter();

  @AfterEach
  void closeMilter() {
    milter.close();
  }

  private Conversation begin(boolean changes, Duration limit) throws IOException {
    var to = new InetSocketAddress(InetAddress.getLoopbackAddress(), milter.port());
    var connection = Os.real().network().connect(to, null, Duration.ofSeconds(5));
    connection.deadline(Duration.ofSeconds(20));
    var begun = Conversation.begin(connection, Os.real().time(), changes);
    begun.allow(limit);
    return begun;
  }

  private Conversation begin() throws IOException {
    return begin(true, Duration.ofSeconds(20));
  }

  private static byte[] ascii(String text) {
    return text.getBytes(US_ASCII);
  }

  private Conversation.Ended wholeMail(Conversation talk) throws IOException {
    talk.define("j", "relay.example.com");
    talk.define("client_addr", "192.0.2.1");
    talk.define("i", "Q1");
    talk.connect("[192.0.2.1]", new InetSocketAddress("192.0.2.1", 4711));
    talk.helo("client.test");
    talk.mail(ANNA, List.of("SIZE=100", "BODY=8BITMIME"));
    talk.rcpt(BERT, List.of("NOTIFY=NEVER"));
    talk.data();
    talk.field(ascii("Subject"), ascii(" folded\r\n\ttext"));
    talk.endOfHeader();
    talk.body(ascii("body\r\n"));
    return talk.endOfMessage(1000);
  }

  @Test
  void aMilterHearsAllStagesWithTheMacrosOfEach() throws IOException {
    try (var talk = begin()) {
      assertThat(wholeMail(talk).answer()).isEqualTo(new Answer.Continue());
    }
    assertThat(milter.heard().subList(0, 16))
        .containsExactly(
            "O",
            "DCj|relay.example.com|{client_addr}|192.0.2.1|",
            "C[192.0.2.1]|4\u0012g192.0.2.1|",
            "Hclient.test|",
            "DMi|Q1|{mail_addr}|anna@here.test|{mail_host}|here.test|{mail_mailer}|smtp|",
            "M<anna@here.test>|SIZE=100|BODY=8BITMIME|",
            "DRi|Q1|{rcpt_addr}|bert@there.test|{rcpt_host}|there.test|{rcpt_mailer}|smtp|",
            "R<bert@there.test>|NOTIFY=NEVER|",
            "DTi|Q1|",
            "T",
            "LSubject|folded\n\ttext|",
            "DNi|Q1|",
            "N",
            "Bbody\r\n",
            "DEi|Q1|",
            "E");
  }

  @Test
  void aMilterHearsOnlyWhatItWantsAndMustNotAnswerAll() throws IOException {
    milter.agreeing(6, 0x1FF, 0x1 | 0x2 | 0x10 | 0x200 | 0x80 | 0x100000 | 0x4000);
    milter.says('L').says('M');
    try (var talk = begin()) {
      assertThat(talk.hearsBody()).isFalse();
      wholeMail(talk);
    }
    assertThat(milter.heard())
        .noneMatch(line -> "CHTB".indexOf(line.charAt(0)) >= 0)
        .contains("LSubject| folded\n\ttext|", "M<anna@here.test>|SIZE=100|BODY=8BITMIME|", "E");
  }

  @Test
  void anOldMilterHearsNoStagesThatItDoesNotKnow() throws IOException {
    milter.agreeing(2, 0x3F, 0x40);
    try (var talk = begin()) {
      wholeMail(talk);
      talk.unknown("XYZZY");
    }
    assertThat(milter.heard()).doesNotContain("T", "N", "UXYZZY|").contains("E", "Bbody\r\n");
  }

  @Test
  void aMilterGetsTheMacrosThatItAskedFor() throws IOException {
    milter.wanting(0, "{client_addr}").wanting(2, "").wanting(3, "j, i {unknown}");
    try (var talk = begin()) {
      wholeMail(talk);
    }
    assertThat(milter.heard())
        .contains("DC{client_addr}|192.0.2.1|", "DRj|relay.example.com|i|Q1|")
        .noneMatch(line -> line.startsWith("DM"));
  }

  @Test
  void addressesOfVersionSixAndUnknownOnesHaveTheirFamilies() throws IOException {
    try (var talk = begin()) {
      talk.connect("[2001:db8::1]", new InetSocketAddress("2001:db8::1", 25));
      talk.connect("localhost", null);
    }
    assertThat(milter.heard()).contains("C[2001:db8::1]|6|\u00192001:db8::1|", "Clocalhost|U");
  }

  @Test
  void refusalsAreUnderstoodAtEveryStage() throws IOException {
    milter.says('H', "r").says('M', "t").says('R', packet('y', "550 5.1.1 100%% no|"));
    try (var talk = begin()) {
      assertThat(talk.helo("x")).isEqualTo(refused(ContentReplies.MILTER_REFUSES));
      assertThat(talk.mail(ANNA, List.of())).isEqualTo(refused(ContentReplies.MILTER_DEFERS));
      var no = (Answer.Refused) talk.rcpt(BERT, List.of());
      assertThat(no.reply().toString()).isEqualTo("550 5.1.1 100% no");
    }
    milter.says('H', "4").says('M', "a").says('R', "d").says('B', "s");
    try (var talk = begin()) {
      assertThat(talk.helo("x")).isEqualTo(new Answer.Refused(ContentReplies.MILTER_CLOSES, true));
      assertThat(talk.mail(ANNA, List.of())).isEqualTo(new Answer.Accept());
      assertThat(talk.rcpt(BERT, List.of())).isEqualTo(new Answer.Discard());
      assertThat(talk.body(ascii("x"))).isEqualTo(new Answer.Skip());
    }
  }

  private static Answer refused(Reply reply) {
    return new Answer.Refused(reply, false);
  }

  @Test
  void allChangesAreUnderstoodInTheirOrder() throws IOException {
    milter.says(
        'E',
        packet('h', "X-A|added|"),
        packet('i', 1, "X-B|inserted|"),
        packet('m', 2, "X-C|changed|"),
        packet('m', 1, "X-D||"),
        packet('b', "new "),
        packet('b', "body\r\n"),
        packet('e', "<new@here.test>|RET=HDRS|"),
        packet('+', "<c@there.test>|"),
        packet('2', "<d@there.test>|NOTIFY=NEVER|"),
        packet('-', "<bert@there.test>|"),
        packet('q', "odd|"),
        packet('p', ""),
        packet('c', ""));
    try (var talk = begin()) {
      var ended = wholeMail(talk);
      assertThat(ended.changes().stream().filter(each -> !(each instanceof Change.ReplaceBody)))
          .containsExactly(
              new Change.AddField("X-A", " added"),
              new Change.InsertField(1, "X-B", " inserted"),
              new Change.ChangeField(2, "X-C", " changed"),
              new Change.ChangeField(1, "X-D", ""),
              new Change.ChangeSender("<new@here.test>", "RET=HDRS"),
              new Change.AddRecipient("<c@there.test>", ""),
              new Change.AddRecipient("<d@there.test>", "NOTIFY=NEVER"),
              new Change.RemoveRecipient("<bert@there.test>"),
              new Change.Quarantine("odd"));
      assertThat(ended.changes()).hasSize(11);
    }
  }

  @Test
  void aMilterThatOnlyLooksMayNotChange() throws IOException {
    milter.says('E', packet('h', "X-A|added|"), packet('q', "odd|"), packet('a', ""));
    try (var talk = begin(false, Duration.ofSeconds(20))) {
      var ended = wholeMail(talk);
      assertThat(ended.changes()).containsExactly(new Change.Quarantine("odd"));
      assertThat(ended.unasked()).isEqualTo(1);
    }
  }

  @Test
  void changesOfAMailThatIsRefusedDoNotCount() throws IOException {
    milter.says('E', packet('h', "X-A|added|"), packet('r', ""));
    try (var talk = begin()) {
      assertThat(wholeMail(talk).changes()).isEmpty();
    }
  }

  private void isNoMilter(String why, byte[]... packets) throws IOException {
    milter.says('E', packets);
    try (var talk = begin()) {
      assertThatThrownBy(() -> wholeMail(talk))
          .isInstanceOf(ProtocolException.class)
          .hasMessageContaining(why);
    }
  }

  @Test
  void whatNoMilterMaySayIsBoundedAndTold() throws IOException {
    isNoMilter("2147483647 octets follow", new byte[] {127, -1, -1, -1, 'c'});
    isNoMilter("4294967295 octets follow", new byte[] {-1, -1, -1, -1, 'c'});
    isNoMilter("0 octets follow", new byte[4]);
    isNoMilter("end of message with '?'", packet('?', ""));
    isNoMilter("end of message with 's'", packet('s', ""));
    isNoMilter("end of message with octet 1", packet('\1', ""));
    isNoMilter("larger than the 1000 octets", packet('b', "x".repeat(1001)));
    byte[][] many = new byte[2001][];
    Arrays.fill(many, packet('h', "X|y|"));
    isNoMilter("more than 2000 things", many);
    byte[][] mixed = Arrays.copyOf(many, 2002); // A body in between does not hide the fields.
    mixed[2001] = mixed[2000];
    mixed[1999] = packet('b', "x");
    isNoMilter("more than 2000 things", mixed);
    byte[][] empty = new byte[100][];
    Arrays.fill(empty, packet('b', ""));
    isNoMilter("larger than the 1000 octets", empty);
    byte[][] large = new byte[20][];
    Arrays.fill(large, packet('h', "X|" + "y".repeat(60_000) + "|"));
    isNoMilter("or 1048576 octets", large);
  }

  @Test
  void aChangeBeforeTheEndIsAFault() throws IOException {
    milter.says('R', packet('h', "X|y|"));
    try (var talk = begin()) {
      assertThatThrownBy(() -> talk.rcpt(BERT, List.of()))
          .isInstanceOf(ProtocolException.class)
          .hasMessage("the milter answers RCPT with 'h'");
    }
  }

  @Test
  void termsThatCannotBeKeptAreRefused() {
    milter.agreeing(7, 0, 0);
    assertThatThrownBy(this::begin).hasMessageContaining("speaks version 7");
    milter.agreeing(1, 0, 0);
    assertThatThrownBy(this::begin).hasMessageContaining("speaks version 1");
    milter.agreeing(6, 0, 0x10000000);
    assertThatThrownBy(this::begin).hasMessageContaining("protocol flags 0x10000000");
    milter.agreeing(new byte[5]);
    assertThatThrownBy(this::begin).hasMessageContaining("cut off");
    milter.agreeing(6, 0, 0).wanting(77, "x");
    assertThatThrownBy(this::begin).hasMessageContaining("at a stage that there is not");
  }

  @Test
  void progressGivesTimeAndSilenceDoesNot() throws IOException {
    milter.says('E', "pppppc");
    try (var talk = begin(true, Duration.ofMillis(500))) {
      assertThat(wholeMail(talk).answer()).isEqualTo(new Answer.Continue());
    }
    milter.says('E');
    try (var talk = begin(true, Duration.ofMillis(100))) {
      assertThatThrownBy(() -> wholeMail(talk)).isInstanceOf(SocketTimeoutException.class);
    }
  }

  @Test
  void aMilterThatDiesIsGone() throws IOException {
    try (var talk = begin()) {
      talk.helo("x");
      milter.close();
      assertThatThrownBy(() -> wholeMail(talk))
          .isInstanceOfAny(EOFException.class, IOException.class)
          .isNotInstanceOf(ProtocolException.class);
    }
  }
}
