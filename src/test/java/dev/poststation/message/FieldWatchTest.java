package dev.poststation.message;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class FieldWatchTest {
  private static final String MAIL =
      "Received: from a\r\n"
          + " by b\r\n"
          + "PRECEDENCE :  Bulk \r\n"
          + "List-Id: Staff\r\n"
          + " <staff.example.com>\r\n"
          + "List-Id: other\r\n"
          + "Subject: Precedence: list\r\n\r\n"
          + "List-Id: body\r\n";

  private static FieldWatch fed(String mail, int piece) {
    var watch = new FieldWatch(List.of("precedence", "list-id", "x-none"));
    byte[] octets = mail.getBytes(StandardCharsets.UTF_8);
    for (int at = 0; at < octets.length; at += piece) {
      watch.feed(octets, at, Math.min(piece, octets.length - at));
    }
    watch.finish();
    return watch;
  }

  @Property(tries = 60)
  void fieldsAreFoundInWhateverPiecesTheyCome(@ForAll @IntRange(min = 1, max = 120) int piece) {
    var watch = fed(MAIL, piece);
    assertThat(watch.values("precedence")).containsExactly("Bulk");
    assertThat(watch.values("list-id")).containsExactly("Staff <staff.example.com>", "other");
    assertThat(watch.values("x-none")).isEmpty();
    assertThat(watch.values("subject")).isEmpty();
  }

  @Example
  void encodedWordsAreWhatPeopleRead() {
    var watch = new FieldWatch(List.of("subject", "x-odd"));
    String mail =
        "Subject: =?UTF-8?B?W3NlY3JldF0g?=\r\n =?iso-8859-1?q?Pr=FCfung?= 7\r\n"
            + "X-Odd: =?x-unknown?q?a?= =?utf-8?b?*?= =?\r\n\r\n";
    byte[] octets = mail.getBytes(StandardCharsets.US_ASCII);
    watch.feed(octets, 0, octets.length);
    assertThat(watch.values("subject")).containsExactly("[secret] Prüfung 7");
    assertThat(watch.values("x-odd").getFirst()).startsWith("=?x-unknown?q?a?=");
  }

  @Example
  void aHeaderWithoutABodyIsReadToItsEnd() {
    assertThat(fed("Precedence: list", 100).values("precedence")).containsExactly("list");
    assertThat(fed("List-Id:\r\n", 100).values("list-id")).containsExactly("");
  }

  @Example
  void aHeaderThatEndsWithALineThatIsNoFieldIsNotWhole() {
    assertThat(fed("List-Id: x\r\n\r\nno field\r\n", 7).whole()).isTrue();
    assertThat(fed("From anna@a.example Mon Jan 1\nList-Id: x\n", 7).whole()).isTrue();
    assertThat(fed("List-Id: x\r\n", 7).whole()).isTrue();
    assertThat(fed("List-Id: x\r\nno field\r\nList-Id: y\r\n", 7).whole()).isFalse();
    assertThat(fed("List-Id: x\r\nno field: y\r\n", 7).whole()).isFalse();
    assertThat(fed("List-Id: x\r\nList", 7).whole()).isFalse();
    assertThat(fed("List-Id: x\r\nno field: y\r\nList-Id: z\r\n", 7).values("list-id"))
        .containsExactly("x");
  }

  @Example
  void whatASenderRepeatsOrDragsOutIsNotKept() {
    var many = fed("List-Id: x\r\n".repeat(1000), 500);
    assertThat(many.values("list-id")).hasSize(20);
    var huge = fed("List-Id: " + "x".repeat(100_000) + "\r\n", 500);
    assertThat(huge.values("list-id").getFirst()).hasSizeLessThan(1000);
    var name = fed("P".repeat(100_000) + ": x\r\nPrecedence: bulk\r\n", 500);
    assertThat(name.values("precedence")).containsExactly("bulk");
  }
}
