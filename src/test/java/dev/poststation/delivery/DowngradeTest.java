package dev.poststation.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.delivery.Downgrade.Need;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.apache.james.mime4j.MimeException;
import org.apache.james.mime4j.stream.EntityState;
import org.apache.james.mime4j.stream.MimeConfig;
import org.apache.james.mime4j.stream.MimeTokenStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Converted mails, judged by mime4j: the decoded parts must be those of the original, octet by
/// octet.
@SuppressWarnings("StringConcatToTextBlock") // Line ends are what it is about.
class DowngradeTest {
  private static final Need SEVEN = new Need(true, false, false);
  private static final Need TEXT = new Need(false, true, false);
  private static final Need SHORT = new Need(false, false, true);

  private static byte[] octets(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static Downgrade.Result result(byte[] content, Need need) throws IOException {
    return result(content, need, 7);
  }

  private static Downgrade.Result result(byte[] content, Need need, int chunkSize)
      throws IOException {
    var letter = new Sample.Letter().content(content);
    letter.chunkSize = chunkSize;
    var order = letter.order();
    return Downgrade.of(order.mail(), order.content(), need);
  }

  private static byte[] convert(byte[] content, Need need) throws IOException {
    var result = result(content, need);
    assertThat(result).isInstanceOf(Downgrade.Result.Converted.class);
    return sent(((Downgrade.Result.Converted) result).payload());
  }

  private static byte[] sent(Payload payload) throws IOException {
    var out = new ByteArrayOutputStream();
    payload.send(out::write);
    assertThat(out.size()).isEqualTo(payload.size());
    return Arrays.copyOfRange(out.toByteArray(), Sample.TRACE.length(), out.size());
  }

  private static String converted(String content, Need need) throws IOException {
    return new String(convert(octets(content), need), StandardCharsets.ISO_8859_1);
  }

  /// The decoded leaf parts, as mime4j finds them.
  private static List<String> parts(byte[] content) throws IOException, MimeException {
    var config = MimeConfig.custom().setMaxLineLen(-1).setMaxHeaderLen(-1).build();
    var stream = new MimeTokenStream(config);
    stream.parse(new ByteArrayInputStream(content));
    List<String> parts = new ArrayList<>();
    for (EntityState state = stream.getState();
        state != EntityState.T_END_OF_STREAM;
        state = stream.next()) {
      if (state == EntityState.T_BODY) {
        byte[] body = stream.getDecodedInputStream().readAllBytes();
        parts.add(
            stream.getBodyDescriptor().getMimeType()
                + " "
                + new String(body, StandardCharsets.ISO_8859_1));
      }
    }
    return parts;
  }

  private static void assertSevenBit(byte[] octets) {
    String text = new String(octets, StandardCharsets.ISO_8859_1);
    assertThat(WireAddress.isAscii(text)).as("%s", text).isTrue();
  }

  @Test
  void textBecomesQuotedPrintable() throws IOException {
    assertThat(
            converted(
                "MIME-Version: 1.0\r\n"
                    + "Content-Type: text/plain; charset=iso-8859-1\r\n"
                    + "Content-Transfer-Encoding: 8bit\r\n"
                    + "X: y\r\n\r\n"
                    + "Gr\u00fc\u00dfe = 1 \r\n"
                    + "ab\tc\t\r\n\r\n"
                    + "end\r\n",
                SEVEN))
        .isEqualTo(
            "MIME-Version: 1.0\r\n"
                + "Content-Type: text/plain; charset=iso-8859-1\r\n"
                + "X: y\r\n"
                + "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
                + "Gr=FC=DFe =3D 1=20\r\n"
                + "ab\tc=09\r\n\r\n"
                + "end\r\n");
  }

  @Test
  void whatIsConvertedIsSaidWithItsReason() throws IOException {
    String umlaut = "Content-Type: text/plain; charset=utf-8\r\n\r\n\u00e4\r\n";
    assertThat(said("Subject: x\r\n\r\n\u00c3\u00a4\r\n", SEVEN))
        .containsExactly(
            "converted to quoted-printable: the next hop knows no 8BITMIME",
            "MIME-Version and Content-Type: text/plain; charset=utf-8 added: there was none");
    assertThat(
            said(
                "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n"
                    + "Content-Transfer-Encoding: 8bit\r\nSubject: \u00e4\r\n\r\n--b\r\n"
                    + umlaut
                    + "--b\r\n"
                    + umlaut
                    + "--b\r\nContent-Type: image/png\r\n\r\n\u00ff\r\n--b--\r\n",
                SEVEN))
        .containsExactly(
            "header fields encoded: the next hop knows no 8BITMIME",
            "Content-Transfer-Encoding rewritten: the next hop knows no 8BITMIME",
            "converted to quoted-printable: the next hop knows no 8BITMIME (2 parts)",
            "converted to base64: the next hop knows no 8BITMIME");
    assertThat(said("Content-Type: text/plain\r\n\r\na\nb\r\n", TEXT))
        .containsExactly(
            "converted to base64: the next hop knows no BINARYMIME", "MIME-Version added");
    assertThat(said("Content-Type: text/plain\r\n\r\n" + "a".repeat(999) + "\r\n", SHORT))
        .containsExactly(
            "converted to quoted-printable: lines of more than 998 octets", "MIME-Version added");
    assertThat(said("Content-Type: text/plain\r\n\r\na\r\n", SEVEN)).isEmpty();
  }

  @Test
  void aSignatureThatDoesNotSurviveIsNamed() throws IOException {
    assertThat(said("DKIM-Signature: v=1\r\nMIME-Version: 1.0\r\n\r\n\u00ff\r\n", SEVEN))
        .contains("the DKIM signature does not survive this");
  }

  @Test
  void whatIsNotConvertedThoughItShouldBeIsSaidToo() throws IOException {
    String line = "a".repeat(999) + "\r\n";
    String left = "lines of more than 998 octets left as they are: ";
    assertThat(said("DKIM-Signature: v=1\r\n\r\n" + line, SHORT))
        .containsExactly(left + "the mail has a DKIM signature");
    assertThat(
            said(
                "Content-Type: multipart/signed; boundary=b\r\n\r\n--b\r\n\r\n"
                    + line
                    + "--b--\r\n",
                SHORT))
        .containsExactly(left + "they stand in a part that must not be changed");
  }

  private static List<String> said(String content, Need need) throws IOException {
    return switch (result(octets(content), need)) {
      case Downgrade.Result.Unchanged(List<String> notes) -> notes;
      case Downgrade.Result.Converted(_, List<String> notes) -> notes;
      case Downgrade.Result.Impossible impossible -> throw new AssertionError(impossible.why());
    };
  }

  @Test
  void longLinesOfQuotedPrintableAreBrokenSoftlyAndNeverLookLikeADelimiter() throws Exception {
    String line = "\u00e4" + "a".repeat(72) + "--b".repeat(100);
    String mail =
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n"
            + line
            + "\r\n--b--\r\n";
    String converted = converted(mail, SEVEN);
    assertThat(converted.lines()).allMatch(each -> each.length() <= 76);
    assertThat(parts(octets(converted))).containsExactly("text/plain " + line);
  }

  @Test
  void otherTypesBecomeBase64() throws Exception {
    String mail =
        "Content-Type: multipart/mixed; boundary=\"=_x y\"\r\n"
            + "Content-Transfer-Encoding: 8BIT\r\n\r\n"
            + "preamble\r\n"
            + "--=_x y\r\n"
            + "Content-Type: application/pdf\r\n"
            + "Content-Transfer-Encoding: 8bit\r\n\r\n"
            + "\u00ff\u00feabc\r\n"
            + "--=_x y  \r\n\r\n"
            + "plain ascii\r\n"
            + "--=_x y--\r\n"
            + "epilogue\r\n";
    assertThat(converted(mail, SEVEN))
        .isEqualTo(
            "Content-Type: multipart/mixed; boundary=\"=_x y\"\r\n"
                + "Content-Transfer-Encoding: 7bit\r\n\r\n"
                + "preamble\r\n"
                + "--=_x y\r\n"
                + "Content-Type: application/pdf\r\n"
                + "Content-Transfer-Encoding: base64\r\n\r\n"
                + "//5hYmM=\r\n"
                + "--=_x y  \r\n\r\n"
                + "plain ascii\r\n"
                + "--=_x y--\r\n"
                + "epilogue\r\n");
  }

  @Test
  void textWithoutMimeGetsItsFields() throws IOException {
    assertThat(
            new String(
                convert(utf8("Subject: x\r\n\r\nGrüße\r\n"), SEVEN), StandardCharsets.US_ASCII))
        .isEqualTo(
            "Subject: x\r\n"
                + "MIME-Version: 1.0\r\n"
                + "Content-Type: text/plain; charset=utf-8\r\n"
                + "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
                + "Gr=C3=BC=C3=9Fe\r\n");
    assertThat(converted("Subject: x\r\n\r\nGr\u00fc\u00dfe\r\n", SEVEN))
        .contains("charset=unknown-8bit");
    assertThat(converted("\r\n\u00fc\r\n", SEVEN))
        .startsWith("MIME-Version: 1.0\r\n")
        .endsWith("\r\n\r\n=FC\r\n");
    assertThat(converted("not a field \u00fc\r\n", SEVEN))
        .startsWith("MIME-Version: 1.0\r\n")
        .endsWith("\r\n\r\nnot a field =FC\r\n");
  }

  @Test
  void messagesWithinTheMailAreTreatedLikeIt() throws Exception {
    String mail =
        "Content-Type: multipart/digest; boundary=d\r\n\r\n"
            + "--d\r\n\r\n"
            + "Subject: inner\r\n\r\n"
            + "\u00e4\r\n"
            + "--d\r\n"
            + "Content-Type: message/rfc822\r\n"
            + "Content-Transfer-Encoding: 8bit\r\n\r\n"
            + "Subject: \u00fc\r\n"
            + "Content-Type: text/html\r\n\r\n"
            + "<p>\u00f6\r\n"
            + "--d--\r\n";
    String converted = converted(mail, SEVEN);
    assertSevenBit(octets(converted));
    assertThat(converted)
        .contains(
            "Subject: inner\r\n"
                + "MIME-Version: 1.0\r\n"
                + "Content-Type: text/plain; charset=unknown-8bit\r\n"
                + "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
                + "=E4\r\n"
                + "--d")
        .contains(
            "Content-Type: message/rfc822\r\n"
                + "Content-Transfer-Encoding: 7bit\r\n\r\n"
                + "Subject: =?unknown-8bit?B?/A==?=\r\n")
        .contains("Content-Transfer-Encoding: quoted-printable\r\n\r\n<p>=F6\r\n--d--\r\n");
    assertThat(parts(octets(converted))).isEqualTo(parts(octets(mail)));
  }

  @Test
  void aSignedPartIsNeverTouched() throws IOException {
    String signed =
        "Content-Type: multipart/signed; boundary=s; micalg=sha-256;"
            + " protocol=\"application/pkcs7-signature\"\r\n\r\n"
            + "--s\r\n"
            + "Content-Type: text/plain\r\n"
            + "Content-Transfer-Encoding: 8bit\r\n\r\n"
            + "%s\r\n"
            + "--s\r\n"
            + "Content-Type: application/pkcs7-signature\r\n\r\n"
            + "MII\r\n"
            + "--s--\r\n";
    var result = result(octets(signed.formatted("\u00e4")), SEVEN);
    assertThat(result)
        .isEqualTo(
            new Downgrade.Result.Impossible(
                "5.6.3", "a part of type multipart/signed must not be changed"));
    String mixed =
        "Content-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\nX: signed\r\n"
            + signed.formatted("ascii =")
            + "\r\n--m\r\n\r\n\u00e4\r\n--m--\r\n";
    String converted = converted(mixed, SEVEN);
    assertThat(converted)
        .contains("X: signed\r\n" + signed.formatted("ascii ="))
        .endsWith("\r\n\r\n=E4\r\n--m--\r\n");
  }

  @Test
  void aSignedMailWithLongLinesGoesAsItIs() throws IOException {
    String signed =
        "Content-Type: multipart/signed; boundary=s\r\n\r\n--s\r\n\r\n"
            + "x".repeat(2000)
            + "\r\n--s\r\n\r\nsig\r\n--s--\r\n";
    assertThat(result(octets(signed), SHORT)).isInstanceOf(Downgrade.Result.Unchanged.class);
    String dkim = "DKIM-Signature: v=1\r\nSubject: x\r\n\r\n" + "x".repeat(2000) + "\r\n";
    assertThat(result(octets(dkim), SHORT)).isInstanceOf(Downgrade.Result.Unchanged.class);
  }

  @Test
  void longLinesAreEncoded() throws Exception {
    String mail = "Subject: x\r\n\r\n" + "x".repeat(998) + "\r\n";
    assertThat(result(octets(mail), SHORT)).isInstanceOf(Downgrade.Result.Unchanged.class);
    String longer = "Subject: x\r\n\r\n" + "x".repeat(999) + "\r\nshort\r\n";
    String converted = converted(longer, SHORT);
    assertThat(converted.lines()).allMatch(line -> line.length() <= 76);
    assertThat(converted).contains("Content-Type: text/plain; charset=us-ascii\r\n");
    assertThat(parts(octets(converted))).isEqualTo(parts(octets(longer)));
  }

  @Test
  void onlyThePartWithTheLongLineIsEncoded() throws Exception {
    String mail =
        "Content-Type: multipart/alternative; boundary=m\r\n\r\n"
            + "--m\r\n"
            + "Content-Type: text/plain\r\n"
            + "Content-Transfer-Encoding: 8bit\r\n\r\n"
            + "\u00e4\r\n"
            + "--m\r\n"
            + "Content-Type: text/html\r\n"
            + "Content-Transfer-Encoding: 8bit\r\n\r\n"
            + "<b>\u00e4".repeat(500)
            + "\r\n--m--\r\n";
    String converted = converted(mail, SHORT);
    assertThat(converted)
        .contains("Content-Transfer-Encoding: 8bit\r\n\r\n\u00e4\r\n--m\r\n")
        .contains("Content-Transfer-Encoding: quoted-printable\r\n\r\n<b>=E4");
    assertThat(parts(octets(converted))).isEqualTo(parts(octets(mail)));
  }

  @Test
  void whatIsEncodedButNotProperlyIsMended() throws Exception {
    String quoted =
        "Content-Type: text/plain\r\n"
            + "Content-Transfer-Encoding: Quoted-Printable\r\n\r\n"
            + "a=3Db \u00e4=\r\n"
            + "x=20".repeat(40)
            + " \r\n";
    String converted = converted(quoted, SEVEN);
    assertSevenBit(octets(converted));
    assertThat(converted)
        .contains("Content-Transfer-Encoding: quoted-printable\r\n\r\na=3Db =E4=\r\n");
    assertThat(converted.lines()).allMatch(line -> line.length() <= 76);
    assertThat(parts(octets(converted)))
        .containsExactly("text/plain a=b \u00e4" + "x ".repeat(40).stripTrailing() + " \r\n");
    String base64 =
        "Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\nAA\u00e4EC\r\n"
            + "AAEC".repeat(300)
            + "\r\n";
    String mended = converted(base64, SEVEN);
    assertThat(mended.lines()).allMatch(line -> line.length() <= 76);
    assertThat(parts(octets(mended))).isEqualTo(parts(octets(base64.replace("\u00e4", ""))));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Content-Type: message/partial; id=x\r\n\r\n\u00e4\r\n",
        "Content-Type: message/external-body; access-type=x\r\n\r\n\u00e4\r\n",
        "Content-Type: text/plain\r\nContent-Transfer-Encoding: x-uuencode\r\n\r\n\u00e4\r\n",
        "Content-Type: multipart/mixed\r\n\r\n--x\r\n\r\n\u00e4\r\n",
        "Content-Type: multipart/mixed; boundary=\"\"\r\n\r\n--\r\n\r\n\u00e4\r\n",
        "Content-Type: multipart/mixed; boundary=x\r\n"
            + "Content-Transfer-Encoding: base64\r\n\r\n"
            + "--x\r\n\r\n"
            + "\u00e4\r\n",
        "Content-Type: multipart/mixed; boundary=\u00e4\r\n\r\n--\u00e4\r\n\r\nx\r\n",
        "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n\u00e4\r\n",
      })
  void whatNobodyMayChangeCannotGo(String mail) throws IOException {
    assertThat(result(octets(mail), SEVEN)).isInstanceOf(Downgrade.Result.Impossible.class);
  }

