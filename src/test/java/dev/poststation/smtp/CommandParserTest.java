package dev.poststation.smtp;

import static dev.poststation.smtp.Parsing.A_AT_B;
import static dev.poststation.smtp.Parsing.PLAIN;
import static dev.poststation.smtp.Parsing.assertInvalid;
import static dev.poststation.smtp.Parsing.invalid;
import static dev.poststation.smtp.Parsing.mail;
import static dev.poststation.smtp.Parsing.parse;
import static dev.poststation.smtp.Parsing.parseOctets;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.smtp.Command.Invalid;
import java.nio.charset.StandardCharsets;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CommandParserTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "EHLO client.example.com | true  | client.example.com",
        "ehlo [192.0.2.1]        | true  | [192.0.2.1]",
        "HELO DESKTOP_1          | false | DESKTOP_1",
        "Helo   x                | false | x",
        "EHLO my printer (2)     | true  | my printer (2)",
      })
  void helloHasAnyPrintableName(String line, boolean extended, String name) {
    assertThat(parse(line)).isEqualTo(new Command.Hello(extended, name));
  }

  @ParameterizedTest
  @ValueSource(strings = {"EHLO", "HELO ", "EHLO büro"})
  void helloNeedsAName(String line) {
    assertInvalid(line, Replies.HELLO_SYNTAX);
    assertInvalid("EHLO " + "a".repeat(256), Replies.HELLO_SYNTAX);
  }

  @ParameterizedTest
  @CsvSource({
    "BDAT 0, 0, false",
    "BDAT 0 LAST, 0, true",
    "bdat 86 last, 86, true",
    "BDAT  1000000000000   LAST  , 1000000000000, true",
    "BDAT 9223372036854775806, 9223372036854775806, false",
  })
  void aChunkHasASize(String line, long size, boolean last) {
    assertThat(parse(line)).isEqualTo(new Command.Bdat(size, last));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "BDAT",
        "BDAT ",
        "BDAT LAST",
        "BDAT\t86 LAST",
        "BDAT86",
        "BDAT -1",
        "BDAT +1",
        "BDAT 1x",
        "BDAT 0x10",
        "BDAT 10 LASTS",
        "BDAT 10 FIRST",
        "BDAT 10 LAST LAST",
        "BDAT 9223372036854775807",
        "BDAT 9223372036854775808 LAST",
        "BDAT 18446744073709551617",
        "BDAT 99999999999999999999999",
      })
  void aChunkOfUnknownSizeEndsTheSession(String line) {
    assertThat(parse(line)).isEqualTo(new Invalid("BDAT", Replies.BDAT_SYNTAX, true));
  }

  @Test
  void whateverIsWrongWithBdatEndsTheSession() {
    assertThat(parse("BDAT 86\u0000")).isEqualTo(new Invalid("BDAT", Replies.LINE_CONTROL, true));
    assertThat(parseOctets("BDAT 86 \u00ff"))
        .isEqualTo(new Invalid("BDAT", Replies.LINE_NOT_UTF8, true));
  }

  @Test
  void commandsWithoutArgument() {
    assertThat(parse("DATA")).isEqualTo(new Command.Data());
    assertThat(parse("data  ")).isEqualTo(new Command.Data());
    assertThat(parse("RSET")).isEqualTo(new Command.Rset());
    assertThat(parse("quit")).isEqualTo(new Command.Quit());
    assertThat(parse("StartTLS")).isEqualTo(new Command.StartTls());
  }

  @ParameterizedTest
  @ValueSource(strings = {"DATA", "RSET", "QUIT", "STARTTLS"})
  void anArgumentThatDoesNotBelongIsRefused(String verb) {
    assertInvalid(verb + " now", Replies.ARGUMENT_UNWANTED);
  }

  @Test
  void noopAndHelpMayHaveAnArgument() {
    assertThat(parse("NOOP")).isEqualTo(new Command.Noop());
    assertThat(parse("NOOP are you there?")).isEqualTo(new Command.Noop());
    assertThat(parse("HELP")).isEqualTo(new Command.Help());
    assertThat(parse("help MAIL")).isEqualTo(new Command.Help());
  }

  @Test
  void vrfyAndExpnNeedAnArgumentOfAnyKind() {
    assertThat(parse("VRFY jürgen SMTPUTF8")).isEqualTo(new Command.Vrfy("jürgen"));
    assertThat(parse("VRFY jürgen")).isEqualTo(new Command.Vrfy("jürgen"));
    assertThat(parse("expn staff smtputf8")).isEqualTo(new Command.Expn("staff"));
    assertThat(parse("VRFY SMTPUTF8")).isEqualTo(new Command.Vrfy("SMTPUTF8"));
    assertThat(parse("VRFY John Doe")).isEqualTo(new Command.Vrfy("John Doe"));
    assertInvalid("VRFY", Replies.ARGUMENT_MISSING);
    assertInvalid("EXPN ", Replies.ARGUMENT_MISSING);
  }

  @Test
  void authKeepsItsSecretOutOfLogs() {
    var auth = new Command.Auth("PLAIN", "AGEAYg==");
    assertThat(parse("AUTH PLAIN AGEAYg==")).isEqualTo(auth);
    assertThat(parse("auth LOGIN")).isEqualTo(new Command.Auth("LOGIN", null));
    assertThat(auth.toString()).contains("PLAIN").doesNotContain("AGEAYg==");
    assertInvalid("AUTH", Replies.ARGUMENT_MISSING);
  }

  @ParameterizedTest
  @CsvSource({
    "FOO, FOO",
    "GET / HTTP/1.1, GET",
    "MAILFROM:<a@b>, MAILFROM:<a@b>",
    "MAILS, MAILS",
    "STARTTLSX, STARTTLSX",
    "'', ''",
    "' EHLO x', ''",
    "X-very-long-command-that-never-ends-at-all, X-very-long-command-that-never-e",
  })
  void anUnknownVerbIsNamedAtModerateLength(String line, String verb) {
    assertThat(parse(line)).isEqualTo(new Command.Unknown(verb));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 7, 8, 9, 10, 11, 13, 27, 31, 127})
  void noCommandHasControlCharacters(int control) {
    String c = String.valueOf((char) control);
    for (String line :
        List.of(
            "MAIL FROM:<a" + c + "@b>",
            "NOOP " + c + "x",
            c + "QUIT",
            "Q" + c + "UIT",
            "EHLO a" + c + "b")) {
      assertThat(parse(line))
          .isInstanceOfSatisfying(
              Invalid.class, it -> assertThat(it.reply()).isSameAs(Replies.LINE_CONTROL));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"\u0080", "\u009b", "\u0085", "\u2028", "\u2029"})
  void controlCharactersBeyondAsciiAreNoBetter(String control) {
    assertInvalid("MAIL FROM:<a" + control + "@b> SMTPUTF8", Replies.LINE_CONTROL);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\u00fc",
        "\u00c3",
        "\u00c0\u0080",
        "\u00e0\u0080\u008a",
        "\u00ed\u00a0\u0080",
        "\u00f8\u0088\u0080\u0080\u0080",
        "\u00ff",
        "\u00fe",
        "\u00f4\u0090\u0080\u0080"
      })
  void octetsThatAreNoUtf8AreRefused(String octets) {
    assertThat(parseOctets("MAIL FROM:<a" + octets + "@b> SMTPUTF8"))
        .isEqualTo(invalid("MAIL", Replies.LINE_NOT_UTF8));
  }

  @Test
  void onlyTheRangeIsRead() {
    byte[] octets = "xxMAIL FROM:<a@b> SIZE=12yy".getBytes(StandardCharsets.US_ASCII);
    assertThat(CommandParser.parse(octets, 2, octets.length - 4, PLAIN))
        .isEqualTo(new Command.Mail(A_AT_B, 12, BodyType.SEVEN_BIT, false, null, null, false));
  }

  @Property(tries = 2000)
  void noOctetsMakeItThrow(@ForAll byte[] octets, @ForAll boolean stray, @ForAll boolean utf8) {
    var options = new CommandParser.Options(stray, utf8);
    assertThat(CommandParser.parse(octets, 0, octets.length, options)).isNotNull();
  }

  @Property(tries = 5000)
  void noNearlyRightCommandMakesItThrow(
      @ForAll("nearlyCommands") String line, @ForAll boolean utf8) {
    byte[] octets = line.getBytes(StandardCharsets.UTF_8);
    Command command =
        CommandParser.parse(octets, 0, octets.length, new CommandParser.Options(true, utf8));
    if (command instanceof Command.Rcpt rcpt) {
      assertThat(rcpt.to().isInternational() && !utf8).isFalse();
      assertThat(rcpt.to().isNull()).isFalse();
    }
    if (command instanceof Command.Mail mail) {
      assertThat(mail.from().isInternational() && !mail.smtputf8()).isFalse();
    }
  }

  @Provide
  Arbitrary<String> nearlyCommands() {
    Arbitrary<String> piece =
        Arbitraries.of(
            "MAIL FROM:",
            "RCPT TO:",
            "BDAT ",
            "VRFY ",
            "<",
            ">",
            "@",
            "a",
            "b",
            "ü",
            "\"",
            "\\",
            ".",
            ":",
            ",",
            "[",
            "]",
            "IPv6:",
            "1",
            " ",
            "SIZE=",
            "BODY=",
            "7BIT",
            "SMTPUTF8",
            "RET=",
            "ENVID=",
            "NOTIFY=",
            "NEVER",
            "ORCPT=",
            "utf-8;",
            "rfc822;",
            "\\x{FC}",
            "+2B",
            "+",
            "=",
            "LAST");
    Arbitrary<String> start =
        Arbitraries.of("MAIL FROM:<a@b>", "RCPT TO:<a@b>", "MAIL FROM:", "RCPT TO:", "");
    return start.flatMap(
        begin -> piece.list().ofMaxSize(10).map(pieces -> begin + String.join("", pieces)));
  }
}
