package dev.poststation.content;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.poststation.config.RspamdService.Action;
import dev.poststation.message.Octets;
import dev.poststation.sim.ScriptedConnection;
import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What an rspamd might answer.
class RspamdAnswerTest {
  private static final Message MAIL =
      new Message(
          "Received: x\r\nX-Old: 1\r\nSubject: s\r\n".getBytes(US_ASCII),
          "\r\n".getBytes(US_ASCII),
          Octets.of("body\r\n".getBytes(US_ASCII)));

  private static RspamdAnswer answer(String json) throws IOException {
    return RspamdAnswer.read(json.getBytes(UTF_8));
  }

  private static String edited(String milter) throws IOException {
    var edits = new FieldEdits(MAIL);
    answer("{\"action\": \"no action\", \"milter\": " + milter + "}").edit(edits);
    return new String(edits.apply().header(), UTF_8);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "{", "[]", "null", "{}", "{\"action\": 7}", "{\"error\": \"no such thing\"}"})
  void whatIsNoAnswerIsToldApart(String json) {
    assertThatThrownBy(() -> answer(json)).isInstanceOf(IOException.class);
  }

  @Test
  void theSummaryNamesWhatCountsMost() throws IOException {
    var answer =
        answer(
            """
            {"action": "add header", "score": 7.5, "required_score": 15,
             "symbols": {"A": {"score": 0.5}, "B": {"score": -9}, "C\\n": {"score": "x"}}}
            """);
    assertThat(answer.summary())
        .isEqualTo("rspamd says \"add header\", score 7.50 of 15.00: B=-9.00, A=0.50, C?=0.00");
    assertThat(answer.known()).contains(Action.ADD_HEADER);
  }

  @Test
  void theSummaryNamesMalwareWhateverItScores() throws IOException {
    var symbols =
        IntStream.range(0, 20)
            .mapToObj(each -> "\"S%d\": {\"score\": %d}".formatted(each, each + 1))
            .collect(Collectors.joining(", "));
    var answer =
        answer(
            "{\"action\": \"reject\", \"symbols\": {%s, \"CLAM_VIRUS\": {\"score\": 0}}}"
                .formatted(symbols));
    assertThat(answer.summary())
        .contains(": CLAM_VIRUS=0.00, S19=20.00, S18=19.00")
        .endsWith(", S9=10.00, 9 others");
  }

  @Test
  void anActionThatNobodyKnowsLetsTheMailGoOn() throws IOException {
    var answer = answer("{\"action\": \"dance\"}");
    assertThat(answer.known()).isEmpty();
    assertThat(answer.summary()).contains("no action of that name is known here");
  }

  @Test
  void whatIsToBeThrownAwayIsHeld() throws IOException {
    assertThat(answer("{\"action\": \"discard\"}").toBeKept()).isTrue();
    assertThat(answer("{\"action\": \"quarantine\"}").toBeKept()).isTrue();
    assertThat(
            answer("{\"action\": \"reject\", \"milter\": {\"reject\": \"quarantine\"}}").toBeKept())
        .isTrue();
    assertThat(answer("{\"action\": \"reject\"}").toBeKept()).isFalse();
  }

  @Test
  void itCanAskNotToActOnItsAction() throws IOException {
    var answer = answer("{\"action\": \"reject\", \"milter\": {\"no_action\": true}}");
    assertThat(answer.known()).isEmpty();
    assertThat(answer.summary()).contains("it asks not to act on that");
  }

  @Test
  void whatIsNotDoneIsSaid() throws IOException {
    assertThat(
            answer("{\"action\": \"no action\", \"milter\": {\"change_from\": \"a@b.test\"}}")
                .summary())
        .endsWith("; not done: change_from");
  }

  @Test
  void fieldsAreAddedAndRemovedInAllTheirForms() throws IOException {
    assertThat(
            edited(
                """
                {"add_headers": {
                   "X-A": "1", "X-B": ["1", {"value": "2", "order": -1}],
                   "X-C": {"value": "3", "order": 1}, "X-D": {"value": 4, "index": 2}},
                 "remove_headers": {"x-old": 0}}
                """))
        .isEqualTo(
            "X-A: 1\r\nX-B: 1\r\nReceived: x\r\nX-C: 3\r\nX-D: 4\r\nSubject: s\r\nX-B: 2\r\n");
  }

  @Test
  void whatIsNoFieldIsPassedOver() throws IOException {
    assertThat(
            edited(
                """
                {"add_headers": {"X A": "1", "": "2", "X-B": {"order": 1}, "X-C": null,
                   "X-D": [[1]], "X-E": {"value": {"a": 1}}},
                 "remove_headers": {"X-Old": 7, "nothing": "x"}}
                """))
        .isEqualTo("Received: x\r\nX-Old: 1\r\nSubject: s\r\n");
    assertThat(edited("7")).isEqualTo("Received: x\r\nX-Old: 1\r\nSubject: s\r\n");
  }

  @Test
  void signaturesOfItsOwnComeInFront() throws IOException {
    var edits = new FieldEdits(MAIL);
    answer("{\"action\": \"no action\", \"dkim-signature\": \"v=1;\\n\\ta=rsa-sha256\"}")
        .edit(edits);
    assertThat(new String(edits.apply().header(), UTF_8))
        .startsWith("DKIM-Signature: v=1;\r\n\ta=rsa-sha256\r\nReceived: x\r\n");
  }

  private static RspamdAnswer ask(String... packets) throws IOException, ServiceException {
    return Rspamd.ask(
        ScriptedConnection.of(packets),
        "POST / HTTP/1.1\r\n\r\n",
        Octets.of(new byte[3]),
        List.of());
  }

  @Test
  void answersAreCountedChunkedOrUpToTheEnd() throws IOException, ServiceException {
    String json = "{\"action\":\"reject\"}";
    assertThat(ask("HTTP/1.1 200 OK\r\nContent-Le", "ngth: 19\r\n\r\n" + json).action())
        .isEqualTo("reject");
    assertThat(ask("HTTP/1.1 200 OK\r\n\r\n", json).action()).isEqualTo("reject");
    assertThat(
            ask(
                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
                    "a;x=y\r\n{\"action\":\r\n9\r\n\"reject\"}\r\n0\r\n\r\n")
                .action())
        .isEqualTo("reject");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "220 mail.test ESMTP\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffff\r\n",
        "HTTP/1.1 200 OK\r\n\r\nno JSON"
      })
  void whatIsNoAnswerMakesItAPlaceThatDoesNotWork(String answer) {
    assertThatThrownBy(() -> ask(answer)).isInstanceOf(IOException.class);
  }

  @Test
  void anErrorIsOfThisMailAndAWrongPasswordOfAll() {
    assertThatThrownBy(() -> ask("HTTP/1.1 500 Too bad\r\nContent-Length: 0\r\n\r\n"))
        .isInstanceOfSatisfying(ServiceException.class, e -> assertThat(e.isDown()).isFalse())
        .hasMessage("rspamd answers HTTP/1.1 500 Too bad");
    assertThatThrownBy(() -> ask("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"))
        .isInstanceOfSatisfying(ServiceException.class, e -> assertThat(e.isDown()).isTrue());
  }
}