  @Test
  void whatIsTooComplexCannotGoAndLongLinesGoAsTheyAre() throws IOException {
    var deep = new StringBuilder();
    for (int i = 0; i < 100; i++) {
      deep.append("Content-Type: multipart/mixed; boundary=b")
          .append(i)
          .append("\r\n\r\n--b")
          .append(i)
          .append("\r\n");
    }
    deep.append("\r\n\u00e4\r\n");
    assertThat(result(octets(deep.toString()), SEVEN))
        .isInstanceOf(Downgrade.Result.Impossible.class);
    assertThat(result(octets(deep.toString()), SHORT))
        .isInstanceOf(Downgrade.Result.Unchanged.class);
    String header = "X: " + "x".repeat(600_000) + "\r\n\r\n\u00e4\r\n";
    assertThat(result(octets(header), SEVEN, 100_000))
        .isInstanceOf(Downgrade.Result.Impossible.class);
    String many =
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
            + "--b\r\n\r\n".repeat(10_001)
            + "\u00e4\r\n";
    assertThat(result(octets(many), SEVEN, 100_000))
        .isInstanceOf(Downgrade.Result.Impossible.class);
  }

  @Test
  void binaryBecomesText() throws Exception {
    String mail =
        "Content-Type: multipart/mixed; boundary=b\r\n"
            + "Content-Transfer-Encoding: binary\r\n"
            + "X: a\n"
            + "Injected: b\r\n\r\n"
            + "pre\n"
            + "--b\r\n"
            + "--b\r\n"
            + "Content-Type: image/png\r\n"
            + "Content-Transfer-Encoding: binary\r\n\r\n"
            + "\0\r\r\n\n"
            + ".\n\r\n"
            + "--b\r\n"
            + "Content-Type: text/plain\r\n"
            + "Content-Transfer-Encoding: binary\r\n\r\n"
            + "only text \u00e4\r\n"
            + "--b--\r\n";
    String converted = converted(mail, TEXT);
    assertThat(converted.replace("\r\n", "")).doesNotContain("\r", "\n", "\0");
    assertThat(converted)
        .startsWith(
            "Content-Type: multipart/mixed; boundary=b\r\n"
                + "X: a Injected: b\r\n"
                + "Content-Transfer-Encoding: 8bit\r\n\r\n"
                + "pre --b\r\n"
                + "--b\r\n")
        .contains("Content-Transfer-Encoding: base64\r\n\r\nAA0NCgouCg==\r\n--b\r\n")
        .endsWith("Content-Transfer-Encoding: 8bit\r\n\r\nonly text \u00e4\r\n--b--\r\n");
  }

