package dev.poststation.content;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.message.Octets;
import dev.poststation.smtp.ContentReplies;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/// For which mail a service is: what only `content` asks for.
class WhenTest {
  private static final String MARK = "X-Meant: yes\r\n";

  private static MadeUpServices meant(String conditions) {
    return new MadeUpServices(
        "{ use = header, add = [\"X-Meant: yes\"], for { " + conditions + " } }");
  }

  private static Message mail(String header, String body) throws IOException {
    var octets = Octets.of((header + "\r\n" + body).getBytes(US_ASCII));
    return Message.of("Received: x\r\n".getBytes(US_ASCII), octets, 10_000);
  }

  /// To whom a mail goes as one that is meant.
  private static List<String> meant(String direction, String from, String... to)
      throws IOException {
    var facts = MadeUpServices.facts(from, to);
    var pipeline = meant("direction = [" + direction + "]").pipeline;
    var mail = mail("Subject: s\r\n", "");
    var variants = ((Treatment.Passed) pipeline.treat(mail, facts)).variants();
    var meant =
        variants.stream()
            .filter(variant -> isMarked(variant.message()))
            .flatMap(variant -> variant.recipients().stream())
            .map(each -> each.address().toString())
            .toList();
    assertThat(pipeline.concerns(facts)).isEqualTo(!meant.isEmpty());
    return meant;
  }

  private static boolean isMarked(Message message) {
    return new String(message.header(), US_ASCII).startsWith(MARK);
  }

  @Test
  void fromWhereToWhereAMailGoesIsSaidByOurDomains() throws IOException {
    String[] to = {"b@here.test", "b@sub.HERE.test", "b@there.test"};
    assertThat(meant("inbound", "a@else.test", to)).containsExactly(to[0], to[1]);
    assertThat(meant("internal", "a@else.test", to)).isEmpty();
    assertThat(meant("outbound", "a@else.test", to)).containsExactly(to[2]);
    assertThat(meant("inbound", "a@here.test", to)).isEmpty();
    assertThat(meant("internal", "a@here.test", to)).containsExactly(to[0], to[1]);
    assertThat(meant("outbound", "a@here.test", to)).containsExactly(to[2]);
    assertThat(meant("inbound, outbound", "a@else.test", to)).hasSize(3);
  }

  @Test
  void whoWroteANoticeIsNotUs() throws IOException {
    assertThat(meant("inbound", "@", "b@here.test")).hasSize(1);
    assertThat(meant("internal", "@", "b@here.test")).isEmpty();
  }

  private static boolean isOfType(String condition, String header, String body) throws IOException {
    return isMarked(meant(condition).one(mail(header, body)).message());
  }

  @Test
  void whatAMailIsAsAWholeIsSaidByItsContentType() throws IOException {
    String calendar = "content-type = [\"text/calendar\", \"multipart/*\"]";
    assertThat(isOfType(calendar, "Content-Type: TEXT/Calendar; method=x\r\n", "")).isTrue();
    assertThat(isOfType(calendar, "Content-Type:\r\n multipart/mixed; boundary=a\r\n", ""))
        .isTrue();
    assertThat(isOfType(calendar, "Content-Type: text/calendarium\r\n", "")).isFalse();
    assertThat(isOfType(calendar, "Subject: s\r\n", "")).isFalse();
    for (String header : List.of("", "Content-Type: \r\n", "Content-Type: text\r\n")) {
      assertThat(isOfType("content-type = [\"text/plain\"]", header, "x")).as(header).isTrue();
    }
  }

  private static final String NESTED =
      """
      --a
      Content-Type: multipart/related; boundary=b

      --b
      Content-Type: image/png

      x
      --b--
      --a--
      """
          .replace("\n", "\r\n");

  @Test
  void ofWhatAMailHasPartsIsLookedForAtAnyDepth() throws IOException {
    String header = "Content-Type: multipart/mixed; boundary=a\r\n";
    assertThat(isOfType("part-type = [\"image/*\"]", header, NESTED)).isTrue();
    assertThat(isOfType("part-type = [\"multipart/mixed\"]", header, NESTED)).isTrue();
    assertThat(isOfType("part-type = [\"application/zip\"]", header, NESTED)).isFalse();
    assertThat(isOfType("part-type = [\"image/*\"]", "Subject: s\r\n", NESTED)).isFalse();
    assertThat(
            isOfType(
                "part-type = [\"image/png\"], content-type = [\"text/plain\"]", header, NESTED))
        .isFalse();
  }

  @Test
  void aMailWithTooManyPartsIsOneAtWhichTheServiceFails() throws IOException {
    var bench = meant("part-type = [\"application/zip\"]");
    var mail =
        mail(
            "Content-Type: multipart/mixed; boundary=a\r\n",
            "--a\r\n\r\nx\r\n".repeat(1100) + "--a--\r\n");
    var refused = bench.refused(mail, "b@there.test");
    assertThat(refused.reply()).isEqualTo(ContentReplies.NOT_EXAMINED_NOW);
    assertThat(refused.rule()).contains("its parts cannot be told: ");
  }
}
