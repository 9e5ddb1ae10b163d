package dev.poststation.content;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.poststation.config.DisclaimerService;
import dev.poststation.config.MimeLimits;
import dev.poststation.ldap.Directories;
import dev.poststation.message.Octets;
import dev.poststation.os.Os;
import dev.poststation.sim.ScriptedResolver;
import dev.poststation.smtp.ContentReplies;
import java.io.IOException;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;

class DisclaimingTest {
  private static final String LINE = "Beispiel Maschinenbau GmbH, Sitz Bonn, HRB 12345";

  private static Message message(String mail) throws IOException {
    var octets = Octets.of(mail.replace("\n", "\r\n").getBytes(UTF_8));
    return Message.of("Received: by relay\r\n".getBytes(ISO_8859_1), octets, 100_000);
  }

  private static MadeUpServices bench(String keys) {
    return new MadeUpServices("{ use = disclaimer, text = \"" + LINE + "\", " + keys + " }");
  }

  private static String with(String keys, String mail) throws IOException {
    byte[] body = bench(keys).one(message(mail)).message().body().bytes();
    return new String(body, UTF_8).replace("\r\n", "\n");
  }

  private static String why(String keys, String mail) throws IOException {
    return bench(keys).one(message(mail)).notes().getFirst().reason();
  }

  @Test
  void anAnswerThatQuotesItGetsItOnce() throws IOException {
    String quoted =
        "In-Reply-To: <1@x>\n\nYes.\n\n> Beispiel Maschinenbau GmbH, Sitz\n> Bonn, HRB 12345\n";
    assertThat(with("once-per-thread = on", quoted)).doesNotContain("\n" + LINE);
    assertThat(why("once-per-thread = on", quoted))
        .isEqualTo("left as it is: the mail that it answers has it");
    assertThat(with("once-per-thread = off", quoted)).endsWith("\n\n" + LINE + "\n");
    String cut = "In-Reply-To: <1@x>\n\nYes.\n\n> Beispiel\n";
    assertThat(with("once-per-thread = on", cut)).endsWith("\n\n" + LINE + "\n");
    String html =
        "References: <1@x>\nContent-Type: text/html\n\n<p>Yes</p><blockquote>Beispiel"
            + " <b>Maschinenbau</b> GmbH, Sitz&nbsp;Bonn, HRB 12345</blockquote>\n";
    assertThat(why("once-per-thread = on", html)).contains("the mail that it answers has it");
    assertThat(why("once-per-thread = on", quoted.replace("In-Reply-To", "X")))
        .isEqualTo("added to text/plain");
  }

  @Test
  void whatTheFieldsSayCannotBeMarkup() throws IOException {
    String keys =
        "html = \"<p>{displayName} {title}</p>\", people ="
            + " \"src/test/resources/disclaimer/people.conf\"";
    assertThat(with(keys, "From: Anna@Example.com\nContent-Type: text/html\n\n<p>x</p>\n"))
        .contains("Anna Roth &lt;Vertrieb &amp; Service&gt; Leiterin")
        .doesNotContain("<Vertrieb");
  }

  /// A reader may be shown either of them.
  @Test
  void ofSeveralAuthorsNoneIsTakenForTheSender() throws IOException {
    String keys = "html = \"<p>{mail}</p>\"";
    String type = "Content-Type: text/html\n\n<p>x</p>\n";
    assertThat(with(keys, "From: anna@example.com\n" + type)).contains("anna@example.com");
    for (String from :
        List.of(
            "From: anna@example.com\nFrom: bob@example.com\n",
            "From: anna@example.com, bob@example.com\n")) {
      assertThat(with(keys, from + type)).contains("a@here.test").doesNotContain("example.com");
    }
  }

  @Test
  void htmlIsMadeOfTheTextWhereThereIsNone() throws IOException {
    assertThat(with("", "Content-Type: text/html\n\n<html><body><p>x</p></body></html>\n"))
        .isEqualTo("<html><body><p>x</p>\n<div><p>" + LINE + "</p></div>\n</body></html>\n");
  }

  @Test
  void mailWithoutASenderIsLeftAlone() throws IOException {
    var pipeline = bench("").pipeline;
    var message = message("Subject: x\n\nNot delivered\n");
    var treatment = pipeline.treat(message, MadeUpServices.facts("", "b@there.test"));
    assertThat(((Treatment.Passed) treatment).variants().getFirst().message()).isSameAs(message);
  }

  @Test
  void whatBecomesOfABombItsEntrySays() throws IOException {
    String bomb = "Content-Type: message/rfc822\n\n".repeat(100);
    assertThat(why("", bomb)).contains("nest deeper than limits.mime.depth");
    assertThat(bench("too-complex = reject").refused(message(bomb), "b@there.test").reply())
        .isEqualTo(ContentReplies.TOO_COMPLEX);
    assertThat(bench("too-complex = hold").one(message(bomb)).hold().reason())
        .startsWith("too-complex = hold: its parts nest deeper");
    assertThat(why("", "Content-Type: text/html\n\n" + "<p>x</p>\n".repeat(500_000)))
        .contains("its text has more than 4 MiB");
  }

  @Test
  void aTextFullOfHalfQuotesIsReadInNoTime() throws IOException {
    String long1 = "On a\nwrote\n".repeat(20_000) + "-".repeat(50_000) + "\n" + "_".repeat(50_000);
    assertThat(with("position = above-quote", "Subject: x\n\n" + long1)).endsWith(LINE);
  }