  @Test
  void binaryTextBecomesBase64SoThatItsLineEndsSurvive() throws Exception {
    String mail =
        "Content-Type: text/plain\r\nContent-Transfer-Encoding: binary\r\n\r\none\ntwo\r\n";
    assertThat(parts(octets(converted(mail, TEXT)))).containsExactly("text/plain one\ntwo\r\n");
  }

  @Test
  void bareNewlinesBetweenThePartsMakeNoDelimiter() throws IOException {
    String mail =
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
            + "pre\n"
            + "--b\n\n"
            + "fake\r\n"
            + "--b\r\n\r\n"
            + "real\r\n"
            + "--b--\r\n";
    assertThat(converted(mail, TEXT))
        .contains("\r\n\r\npre --b  fake\r\n--b\r\n\r\nreal\r\n--b--\r\n");
  }

  @Test
  void withNothingToDoNothingIsDone() throws IOException {
    String mail = "Content-Type: text/plain\r\n\r\nascii only\r\n";
    for (Need need : List.of(SEVEN, TEXT, SHORT)) {
      assertThat(result(octets(mail), need)).isInstanceOf(Downgrade.Result.Unchanged.class);
    }
  }

  @Test
  void aPartWithoutEndEndsWithTheMail() throws Exception {
    String mail =
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
            + "--b\r\n"
            + "Content-Type: text/plain\r\n\r\n"
            + "\u00e4";
    assertThat(converted(mail, SEVEN)).endsWith("\r\n\r\n=E4");
    String header =
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nX: \u00e4\r\n--b--\r\n";
    assertThat(converted(header, SEVEN)).endsWith("--b\r\nX: =?unknown-8bit?B?5A==?=\r\n--b--\r\n");
  }

