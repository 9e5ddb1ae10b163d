package dev.poststation.smtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReplyTest {
  private static final EnhancedStatus OK = new EnhancedStatus(2, 1, 0);

  @Test
  void everyLineHasCodeAndStatusAndOnlyTheLastASpace() {
    var reply = new Reply(250, OK, List.of("one", "two", "three"));
    assertThat(new String(reply.wire(), StandardCharsets.UTF_8))
        .isEqualTo("250-2.1.0 one\r\n250-2.1.0 two\r\n250 2.1.0 three\r\n");
    assertThat(reply).hasToString("250 2.1.0 one / two / three");
  }

  @Test
  void aReplyWithoutTextHasOneEmptyLine() {
    var reply = new Reply(354, null, List.of());
    assertThat(new String(reply.wire(), StandardCharsets.UTF_8)).isEqualTo("354 \r\n");
  }

  @Test
  void repliesAreEqualByWhatTheySay() {
    var reply = Reply.of(250, "2.1.0", "Ok");
    reply.wire();
    assertThat(reply)
        .isEqualTo(Reply.of(250, "2.1.0", "Ok"))
        .hasSameHashCodeAs(Reply.of(250, "2.1.0", "Ok"));
    assertThat(reply)
        .isNotEqualTo(Reply.of(251, "2.1.0", "Ok"))
        .isNotEqualTo(Reply.of(250, "2.1.1", "Ok"))
        .isNotEqualTo(Reply.of(250, "2.1.0", "ok"))
        .isNotEqualTo(Reply.plain(250, "Ok"));
  }

  @Test
  void theFirstDigitTellsTheKind() {
    assertThat(Reply.plain(250, "").positive()).isTrue();
    assertThat(Reply.plain(354, "").intermediate()).isTrue();
    assertThat(Reply.plain(451, "").transientFailure()).isTrue();
    assertThat(Reply.plain(550, "").permanentFailure()).isTrue();
    assertThat(Reply.plain(550, "").positive()).isFalse();
    assertThat(Reply.plain(354, "").transientFailure()).isFalse();
  }

  @Test
  void whatIsNoCodeIsABugOfOurs() {
    assertThatThrownBy(() -> Reply.plain(199, "")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Reply.plain(600, "")).isInstanceOf(IllegalArgumentException.class);
  }
}
