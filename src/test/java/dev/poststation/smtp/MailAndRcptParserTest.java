package dev.poststation.smtp;

import static dev.poststation.smtp.Parsing.A_AT_B;
import static dev.poststation.smtp.Parsing.STRAY;
import static dev.poststation.smtp.Parsing.UTF8;
import static dev.poststation.smtp.Parsing.assertInvalid;
import static dev.poststation.smtp.Parsing.invalid;
import static dev.poststation.smtp.Parsing.mail;
import static dev.poststation.smtp.Parsing.parse;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MailAndRcptParserTest {
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
    assertInvalid("MAIL FROM:<" + "a".repeat(253) + "@b>", Replies.SENDER_TOO_LONG);
    assertInvalid("RCPT TO:<" + "a".repeat(253) + "@b>", Replies.RECIPIENT_TOO_LONG);
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
    "AUTH=e+3dmc2@example.com, AUTH",
    "AUTH=a+b@example.com, AUTH",
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
  @ValueSource(strings = {"FOO", "FOO=bar", "X", "MTRK=x", "SIZES=1", "1=2"})
  void anUnknownParameterIsRefusedAsSuch(String parameter) {
    assertInvalid("MAIL FROM:<a@b> " + parameter, Replies.PARAMETER_UNKNOWN);
    assertInvalid("RCPT TO:<a@b> " + parameter, Replies.PARAMETER_UNKNOWN);
  }

  @Test
  void parametersOfTheOtherCommandAreUnknown() {
    assertInvalid("MAIL FROM:<a@b> NOTIFY=NEVER", Replies.PARAMETER_UNKNOWN);
    assertInvalid("RCPT TO:<a@b> SIZE=1", Replies.PARAMETER_UNKNOWN);
    assertInvalid("RCPT TO:<a@b> BY=120;R", Replies.PARAMETER_UNKNOWN);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"SIZE=1", "BODY=7BIT", "SMTPUTF8", "RET=FULL", "ENVID=x", "AUTH=<>", "BY=120;R"})
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
}
