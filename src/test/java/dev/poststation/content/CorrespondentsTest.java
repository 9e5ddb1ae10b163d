package dev.poststation.content;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.message.Octets;
import dev.poststation.os.Os;
import dev.poststation.smtp.Address;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CorrespondentsTest {
  private static final Address ANNA = new Address("anna", "here.test");
  private static final Address BOB = new Address("bob", "there.test");

  @TempDir private Path data;

  private static Message mail(String header) {
    return new Message(
        header.getBytes(US_ASCII),
        "\r\n".getBytes(US_ASCII),
        Octets.of("x\r\n".getBytes(US_ASCII)));
  }

  private static String shown(Correspondents known, String header, String... to) {
    var facts = MadeUpServices.facts("bounces@there.test", to);
    return new String(known.shown(mail(header), facts.recipients()).header(), US_ASCII);
  }

  private static void writes(Correspondents known, String header, String from, String to) {
    new Remembering(known).examine(mail(header), MadeUpServices.facts(from, to), Duration.ZERO);
  }

  @Test
  void whoWasWrittenToIsKnownByHisRecipientAndNobodyElse() {
    try (var known = new Correspondents(Os.real(), data)) {
      writes(known, "Subject: x\r\n", "Anna@here.test", "bob@THERE.test");
      assertThat(known.knows(ANNA, BOB)).isTrue();
      assertThat(known.knows(BOB, ANNA)).isFalse();
      assertThat(known.knows(new Address("\"anna\"", "here.test"), BOB)).isTrue();
      assertThat(shown(known, "From: Bob <Bob@there.test>\r\n", "anna@here.test"))
          .isEqualTo("X-Known-Correspondent: yes\r\nFrom: Bob <Bob@there.test>\r\n");
      assertThat(shown(known, "From: bob@there.test\r\n", "anna@here.test", "carl@here.test"))
          .isEqualTo("From: bob@there.test\r\n");
      assertThat(shown(known, "From: bob@there.test, x@y.test\r\n", "anna@here.test"))
          .doesNotContain("Known");
      assertThat(
              shown(
                  known,
                  "From: bob@there.test" + "\r\n ".repeat(600) + ", x@y.test\r\n",
                  "anna@here.test"))
          .doesNotContain("Known");
      assertThat(shown(known, "Subject: no author\r\n", "anna@here.test")).doesNotContain("Known");
    }
  }

  @Test
  void nobodyElseCanSayThatHeIsKnown() {
    try (var known = new Correspondents(Os.real(), data)) {
      assertThat(
              shown(
                  known,
                  "x-known-correspondent: yes\r\nFrom: bob@there.test\r\n",
                  "anna@here.test"))
          .isEqualTo("From: bob@there.test\r\n");
    }
  }

  @Test
  void programsTeachNothing() {
    try (var known = new Correspondents(Os.real(), data)) {
      writes(known, "Auto-Submitted: auto-replied\r\n", "anna@here.test", "bob@there.test");
      writes(known, "Precedence: bulk\r\n", "anna@here.test", "bob@there.test");
      writes(known, "List-Unsubscribe: <mailto:x@y>\r\n", "anna@here.test", "bob@there.test");
      writes(known, "Subject: bounce\r\n", "@", "bob@there.test");
      assertThat(known.knows(ANNA, BOB)).isFalse();
      writes(known, "Auto-Submitted: no\r\n", "anna@here.test", "bob@there.test");
      assertThat(known.knows(ANNA, BOB)).isTrue();
    }
  }

  @Test
  void aRestartForgetsNobodyAndHalfAYearDoes() throws IOException {
    try (var known = new Correspondents(Os.real(), data)) {
      known.remember(ANNA, BOB);
    }
    assertThat(new Correspondents(Os.real(), data).knows(ANNA, BOB)).isTrue();
    assertThat(Correspondents.asWritten(Os.real(), data).knows(ANNA, BOB)).isTrue();
    long day = LocalDate.now(ZoneOffset.UTC).toEpochDay() - 181;
    Files.writeString(
        data.resolve(Correspondents.FILE), day + "\tanna@here.test\tbob@there.test\nrubbish\n");
    try (var known = new Correspondents(Os.real(), data)) {
      assertThat(known.knows(ANNA, BOB)).isFalse();
      known.remember(BOB, ANNA);
    }
    assertThat(Files.readAllLines(data.resolve(Correspondents.FILE)))
        .singleElement()
        .asString()
        .endsWith("\tbob@there.test\tanna@here.test");
  }

  @Test
  void ofTooManyTheLatestStay() {
    var known = new Correspondents(Os.real(), data);
    known.remember(ANNA, BOB);
    String label = "x".repeat(60) + ".";
    for (int i = 0; i < 100_000; i++) {
      known.remember(ANNA, new Address("a" + i, label.repeat(3) + "test"));
    }
    assertThat(known.knows(ANNA, BOB)).isFalse();
    assertThat(known.knows(ANNA, new Address("a99999", label.repeat(3) + "test"))).isTrue();
    assertThat(known.knows(ANNA, new Address("a50000", label.repeat(3) + "test"))).isTrue();
  }
}
