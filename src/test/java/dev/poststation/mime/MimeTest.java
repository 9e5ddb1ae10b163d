package dev.poststation.mime;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.poststation.config.MimeLimits;
import dev.poststation.message.HeaderFields;
import dev.poststation.message.Octets;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class MimeTest {
  private static final Path TORTURE = Path.of("src/test/resources/mime");

  private static Mime mime(byte[] mail, MimeLimits limits) throws IOException, TooComplexException {
    var fields = HeaderFields.of(mail, true).fields();
    int end = fields.isEmpty() ? 0 : fields.getLast().end();
    int gap =
        end < mail.length && mail[end] == '\n'
            ? 1
            : end + 1 < mail.length && mail[end] == '\r' && mail[end + 1] == '\n' ? 2 : 0;
    return Mime.of(
        Arrays.copyOf(mail, end),
        Arrays.copyOfRange(mail, end, end + gap),
        Octets.of(mail).slice(end + gap, mail.length),
        limits);
  }

  private static Mime mime(String mail) throws IOException, TooComplexException {
    return mime(mail.replace("\n", "\r\n").getBytes(ISO_8859_1), MimeLimits.STANDARD);
  }

  private static String text(Octets octets) throws IOException {
    return new String(octets.bytes(), ISO_8859_1);
  }

  /// `1:text/plain`, and so on.
  private static List<String> outline(Mime mime) {
    return mime.parts().stream().map(part -> part.path() + ":" + part.type()).toList();
  }

  // --- The structure
  // ------------------------------------------------------------------------------

  static Stream<Path> torture() throws IOException {
    try (Stream<Path> files = Files.list(TORTURE)) {
      return files.filter(file -> file.toString().endsWith(".eml")).sorted().toList().stream();
    }
  }

  /// Each file says in its field `X-Outline` what it is made of.
  @ParameterizedTest
  @MethodSource("torture")
  void aBrokenMailHasThePartsThatMailProgramsShow(Path file) throws Exception {
    byte[] mail = Files.readAllBytes(file);
    var mime = mime(mail, MimeLimits.STANDARD);
    String[] told = new String(mail, ISO_8859_1).split("X-Outline: ", 2)[1].split("\r?\n", 2);
    assertThat(String.join(" ", outline(mime))).isEqualTo(told[0]);
    putTogetherItIsTheSame(mime, mail);
  }

  private static void putTogetherItIsTheSame(Mime mime, byte[] mail) throws IOException {
    List<Splice> same = new ArrayList<>();
    for (Part part : mime.parts()) {
      assertThat(part.start() + part.header().length).isLessThanOrEqualTo(part.body());
      assertThat(part.body()).isLessThanOrEqualTo(part.end());
      long at = part.body();
      for (Part inner : part.parts()) {
        assertThat(inner.start()).isGreaterThanOrEqualTo(at);
        at = inner.end();
      }
      assertThat(at).isLessThanOrEqualTo(part.end());
      same.add(new Splice(part.start(), part.start() + part.header().length, part.header()));
      if (part.parts().isEmpty()) {
        same.add(new Splice(part.body(), part.end(), mime.body(part).bytes()));
      }
    }
    assertThat(Splice.apply(mime.octets(), same).bytes()).isEqualTo(mail);
  }

  @Test
  void aPartThatBeginsAtTheDelimiterOfAnOuterOneIsWithinItsOwn() throws Exception {
    String inner = "Content-Type: multipart/mixed; boundary=a\r\n";
    String mail =
        "Content-Type: multipart/digest;\r\n boundary=\"a b\"\r\n"
            + inner.repeat(5)
            + "--a b\r\n"
            + inner
            + "--a\r\n--a b\r\n";
    byte[] octets = mail.getBytes(ISO_8859_1);
    putTogetherItIsTheSame(mime(octets, MimeLimits.STANDARD), octets);
  }

  @Property(tries = 300)
  void aRandomMailPutTogetherIsTheSame(@ForAll("mails") String mail) throws Exception {
    byte[] octets = mail.getBytes(ISO_8859_1);
    putTogetherItIsTheSame(mime(octets, MimeLimits.STANDARD), octets);
  }

  @Provide
  Arbitrary<String> mails() {
    var line =
        Arbitraries.of(
            "Content-Type: multipart/mixed; boundary=a",
            "Content-Type: multipart/digest;\r\n boundary=\"a b\"",
            "Content-Type: message/rfc822",
            "Content-Transfer-Encoding: base64",
            "Content-Type: text/html",
            "--a",
            "--a--",
            "--a b",
            "--a b--",
            "--",
            "",
            "",
            " folded",
            "From here",
            "text with = and \u00e4",
            "bare\rcr",
            "X: \0");
    var end =
        Arbitraries.frequency(net.jqwik.api.Tuple.of(9, "\r\n"), net.jqwik.api.Tuple.of(1, "\n"));
    return net.jqwik.api.Combinators.combine(line, end)
        .as(String::concat)
        .list()
        .ofMaxSize(40)
        .map(lines -> String.join("", lines));
  }

  @Test
  void partsAreFoundThoughTheirDelimitersStandAcrossWindows() throws Exception {
    for (int padding = 65_500; padding < 65_560; padding++) {
      var mime =
          mime(
              "Content-Type: multipart/mixed; boundary=limit\n\n"
                  + "x".repeat(padding)
                  + "\n--limit\nContent-Type: text/html\n\nhello\n--limit--\n");
      assertThat(outline(mime)).containsExactly(":multipart/mixed", "1:text/html");
      assertThat(text(mime.body(mime.parts().getLast()))).isEqualTo("hello");
    }
  }

  @Test
  void thePlaceOfAPartIsThatOfItsOctets() throws Exception {
    var mime =
        mime(
            """
            Content-Type: multipart/mixed; boundary=b

            preamble
            --b
            Content-Type: message/rfc822

            Subject: inner
            Content-Type: multipart/alternative; boundary=c

            --c

            plain
            --c
            Content-Type: text/html

            html

            --c--
            --b--
            epilogue
            """);
    assertThat(outline(mime))
        .containsExactly(
            ":multipart/mixed",
            "1:message/rfc822",
            "1:multipart/alternative",
            "1.1:text/plain",
            "1.2:text/html");
    var parts = mime.parts();
    assertThat(text(mime.whole(parts.get(2)))).startsWith("Subject: inner\r\n").endsWith("--c--");
    assertThat(parts.get(2).text("subject")).contains("inner");
    assertThat(text(mime.body(parts.get(3)))).isEqualTo("plain");
    assertThat(text(mime.whole(parts.get(4)))).isEqualTo("Content-Type: text/html\r\n\r\nhtml\r\n");
  }

  // --- Fields and encodings
  // -----------------------------------------------------------------------

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "attachment; filename=a.txt | a.txt",
        "attachment; filename=\"a \\\"b\\\".txt\" | a \"b\".txt",
        "attachment; filename*=utf-8''%E2%82%AC.pdf | €.pdf",
        "attachment; filename*0=\"Rech\"; filename*1=\"nung.pdf\" | Rechnung.pdf",
        "attachment; filename*0*=iso-8859-1''M%E4rz; filename*1=.pdf | März.pdf",
        "attachment; filename=\"=?utf-8?q?M=C3=A4rz.pdf?=\" | März.pdf",
        "attachment; filename=März.pdf | März.pdf",
        "attachment;;filename = x.exe ; | x.exe",
        "attachment; filename*1=nung.pdf; filename*0=Rech | Rechnung.pdf",
        "attachment; filename*10=k; filename*2=c; filename*1=b; filename*0=a | abck",
        "attachment; filename*=utf-8''1+1%20%zz%4.pdf | 1+1 %zz%4.pdf",
        "attachment; filename*0*=utf-8''%e2%82; filename*1*=%AC.pdf | €.pdf",
        "attachment; filename*=x-unknown''%E2%82%AC | €",
        "attachment; filename=UTF-8''a%20b | UTF-8''a%20b",
        "attachment; x*=utf-8''y; filename=a%20b+c | a%20b+c",
        "attachment; filename=first; filename=second | first",
        "attachment; filename=my letter (1).pdf; x=y | my letter .pdf",
        "attachment; filename=x.exe (is harmless) | x.exe",
        "attachment (a;b\\)); filename=\"C:\\dir\\x.exe\" | C:\\dir\\x.exe",
        "attachment; filename=\"x.exe | x.exe",
      })
  void theNameOfAFileIsReadAsItIsMeant(String disposition, String name) throws Exception {
    String octets =
        new String(disposition.getBytes(java.nio.charset.StandardCharsets.UTF_8), ISO_8859_1);
    assertThat(mime("Content-Disposition: " + octets + "\n\nx\n").root().names())
        .containsExactly(name);
  }

  @Test
  void ofTwoNamesInOneFieldBothAreKnown() throws Exception {
    var part = mime("Content-Disposition: attachment; filename*=utf-8''b; filename=a\n\nx").root();
    assertThat(part.names()).containsExactly("a", "b");
  }

  /// A boundary that is decoded here alone hides all parts from us, and from nobody else.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "boundary=\"UTF-8''a%62c\" | UTF-8''a%62c",
        "x*=utf-8''y; boundary=\"a%62c+d\" | a%62c+d",
        "boundary=\"=?utf-8?q?abc?=\" | =?utf-8?q?abc?=",
        "boundary=\"a\"; boundary=\"b\" | a",
        "boundary=\"a\\\"b\" | a\"b",
        "boundary=\"Ã¤\" | Ã¤",
        "boundary=\"ä\" | ä",
        "boundary=\"a  b\" | a  b",
        "boundary=a (comment) | a",
        "boundary = a; | a",
        "boundary*1=b; boundary*0=a | ab",
        "boundary*=us-ascii''a%62c | abc",
      })
  void aBoundaryIsTakenAsItStands(String parameter, String boundary) throws Exception {
    var mime =
        mime(
            "Content-Type: multipart/mixed; %s\n\n--%s\nContent-Type: text/html\n\nx\n--%s--\n"
                .formatted(parameter, boundary, boundary));
    assertThat(outline(mime)).containsExactly(":multipart/mixed", "1:text/html");
  }

  @Test
  void aFieldFullOfSectionsIsReadInNoTime() {
    var field = new StringBuilder("attachment");
    for (int i = 0; i < 100_000; i++) {
      field.append("; filename*").append(i).append("=x");
    }
    var names = FieldText.of(field.toString()).parameter("filename");
    assertThat(names).contains("x".repeat(1000));
  }

  @ParameterizedTest
  @CsvSource({
    "base64, SGVsbG8=, Hello",
    "base64, 'SGVs\n*bG8=', Hello",
    "BASE64, SGVsbG8, Hello",
    "quoted-printable, H=65llo=, Hello",
    "quoted-printable, 100%=, 100%",
    "8bit, Hello, Hello",
    "x-unknown, Hello, Hello"
  })
  void aBodyIsDecodedAsFarAsItCanBe(String encoding, String body, String decoded) throws Exception {
    var mime = mime("Content-Transfer-Encoding: " + encoding + "\n\n" + body);
    assertThat(new String(mime.decoded(mime.root()).readAllBytes(), ISO_8859_1)).isEqualTo(decoded);
  }

  @Property(tries = 100)
  void whatIsEncodedIsDecodedToTheSame(@ForAll byte[] octets) throws IOException {
    for (String encoding : List.of("base64", "quoted-printable")) {
      byte[] encoded = Transfer.encode(octets, encoding);
      assertThat(Transfer.decode(Octets.of(encoded), encoding).readAllBytes()).isEqualTo(octets);
      assertThat(new String(encoded, ISO_8859_1).lines().allMatch(line -> line.length() <= 76))
          .isTrue();
    }
  }

  // --- Limits
  // -------------------------------------------------------------------------------------

  private static void isTooComplex(String mail, String why) {
    assertThatThrownBy(() -> mime(mail)).isInstanceOf(TooComplexException.class).hasMessage(why);
  }

  @Test
  void aMailThatIsABombIsNotTakenApart() {
    var nested = new StringBuilder();
    for (int i = 0; i < 100; i++) {
      nested.append("Content-Type: multipart/mixed; boundary=b").append(i).append("\n\n--b");
      nested.append(i).append('\n');
    }
    isTooComplex(nested.toString(), "its parts nest deeper than limits.mime.depth");
    isTooComplex(
        "Content-Type: message/rfc822\n\n".repeat(100),
        "its parts nest deeper than limits.mime.depth");
    isTooComplex(
        "Content-Type: multipart/mixed; boundary=b\n\n" + "--b\n\n".repeat(2000),
        "it has more parts than limits.mime.parts");
    isTooComplex(
        "Content-Type: multipart/mixed; boundary=b\n\n--b\nX: " + "x".repeat(1_100_000),
        "the headers of its parts are larger than limits.mime.headers");
    isTooComplex(
        "Content-Type: multipart/mixed; boundary=b\n\n"
            + ("--b\nX: " + "x".repeat(9000) + "\n\n").repeat(200),
        "the headers of its parts are larger than limits.mime.headers");
  }

  @Test
  void aBoundaryWithoutEndIsNone() throws Exception {
    String boundary = "b".repeat(1001);
    var mime =
        mime(
            "Content-Type: multipart/mixed; boundary="
                + boundary
                + "\n\n--"
                + boundary
                + "\n\nx\n");
    assertThat(mime.parts()).hasSize(1);
  }
}
