package dev.poststation.smtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.poststation.os.Connection;
import dev.poststation.sim.ManualTime;
import dev.poststation.sim.ScriptedNetwork;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.time.Duration;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReplyReaderTest {
  private static ReplyReader reader(String... script) throws IOException {
    return new ReplyReader(connection(script), 100, 5);
  }

  private static Connection connection(String... script) throws IOException {
    var network = new ScriptedNetwork(new ManualTime()).at("127.0.0.1:25", script);
    return network.connect(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), 25), null, Duration.ZERO);
  }

  @Test
  void aLineIsTakenApart() throws IOException {
    Reply reply = reader("S: 250 2.1.5 Recipient ok").read();
    assertThat(reply).isEqualTo(Reply.of(250, "2.1.5", "Recipient ok"));
  }

  @Test
  void severalLinesAreOneReply() throws IOException {
    Reply reply = reader("S: 550-5.7.1 Go", "S: 550-5.7.1 away", "S: 550 5.7.2 now").read();
    assertThat(reply.status()).isEqualTo(new EnhancedStatus(5, 7, 1));
    assertThat(reply.lines()).containsExactly("Go", "away", "5.7.2 now");
  }

  @Test
  void repliesThatComeTogetherAreReadOneByOne() throws IOException {
    var reader = reader("S> 250 one\\r\\n250-two\\r\\n250 three\\r\\n354 four\\r\\n");
    assertThat(reader.read().lines()).containsExactly("one");
    assertThat(reader.buffered()).isTrue();
    assertThat(reader.read().lines()).containsExactly("two", "three");
    assertThat(reader.read().code()).isEqualTo(354);
    assertThat(reader.buffered()).isFalse();
  }

  @Test
  void theSameReplyIsTheSameObject() throws IOException {
    var reader = reader("S: 250 2.1.0 Ok", "S: 250 2.1.0 Ok", "S: 250 2.1.5 Ok");
    assertThat(reader.read()).isSameAs(reader.read()).isNotEqualTo(reader.read());
  }

  @Test
  void aBareLineFeedEndsALine() throws IOException {
    assertThat(reader("S> 250 fine\\n").read().lines()).containsExactly("fine");
  }

  @ParameterizedTest
  @ValueSource(strings = {"S: 250", "S: 250 ", "S> 250\\n"})
  void aCodeAloneIsAReply(String script) throws IOException {
    assertThat(reader(script).read()).isEqualTo(Reply.plain(250, ""));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "S: 250 5.1.1 wrong class", "S: 250 2.1 too short", "S: 250 2.1.5x no end",
        "S: 250 2.1234.5 too many digits", "S: 250 2..5 no digits",
            "S: 354 3.0.0 no class of its own",
        "S: 250 2.1.", "S: 250 2.1.5.6 an address"
      })
  void whatIsNoStatusOfThisCodeIsText(String script) throws IOException {
    Reply reply = reader(script).read();
    assertThat(reply.status()).isNull();
    assertThat(reply.lines()).containsExactly(script.substring(7));
  }

  @Test
  void aStatusMayStandAlone() throws IOException {
    assertThat(reader("S: 250 2.0.0").read()).isEqualTo(Reply.of(250, "2.0.0", ""));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "S: HTTP/1.1 400 Bad Request",
        "S: ",
        "S: 25",
        "S: 2x0 hello",
        "S: 199 early",
        "S: 600 late",
        "S: 250_what",
        "S: 1000 long",
        "S> \\0\\0\\0\\0\\n",
        "S> \\xff\\xfe\\n"
      })
  void whatIsNoReplyIsSaidSo(String script) {
    assertThatThrownBy(() -> reader(script).read())
        .isInstanceOf(MalformedReplyException.class)
        .hasMessageStartingWith("no SMTP reply: ");
  }

  @Test
  void codesMustAgree() {
    assertThatThrownBy(() -> reader("S: 250-one", "S: 550 other").read())
        .isInstanceOf(MalformedReplyException.class)
        .hasMessage("a reply with code 250 and 550");
  }

  @Test
  void aLongLineIsCutAndTheNextOneIsStillUnderstood() throws IOException {
    var reader = reader("S: 250 " + "x".repeat(9000), "S: 251 next");
    Reply reply = reader.read();
    assertThat(reply.code()).isEqualTo(250);
    assertThat(reply.lines()).containsExactly("x".repeat(96));
    assertThat(reader.read()).isEqualTo(Reply.plain(251, "next"));
  }

  @Test
  void aLineJustWithinTheLimitIsKept() throws IOException {
    for (int length = 90; length < 110; length++) {
      var reader = reader("S: 250 " + "y".repeat(length), "S: 251 next");
      assertThat(reader.read().lines().getFirst()).isEqualTo("y".repeat(Math.min(96, length)));
      assertThat(reader.read().code()).isEqualTo(251);
    }
  }

  @Test
  void aLongLineAmongSeveralIsCut() throws IOException {
    var reader = reader("S: 250-" + "a".repeat(200), "S: 250 b", "S: 251 next");
    assertThat(reader.read().lines()).containsExactly("a".repeat(96), "b");
    assertThat(reader.read().code()).isEqualTo(251);
  }

  @Test
  void aLineWithoutEndEnds() {
    assertThatThrownBy(
            () ->
                reader("S> 250 ", "<endless aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa>").read())
        .isInstanceOf(MalformedReplyException.class)
        .hasMessage("a reply line without end");
  }

  @Test
  void aReplyWithoutEndEnds() {
    assertThatThrownBy(() -> reader("<endless 250-and more\\r\\n>").read())
        .isInstanceOf(MalformedReplyException.class)
        .hasMessage("a reply of more than 5 lines");
  }

  @Test
  void textIsMadeHarmless() throws IOException {
    var reader = reader("S> 250 a\\0b\\e[31mc\\td \\xe2\\x80\\xae\\xc3\\xa4 \\xff \\r x\\r\\n");
    assertThat(reader.read().lines()).containsExactly("a?b?[31mc d ?ä ? ? x");
  }

  @Test
  void anEndInTheMiddleIsNoReply() {
    assertThatThrownBy(() -> reader("S> 250 Ok", "<close>").read())
        .isInstanceOf(EOFException.class);
    assertThatThrownBy(() -> reader("S: 250-Ok", "<close>").read())
        .isInstanceOf(EOFException.class);
    assertThatThrownBy(() -> reader("<close>").read()).isInstanceOf(EOFException.class);
    assertThatThrownBy(() -> reader("S> 250 Ok", "<timeout>").read())
        .isInstanceOf(SocketTimeoutException.class);
  }

  @Property(tries = 500)
  void anyOctetsAreAReplyOrRefusedWithinBounds(@ForAll @Size(max = 300) byte[] octets)
      throws IOException {
    var script = new StringBuilder("S> ");
    for (byte b : octets) {
      script
          .append("\\x")
          .append(Character.forDigit(b >> 4 & 15, 16))
          .append(Character.forDigit(b & 15, 16));
    }
    // Digits and line ends often enough to get somewhere.
    var reader = reader("S> 250-", script.toString(), "<close>");
    try {
      while (true) {
        Reply reply = reader.read();
        assertThat(reply.lines()).hasSizeLessThanOrEqualTo(5);
        for (String line : reply.lines()) {
          assertThat(line).hasSizeLessThanOrEqualTo(100).doesNotContain("\r", "\n", "\0");
        }
      }
    } catch (EOFException | MalformedReplyException _) {
      // Nothing else may happen.
    }
  }
}
