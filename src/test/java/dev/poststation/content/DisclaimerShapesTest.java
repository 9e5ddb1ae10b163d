package dev.poststation.content;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.MimeLimits;
import dev.poststation.message.Octets;
import dev.poststation.mime.Mime;
import dev.poststation.mime.Part;
import dev.poststation.sim.Golden;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.james.mime4j.util.CharsetUtil;
import org.jsoup.Jsoup;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The details of a company in mail of many programs. What comes out lies beside each mail as
/// `.golden`; what must hold for all of them is looked at apart from that.
class DisclaimerShapesTest {
  private static final Path MAILS = Path.of("src/test/resources/disclaimer");
  private static final String SERVICE =
      "{ use = disclaimer, text = \"file:"
          + MAILS
          + "/pflichtangaben.txt\", html = \"file:"
          + MAILS
          + "/pflichtangaben.html\", people = \""
          + MAILS
          + "/people.conf\", position = ";

  /// What must stay as it is.
  private static final Set<String> UNTOUCHED =
      Set.of(
          "mutt-pgp-mime",
          "pgp-inline",
          "smime-signed",
          "smime-encrypted",
          "invitation",
          "bounce",
          "read-receipt",
          "scanner-pdf-alone",
          "unknown-encoding");

  static Stream<Path> mails() throws IOException {
    try (Stream<Path> files = Files.list(MAILS)) {
      return files.filter(file -> file.toString().endsWith(".eml")).sorted().toList().stream();
    }
  }

  private static Message message(Path file) throws IOException {
    var octets = Octets.of(Files.readAllBytes(file));
    return Message.of("Received: by relay\r\n".getBytes(ISO_8859_1), octets, 1_000_000);
  }

  private static Message with(Message message, String position) {
    return new MadeUpServices(SERVICE + position + " }").one(message).message();
  }

  private static String name(Path file) {
    return file.getFileName().toString().replace(".eml", "");
  }

  @ParameterizedTest
  @MethodSource("mails")
  void theDetailsStandBehindTheText(Path file) throws Exception {
    var before = message(file);
    var after = with(before, "end");
    String text = new String(after.octets().bytes(), ISO_8859_1).replace("\r\n", "\n");
    Golden.check(MAILS.resolve(name(file) + ".golden"), text);
    if (UNTOUCHED.contains(name(file))) {
      assertThat(after).isSameAs(before);
    } else {
      allElseIsAsItWas(before, after);
    }
  }

  @ParameterizedTest
  @MethodSource("mails")
  void theDetailsStandAboveTheQuoteOrInFront(Path file) throws Exception {
    var before = message(file);
    boolean untouched = UNTOUCHED.contains(name(file));
    for (String position : List.of("above-quote", "start")) {
      var after = with(before, position);
      if (untouched) {
        assertThat(after).isSameAs(before);
      } else {
        allElseIsAsItWas(before, after);
      }
    }
    if (name(file).contains("-reply")) {
      for (Part part : changed(before, with(before, "above-quote"))) {
        String seen = seen(with(before, "above-quote").mime(MimeLimits.STANDARD), part);
        String quote = "Gesendet|schrieb|Bitte schicken|Passt Dienstag|Wann|Wie geht|Von:";
        String[] halves = seen.split(quote, 2);
        assertThat(halves).as(part.path()).hasSize(2);
        assertThat(halves[0]).as(part.path()).contains("HRB 12345");
      }
    }
  }

  /// Each part is as it was, to the octet, or the same text with the details in it.
  private static void allElseIsAsItWas(Message before, Message after) throws Exception {
    var old = before.mime(MimeLimits.STANDARD);
    var now = after.mime(MimeLimits.STANDARD);
    var changed = changed(before, after);
    assertThat(changed).isNotEmpty();
    for (Part part : changed) {
      String seen = seen(now, part);
      assertThat(seen).contains("HRB 12345").contains("Beispiel Maschinenbau GmbH");
      assertThat(seen.split("HRB 12345", -1)).as("once").hasSize(2);
      assertThat(seen).doesNotContain("{").doesNotContain("Tel.");
    }
    int more = now.parts().size() - old.parts().size();
    for (int i = 1; more == 1 && i < old.parts().size(); i++) {
      assertThat(whole(now, i + 1)).isEqualTo(whole(old, i));
    }
    for (int i = 0; more == 0 && i < old.parts().size(); i++) {
      if (changed.contains(now.parts().get(i))) {
        isTheSameWithMoreInIt(text(old, old.parts().get(i)), text(now, now.parts().get(i)));
      }
    }
  }

  /// Leaves whose octets, or fields, are others than before.
  private static List<Part> changed(Message before, Message after) throws Exception {
    var old = before.mime(MimeLimits.STANDARD);
    var now = after.mime(MimeLimits.STANDARD);
    if (old.parts().size() != now.parts().size()) {
      assertThat(now.parts()).hasSize(old.parts().size() + 1);
      return List.of(now.root().parts().getFirst());
    }
    return Stream.iterate(0, i -> i < now.parts().size(), i -> i + 1)
        .filter(i -> now.parts().get(i).parts().isEmpty())
        .filter(i -> !whole(old, i).equals(whole(now, i)))
        .map(i -> now.parts().get(i))
        .toList();
  }

  private static String whole(Mime mime, int part) {
    try {
      return new String(mime.whole(mime.parts().get(part)).bytes(), ISO_8859_1);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static String text(Mime mime, Part part) throws IOException {
    String name = part.contentType().parameter("charset").orElse("us-ascii");
    Charset charset = CharsetUtil.lookup(name);
    byte[] octets = mime.decoded(part).readAllBytes();
    if (charset == null || part.contentType().parameter("charset").isEmpty()) {
      String utf8 = new String(octets, UTF_8);
      return utf8.contains("\ufffd") ? new String(octets, ISO_8859_1) : utf8;
    }
    return new String(octets, charset);
  }

  private static String seen(Mime mime, Part part) throws IOException {
    String text = text(mime, part);
    return part.type().equals("text/html") ? Jsoup.parse(text).text() : text;
  }

  private static void isTheSameWithMoreInIt(String before, String after) {
    int front = 0;
    while (front < before.length() && before.charAt(front) == after.charAt(front)) {
      front++;
    }
    int back = 0;
    while (back < before.length() - front
        && before.charAt(before.length() - 1 - back) == after.charAt(after.length() - 1 - back)) {
      back++;
    }
    assertThat(front + back).as(after).isEqualTo(before.length());
  }
}
