package dev.poststation.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.sim.Golden;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RepliesTest {
  static List<Replies.Entry> all() {
    return Replies.all();
  }

  @Test
  void theCatalogueIsTheOneThatWasReviewed() throws IOException {
    var actual = new StringBuilder();
    for (Replies.Entry entry : Replies.all()) {
      actual.append(wire(entry.reply()).replace("\r\n", "\n")).append("  <- ").append(entry.when());
      actual.append("\n\n");
    }
    Golden.check("replies.txt", actual.toString());
  }

  @Test
  void noReplyIsMissingInTheCatalogue() throws IllegalAccessException {
    List<Reply> listed = Replies.all().stream().map(Replies.Entry::reply).toList();
    List<Field> fields = new ArrayList<>(List.of(Replies.class.getDeclaredFields()));
    fields.addAll(List.of(PolicyReplies.class.getDeclaredFields()));
    fields.addAll(List.of(AuthReplies.class.getDeclaredFields()));
    for (Field field : fields) {
      if (field.getType() == Reply.class && Modifier.isStatic(field.getModifiers())) {
        assertThat(listed).as(field.getName()).contains((Reply) field.get(null));
      }
    }
  }

  @Test
  void noTwoRepliesAreTheSame() {
    Stream<String> wires = Replies.all().stream().map(entry -> wire(entry.reply()));
    assertThat(wires).doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @MethodSource("all")
  void aReplyHasShortLinesOfAscii(Replies.Entry entry) {
    // RFC 5321 4.5.3.1.5; RFC 6531 3.7.4.2: non-ASCII only where the client asked for it.
    assertThat(wire(entry.reply()).split("\r\n", -1))
        .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(510).matches("[ -~]*"));
  }

  @ParameterizedTest
  @MethodSource("all")
  void codeAndStatusSayTheSame(Replies.Entry entry) {
    // RFC 2034 4.
    EnhancedStatus status = entry.reply().status();
    if (status == null) {
      assertThat(entry.reply().code()).isIn(220, 250, 334, 354);
    } else {
      assertThat(status.klass()).isEqualTo(entry.reply().code() / 100);
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void sendingAReplyAgainMakesNothingAnew(Replies.Entry entry) {
    assertThat(entry.reply().wire()).isSameAs(entry.reply().wire());
  }

  private static String wire(Reply reply) {
    return new String(reply.wire(), StandardCharsets.ISO_8859_1);
  }
}