  @Test
  void behindACommentThatIsNeverClosedNobodySeesIt() throws IOException {
    String html = "Content-Type: text/html\n\n<html><body><p>x</p>";
    assertThat(with("", html + "<!-- y\n</body></html>\n"))
        .startsWith("<html><body>\n<div><p>" + LINE + "</p></div>\n<p>x</p><!-- y");
    assertThat(with("", html + "<textarea>y</body>\n"))
        .startsWith("<html><body>\n<div><p>" + LINE + "</p></div>\n<p>x</p><textarea>");
  }

  @Test
  void theTextsOfAMailAreBoundedTogether() throws IOException {
    String half = "\n--b\nContent-Type: text/plain\n\n" + "a line\n".repeat(400_000);
    String mail = "Content-Type: multipart/alternative; boundary=b\n\n";
    assertThat(why("", mail + half)).isEqualTo("added to text/plain");
    assertThat(why("", mail + half + half + "\n--b--\n"))
        .isEqualTo("left as it is: its text has more than 4 MiB");
  }

  @Test
  void aTreeIsNotMadeOfMoreTagsThanFit() throws IOException {
    String html = "Content-Type: text/html\n\n";
    assertThat(why("", html + "<p>".repeat(100_001)))
        .isEqualTo("left as it is: its HTML has more than 100,000 tags");
  }

  /// Each attribute is compared with all others of its tag.
  @Test
  void aTreeIsNotMadeOfTagsWithVeryManyAttributes() throws IOException {
    String html = "Content-Type: text/html\n\n<p";
    for (String attribute : List.of(" a", " a=b", "/a", " a='b'", " a=\"b\"", " =\"")) {
      assertThat(why("", html + attribute.repeat(500) + ">x"))
          .isEqualTo("left as it is: its HTML has a tag of more than 200 words");
    }
    String real =
        " style=\"" + "a: b; ".repeat(500) + "\" src = 'data:a;" + "/b c".repeat(900) + "' x=y>";
    assertThat(why("", html + real.repeat(2) + "<p".repeat(300) + ">" + " a".repeat(500)))
        .isEqualTo("added to text/html");
    for (String odd : List.of("<", "<p", "<p a=", "<p a=\"", "<p a='b", "</", "< a", "")) {
      assertThat(why("", "Content-Type: text/html\n\n" + odd)).startsWith("added to");
    }
  }

  /// 50,000 nodes for each of 49,000 end tags were 2 thousand million steps.
  @Test
  void aCommentFullOfEndTagsIsReadInNoTime() throws IOException {
    String bomb = "<p>".repeat(50_000) + "<title>" + "</body>".repeat(49_000) + "</title>x";
    assertThat(with("", "Content-Type: text/html\n\n" + bomb + "\n"))
        .endsWith("x\n\n<div><p>" + LINE + "</p></div>\n");
  }

  @Test
  void thePlaceIsFoundBehindLettersThatAreLongerInLowerCase() throws IOException {
    String html =
        "Content-Type: text/html; charset=utf-16le\nContent-Transfer-Encoding: base64\n\n";
    String text = "<html><body>" + "\u0130".repeat(30) + "</BODY></html>";
    String mail =
        html
            + Base64.getMimeEncoder().encodeToString(text.getBytes(UTF_16LE)).replace("\r", "")
            + "\n";
    byte[] body = bench("").one(message(mail)).message().body().bytes();
    String decoded = new String(Base64.getMimeDecoder().decode(body), UTF_16LE);
    assertThat(decoded).contains(LINE + "</p></div>\r\n</BODY></html>");
  }

  /// Java reads these, and cannot write them.
  @Test
  void aCharsetThatCannotBeWrittenBecomesUtf8() throws IOException {
    for (String charset : List.of("ISO-2022-CN", "x-JISAutoDetect")) {
      String mail = "Content-Type: text/plain; charset=" + charset + "\n\nhello\n";
      var changed = bench("").one(message(mail)).message();
      assertThat(new String(changed.octets().bytes(), UTF_8))
          .contains("charset=utf-8\r\n")
          .endsWith("hello\r\n\r\n" + LINE + "\r\n");
    }
  }

  @Test
  void aFlowedWordThatIsLongHasNoEmptyLineBehindIt() throws IOException {
    String address = "https://example.com/" + "x".repeat(80);
    var services =
        new MadeUpServices(
            "{ use = disclaimer, text = \""
                + address
                + "\\nsee "
                + address
                + " or call us\\nend\" }");
    String mail = "Content-Type: text/plain; format=flowed\n\nhello\n";
    String text = new String(services.one(message(mail)).message().body().bytes(), UTF_8);
    assertThat(text)
        .isEqualTo(
            ("hello\n\n" + address + "\nsee \n" + address + " \nor call us\nend\n")
                .replace("\n", "\r\n"));
  }

  @Test
  void whatTakesTooLongIsLeftToOnError() throws Exception {
    var service =
        new Disclaiming(
            (DisclaimerService)
                MadeUpServices.configuration("{ use = disclaimer, text = \"" + LINE + "\" }")
                    .content()
                    .getFirst()
                    .service(),
            MimeLimits.STANDARD,
            new Directories(Os.real(), new ScriptedResolver()),
            Os.real().time());
    assertThatThrownBy(
            () ->
                service.examine(
                    message("Subject: x\n\nx\n"),
                    MadeUpServices.facts("a@here.test", "b@there.test"),
                    Duration.ofSeconds(-1)))
        .isInstanceOf(ServiceException.class)
        .hasMessageStartingWith("it took longer than");
  }
}
