package dev.poststation.log;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.Reply;
import java.io.IOException;
import java.time.ZoneOffset;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

final class EscapeTest {
  private static final String EVIL =
      "x\"\r\n2026 event=queued id=FAKE\u001b[2J\u009b31m\u2028\u202e\u0000\\ = <y> ";

  private static Event.Rejected rejected(String text) {
    return new Event.Rejected(
        text,
        Samples.peer("203.0.113.9", 1),
        text,
        "RCPT",
        text,
        new Address(text, text),
        new Address(text, text),
        new Reply(550, null, java.util.List.of(text)),
        text);
  }

  private static String line(Form form, Event event) {
    var out = new StringBuilder();
    form.write(out, event, Samples.TIME);
    return out.toString();
  }

  @Test
  void aPeerCannotForgeALineInAnyForm() {
    for (var form :
        new Form[] {
          new KeyedForm(false), new KeyedForm(true), new PostfixForm("h", ZoneOffset.UTC, 1)
        }) {
      var line = line(form, rejected(EVIL));
      assertThat(line.indexOf('\n')).isEqualTo(line.length() - 1);
      assertThat(line.substring(0, line.length() - 1).chars())
          .noneMatch(c -> Escape.hidden((char) c.intValue()));
    }
  }

  @Test
  void anEhloNameCannotEndItsBracketsInThePostfixForm() {
    var line =
        line(
            new PostfixForm("h", ZoneOffset.UTC, 1),
            rejected("x> from unknown[198.51.100.1]: 554 5.7.1 <a@b>"));
    assertThat(line).endsWith("helo=<x? from unknown[198.51.100.1]: 554 5.7.1 ?a@b?>\n");
  }

  @Test
  void longValuesAreCutAndSaySo() throws IOException {
    var long_ = "y".repeat(100_000);
    for (var form :
        new Form[] {
          new KeyedForm(false), new KeyedForm(true), new PostfixForm("h", ZoneOffset.UTC, 1)
        }) {
      assertThat(line(form, rejected(long_)).length()).isLessThan(12_000);
    }
    assertThat(Logfmt.parse(line(new KeyedForm(false), rejected(long_)).strip()).get("rule"))
        .isEqualTo("y".repeat(Escape.LINE_MAX) + "…");
  }

  @Test
  void aCutNeverSplitsACharacter() {
    assertThat(Escape.cut("a😀b", 2)).isEqualTo(1);
    assertThat(Escape.cut("a😀b", 3)).isEqualTo(3);
    assertThat(Escape.cut("ab", 2)).isEqualTo(2);
  }

  @Property(tries = 300)
  void whatIsWrittenReadsBackTheSame(@ForAll @StringLength(max = 300) String text)
      throws IOException {
    var json = new ObjectMapper().readTree(line(new KeyedForm(true), rejected(text)));
    assertThat(json.path("rule").asText()).isEqualTo(text);
    var logfmt = line(new KeyedForm(false), rejected(text));
    assertThat(logfmt.indexOf('\n')).isEqualTo(logfmt.length() - 1);
    var fields = Logfmt.parse(logfmt.substring(0, logfmt.length() - 1));
    assertThat(fields.get("rule")).isEqualTo(text);
    assertThat(fields.get("helo")).isEqualTo(text.isEmpty() ? null : text);
  }
}
