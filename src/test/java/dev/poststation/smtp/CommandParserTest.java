package dev.poststation.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.smtp.Command.Invalid;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
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
  private static final CommandParser.Options PLAIN = new CommandParser.Options(false, false);
  private static final CommandParser.Options UTF8 = new CommandParser.Options(false, true);
  private static final CommandParser.Options STRAY = new CommandParser.Options(true, false);
  private static final Address A_AT_B = new Address("a", "b");

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
  @ValueSource(
      strings = {
        "MAIL FROM:<a@b>",
        "mail from:<a@b>",
        "MaIl FrOm:<a@b>",
        "MAIL   FROM:<a@b>",
        "MAIL FROM:<a@b>   ",
        "MAIL FROM:<a@b> \t ",
        "MAIL FROM:<a@b.>",
        "MAIL FROM:<@x,@y:a@b>",
        "MAIL FROM:<a@b> AUTH=<>",
        "MAIL FROM:<a@b> AUTH=e+3Dmc2@example.com",
        "MAIL FROM:<a@b> BODY=7BIT",
      })
  void mailWithoutFurtherWishes(String line) {
    assertThat(parse(line)).isEqualTo(mail(A_AT_B));
  }

  @Test
  void mailOfTheNullReversePath() {
    assertThat(parse("MAIL FROM:<>")).isEqualTo(mail(Address.NULL));
  }

  @Test
  void mailWithAllParameters() {
    assertThat(
            parse(
                "MAIL FROM:<jürgen@b> SIZE=1000  body=8bitmime SMTPUTF8 RET=hdrs ENVID=QQ+20314"
                    + " AUTH=<>"))
        .isEqualTo(
            new Command.Mail(
                new Address("jürgen", "b"),
                1000,
                BodyType.EIGHT_BIT_MIME,
                true,
                DsnReturn.HDRS,
                "QQ+20314",
                false));
    assertThat(parse("MAIL FROM:<a@b> RET=FULL BODY=BINARYMIME"))
        .isEqualTo(
            new Command.Mail(A_AT_B, -1, BodyType.BINARY_MIME, false, DsnReturn.FULL, null, false));
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "000001, 1",
    "9223372036854775807, 9223372036854775807",
    "9223372036854775808, 9223372036854775807",
    "99999999999999999999, 9223372036854775807",
  })
  void aSizeBeyondAllMeasureIsTheGreatest(String text, long size) {
    assertThat(parse("MAIL FROM:<a@b> SIZE=" + text))
        .isInstanceOfSatisfying(
            Command.Mail.class, mail -> assertThat(mail.size()).isEqualTo(size));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"MAIL", "MAIL FROM", "MAIL FROM:", "MAIL FROM: ", "MAIL TO:<a@b>", "MAIL <a@b>"})
  void mailWithoutFromIsRefused(String line) {
    assertInvalid(line, Replies.MAIL_SYNTAX);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"RCPT", "RCPT TO", "RCPT TO:", "RCPT FROM:<a@b>", "RCPT <a@b>", "RCPT TO :<a@b>"})
  void rcptWithoutToIsRefused(String line) {
    assertInvalid(line, Replies.RCPT_SYNTAX);
  }

  @Test
  void everyKindOfBadAddressHasItsReply() {
    assertInvalid("MAIL FROM:a@b", Replies.SENDER_BRACKETS);
    assertInvalid("RCPT TO:a@b", Replies.RECIPIENT_BRACKETS);
    assertInvalid("MAIL FROM:<a@b", Replies.SENDER_BRACKETS);
    assertInvalid("MAIL FROM:<a b@c>", Replies.SENDER_SYNTAX);
    assertInvalid("RCPT TO:<a@b@c>", Replies.RECIPIENT_SYNTAX);
    assertInvalid("MAIL FROM:<a@b>SIZE=1", Replies.SENDER_SYNTAX);
    assertInvalid("RCPT TO:<a@b>NOTIFY=NEVER", Replies.RECIPIENT_SYNTAX);
    assertInvalid("MAIL FROM:<" + "a".repeat(65) + "@b>", Replies.SENDER_TOO_LONG);
    assertInvalid("RCPT TO:<" + "a".repeat(65) + "@b>", Replies.RECIPIENT_TOO_LONG);
    assertInvalid("MAIL FROM:<Postmaster>", Replies.SENDER_SYNTAX);
    assertInvalid("RCPT TO:<>", Replies.RECIPIENT_SYNTAX);
  }

  @ParameterizedTest
  @ValueSource(strings = {" ", "   "})
  void aStraySpaceIsUnderstoodOnlyWhereTheClientMay(String spaces) {
    String mail = "MAIL FROM:" + spaces + "<a@b> SIZE=1";
    String rcpt = "RCPT TO:" + spaces + "<a@b>";
    assertInvalid(mail, Replies.SENDER_SPACE);
    assertInvalid(rcpt, Replies.RECIPIENT_SPACE);
    assertThat(parse(mail, STRAY))
        .isEqualTo(new Command.Mail(A_AT_B, 1, BodyType.SEVEN_BIT, false, null, null, true));
    assertThat(parse(rcpt, STRAY)).isEqualTo(new Command.Rcpt(A_AT_B, Set.of(), null));
    assertThat(parse("MAIL FROM:<a@b>", STRAY)).isEqualTo(mail(A_AT_B));
    assertThat(parse("MAIL FROM: a@b", STRAY)).isEqualTo(invalid("MAIL", Replies.SENDER_BRACKETS));
  }

  @ParameterizedTest
  @CsvSource({
    "SIZE, SIZE",
    "SIZE=-1, SIZE",
    "SIZE=1x, SIZE",
    "SIZE=123456789012345678901, SIZE",
    "BODY, BODY",
    "BODY=9BIT, BODY",
    "BODY=8BITMIMES, BODY",
    "SMTPUTF8=yes, SMTPUTF8",
    "RET, RET",
    "RET=ALL, RET",
    "ENVID, ENVID",
    "ENVID=a+0D+0Ab, ENVID",
    "ENVID=a+2b, ENVID",
    "ENVID=ü, ENVID",
    "AUTH, AUTH",
  })
  void aBadValueInMailIsNamed(String parameter, String keyword) {
    assertInvalid("MAIL FROM:<a@b> " + parameter, Replies.parameterValue(keyword));
  }

  @Test
  void envidAndOrcptHaveTheirLimits() {
    assertThat(parse("MAIL FROM:<a@b> ENVID=" + "e".repeat(100))).isInstanceOf(Command.Mail.class);
    assertInvalid("MAIL FROM:<a@b> ENVID=" + "e".repeat(101), Replies.parameterValue("ENVID"));
    assertThat(parse("RCPT TO:<a@b> ORCPT=rfc822;" + "e".repeat(493)))
        .isInstanceOf(Command.Rcpt.class);
    assertInvalid("RCPT TO:<a@b> ORCPT=rfc822;" + "e".repeat(494), Replies.parameterValue("ORCPT"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SIZE=",
        "=1",
        "SIZE=1=2",
        "-SIZE=1",
        "SI_ZE=1",
        "SMTPUTF8=",
        "=",
        "ENVID=a=b",
        "Ü=1"
      })
  void aMalformedParameterIsRefused(String parameter) {
    assertInvalid("MAIL FROM:<a@b> " + parameter, Replies.PARAMETER_SYNTAX);
    assertInvalid("RCPT TO:<a@b> " + parameter, Replies.PARAMETER_SYNTAX);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "FOO",
        "FOO=bar",
        "X",
        "REQUIRETLS",
        "BY=120;R",
        "MT-PRIORITY=3",
        "SIZES=1",
        "1=2"
      })
  void anUnknownParameterIsRefusedAsSuch(String parameter) {
    assertInvalid("MAIL FROM:<a@b> " + parameter, Replies.PARAMETER_UNKNOWN);
    assertInvalid("RCPT TO:<a@b> " + parameter, Replies.PARAMETER_UNKNOWN);
  }

  @Test
  void parametersOfTheOtherCommandAreUnknown() {
    assertInvalid("MAIL FROM:<a@b> NOTIFY=NEVER", Replies.PARAMETER_UNKNOWN);
    assertInvalid("RCPT TO:<a@b> SIZE=1", Replies.PARAMETER_UNKNOWN);
  }

  @ParameterizedTest
  @ValueSource(strings = {"SIZE=1", "BODY=7BIT", "SMTPUTF8", "RET=FULL", "ENVID=x", "AUTH=<>"})
  void noParameterOfMailMayComeTwice(String parameter) {
    assertInvalid("MAIL FROM:<a@b> " + parameter + " " + parameter, Replies.PARAMETER_TWICE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"NOTIFY=SUCCESS", "ORCPT=rfc822;a@b"})
  void noParameterOfRcptMayComeTwice(String parameter) {
    assertInvalid("RCPT TO:<a@b> " + parameter + " " + parameter, Replies.PARAMETER_TWICE);
  }

  @Test
  void rcptWithAllParameters() {
    assertThat(parse("rcpt to:<a@b> notify=delay,Success,FAILURE orcpt=rfc822;a+2Bx@b"))
        .isEqualTo(
            new Command.Rcpt(
                A_AT_B,
                EnumSet.of(DsnNotify.SUCCESS, DsnNotify.FAILURE, DsnNotify.DELAY),
                "rfc822;a+2Bx@b"));
    assertThat(parse("RCPT TO:<a@b> NOTIFY=NEVER"))
        .isEqualTo(new Command.Rcpt(A_AT_B, Set.of(DsnNotify.NEVER), null));
  }

  @Test
  void conditionsOfNotifyKeepTheirOrder() {
    assertThat(parse("RCPT TO:<a@b> NOTIFY=DELAY,FAILURE,SUCCESS"))
        .isInstanceOfSatisfying(
            Command.Rcpt.class,
            rcpt ->
                assertThat(rcpt.notifyOn())
                    .containsExactly(DsnNotify.SUCCESS, DsnNotify.FAILURE, DsnNotify.DELAY));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "NOTIFY | NOTIFY",
        "NOTIFY=NEVER,SUCCESS | NOTIFY",
        "NOTIFY=SUCCESS,NEVER | NOTIFY",
        "NOTIFY=ALWAYS | NOTIFY",
        "NOTIFY=SUCCESS, | NOTIFY",
        "NOTIFY=,SUCCESS | NOTIFY",
        "NOTIFY=SUCCESS,,DELAY | NOTIFY",
        "ORCPT | ORCPT",
        "ORCPT=a@b | ORCPT",
        "ORCPT=;a@b | ORCPT",
        "ORCPT=rfc(822;a@b | ORCPT",
        "ORCPT=rfc822;a+b | ORCPT",
        "ORCPT=rfc822;a+0D+0ATo:+20x | ORCPT",
        "ORCPT=rfc822;ü@b | ORCPT",
        "ORCPT=utf-8; | ORCPT",
        "ORCPT=utf-8;ü@b | ORCPT",
        "ORCPT=utf-8;a+2Bb@c | ORCPT",
        "ORCPT=utf-8;\\x{0D}@c | ORCPT",
        "ORCPT=ü;a | ORCPT",
      })
  void aBadValueInRcptIsNamed(String parameter, String keyword) {
    assertInvalid("RCPT TO:<a@b> " + parameter, Replies.parameterValue(keyword));
  }

  @ParameterizedTest
  @ValueSource(strings = {"rfc822;a@b", "RFC822;", "utf-8;\\x{FC}@b", "UTF-8;a@b", "x400;/G+3Da"})
  void anOriginalRecipientIsKeptAsOnTheWire(String orcpt) {
    assertThat(parse("RCPT TO:<a@b> ORCPT=" + orcpt))
        .isEqualTo(new Command.Rcpt(A_AT_B, Set.of(), orcpt));
  }

  @Test
  void anInternationalMailIsDeclaredAsSuch() {
    assertInvalid("MAIL FROM:<jürgen@b>", Replies.SENDER_INTERNATIONAL);
    assertInvalid("MAIL FROM:<a@bücher.de> SIZE=1", Replies.SENDER_INTERNATIONAL);
    assertInvalid("RCPT TO:<jürgen@b>", Replies.RECIPIENT_INTERNATIONAL);
    assertInvalid("RCPT TO:<@bücher.de:a@b>", Replies.RECIPIENT_INTERNATIONAL);
    assertThat(parse("RCPT TO:<jürgen@bücher.de> ORCPT=utf-8;jürgen@b", UTF8))
        .isEqualTo(
            new Command.Rcpt(new Address("jürgen", "bücher.de"), Set.of(), "utf-8;jürgen@b"));
    assertThat(parse("MAIL FROM:<jürgen@b>", UTF8))
        .as("what the mail before declared does not count")
        .isEqualTo(invalid("MAIL", Replies.SENDER_INTERNATIONAL));
  }

  @Test
  void postmasterNeedsNoDomain() {
    assertThat(parse("RCPT TO:<PostMaster> NOTIFY=DELAY"))
        .isEqualTo(new Command.Rcpt(new Address("PostMaster", ""), Set.of(DsnNotify.DELAY), null));
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

  private static Command.Mail mail(Address from) {
    return new Command.Mail(from, -1, BodyType.SEVEN_BIT, false, null, null, false);
  }

  private static Invalid invalid(String verb, Reply reply) {
    return new Invalid(verb, reply, false);
  }

  private static void assertInvalid(String line, Reply reply) {
    String verb = line.contains(" ") ? line.substring(0, line.indexOf(' ')) : line;
    assertThat(parse(line)).isEqualTo(invalid(verb.toUpperCase(Locale.ROOT), reply));
  }

  private static Command parse(String line) {
    return parse(line, PLAIN);
  }

  private static Command parse(String line, CommandParser.Options options) {
    byte[] octets = line.getBytes(StandardCharsets.UTF_8);
    return CommandParser.parse(octets, 0, octets.length, options);
  }

  private static Command parseOctets(String line) {
    byte[] octets = line.getBytes(StandardCharsets.ISO_8859_1);
    return CommandParser.parse(octets, 0, octets.length, PLAIN);
  }
}