  @Test
  void anOuterDelimiterEndsAllWithin() throws Exception {
    String mail =
        "Content-Type: multipart/mixed; boundary=a\r\n\r\n"
            + "--a\r\n"
            + "Content-Type: multipart/mixed; boundary=aa\r\n\r\n"
            + "--aa\r\n\r\n"
            + "\u00e4\r\n"
            + "--a\r\n"
            + "Content-Type: application/x\r\n\r\n"
            + "\u00f6\r\n"
            + "--a--\r\n";
    String converted = converted(mail, SEVEN);
    assertThat(converted)
        .contains(
            "=E4\r\n"
                + "--a\r\n"
                + "Content-Type: application/x\r\n"
                + "Content-Transfer-Encoding: base64\r\n\r\n"
                + "9g==\r\n"
                + "--a--\r\n");
  }

  /// Mails of any shape: seven bits or text afterwards, and the decoded parts the same.
  @Property(tries = 300)
  void theDecodedPartsStayTheSame(@ForAll long seed) throws Exception {
    var random = new Random(seed);
    byte[] mail = new RandomMail(random).make();
    Need need = List.of(SEVEN, TEXT, SHORT, new Need(true, true, true)).get(random.nextInt(4));
    var result = result(mail, need, 1 + random.nextInt(5000));
    switch (result) {
      case Downgrade.Result.Unchanged _ -> {
        if (need.sevenBit()) {
          assertSevenBit(mail);
        }
      }
      case Downgrade.Result.Impossible impossible -> throw new AssertionError(impossible.why());
      case Downgrade.Result.Converted converted -> {
        byte[] sent = sent(converted.payload());
        assertThat(parts(sent)).isEqualTo(parts(mail));
        if (need.sevenBit()) {
          assertSevenBit(sent);
        }
        String text = new String(sent, StandardCharsets.ISO_8859_1);
        if (need.text()) {
          assertThat(text.replace("\r\n", "")).doesNotContain("\r", "\n", "\0");
        }
        if (need.shortLines()) {
          assertThat(text.split("\r\n", -1)).allMatch(line -> line.length() <= 998);
        }
      }
    }
  }

  /// Whatever comes in, the walk ends, and without needs fulfilled nothing is lost.
  @Property(tries = 300)
  void anyOctetsAreConvertedOrRefused(@ForAll long seed) throws Exception {
    var random = new Random(seed);
    byte[] mail = new RandomMail(random).make();
    for (int i = 0; i < 1 + random.nextInt(20); i++) {
      mail[random.nextInt(mail.length)] = (byte) "\r\n-=:\0\u00e4b".charAt(random.nextInt(8));
    }
    var result = result(mail, new Need(true, true, true));
    if (result instanceof Downgrade.Result.Converted converted) {
      String sent = new String(sent(converted.payload()), StandardCharsets.ISO_8859_1);
      assertThat(sent.replace("\r\n", "")).doesNotContain("\r", "\n", "\0");
    }
  }
}
