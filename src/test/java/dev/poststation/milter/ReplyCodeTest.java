package dev.poststation.milter;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Replies that milters wish for.
class ReplyCodeTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "550 5.7.1 No;550 5.7.1 No",
        "550 No;550 5.7.1 No",
        "451 4.2.0 Later\\r\\n451 more;451 4.2.0 Later / more",
        "550-5.7.1 One\\r\\n550-5.7.1 Two\\r\\n550 5.7.1 Three;550 5.7.1 One / Two / Three",
        "550-5.7.1 One\\nTwo;550 5.7.1 One / Two",
        "550 4.7.1 Wrong class;550 5.7.1 Wrong class",
        "554 5.7.1 100%% of%d;554 5.7.1 100% of%d",
        "550 5.7.1 caf\u00e9\\t!;550 5.7.1 caf? !",
        "550;550 5.7.1 A filter of this relay refuses this",
        "450 ;450 4.7.1 A filter of this relay refuses this for now: please try again later",
        "250 2.0.0 Fine;451 4.7.1 A filter of this relay refuses this for now: please try again"
            + " later",
        "600 x;451 4.7.1 A filter of this relay refuses this for now: please try again later",
        "5507 x;451 4.7.1 A filter of this relay refuses this for now: please try again later",
        "'';451 4.7.1 A filter of this relay refuses this for now: please try again later"
      })
  void areMadeValid(String sent, String reply) {
    var read = ReplyCode.read(sent.replace("\\r", "\r").replace("\\n", "\n").replace("\\t", "\t"));
    assertThat(read.reply().toString()).isEqualTo(reply);
    assertThat(read.closes()).isFalse();
  }

  @Test
  void areBoundedAndCloseWith421() {
    assertThat(ReplyCode.read("421 4.7.0 Bye").closes()).isTrue();
    var long1 = ReplyCode.read("550 5.7.1 " + "x".repeat(100_000)).reply();
    assertThat(long1.lines().getFirst()).hasSize(480);
    var many = ReplyCode.read("550 a\r\n".repeat(1000)).reply();
    assertThat(many.lines()).hasSize(32);
  }
}
