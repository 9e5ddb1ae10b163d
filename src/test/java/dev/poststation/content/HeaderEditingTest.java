package dev.poststation.content;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.message.Octets;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class HeaderEditingTest {
  private static final String OURS = "Received: by relay\r\n\twith ESMTP\r\n";

  private static String edited(String service, String header) throws IOException {
    var octets = Octets.of((header + "\r\nBody\r\n").getBytes(ISO_8859_1));
    var message = Message.of(OURS.getBytes(ISO_8859_1), octets, 10_000);
    var bench = new MadeUpServices("{ use = header, " + service + " }");
    return switch (bench.one(message)) {
      case Variant(var now, _, _, _) -> {
        assertThat(now.body()).isSameAs(message.body());
        yield new String(now.header(), ISO_8859_1);
      }
    };
  }

  @Test
  void fieldsAreRemovedByNameAndByWhatPeopleReadInThem() throws IOException {
    assertThat(
            edited(
                "remove = [\"X-Mailer\", \"X-Tag: *secret*\"]",
                "x-mailer: Foo\r\n bar\r\nSubject:  as it was \r\nX-Tag: =?utf-8?q?a_secret?=\r\n"
                    + "X-Tag: open\r\n"))
        .isEqualTo(OURS + "Subject:  as it was \r\nX-Tag: open\r\n");
  }

  @Test
  void aFieldTakesThePlaceOfAllOfItsNameOrIsPutInFront() throws IOException {
    String replace = "replace = [\"Organization: Example\"]";
    assertThat(edited(replace, "A: 1\r\norganization: x\r\nB: 2\r\nOrganization: y\r\n"))
        .isEqualTo(OURS + "A: 1\r\nOrganization: Example\r\nB: 2\r\n");
    assertThat(edited(replace, "A: 1\r\n"))
        .isEqualTo("Organization: Example\r\n" + OURS + "A: 1\r\n");
  }

  @Test
  void allThatIsAddedStandsInFrontInItsOrder() throws IOException {
    assertThat(edited("add = [\"X-One: 1\", \"X-Two: zwei – ü\"]", "A: 1\r\n"))
        .isEqualTo(
            "X-One: 1\r\nX-Two: "
                + new String(
                    "zwei – ü".getBytes(java.nio.charset.StandardCharsets.UTF_8), ISO_8859_1)
                + "\r\n"
                + OURS
                + "A: 1\r\n");
  }

  @Test
  void theHopsBeforeUsAreHiddenAndOursIsNot() throws IOException {
    assertThat(
            edited(
                "hide-received = on",
                "Received: from inside\r\n\tby mail\r\nA: 1\r\nRECEIVED: from pc7\r\n"))
        .isEqualTo(OURS + "A: 1\r\n");
  }

  @Test
  void ourReceivedFieldStaysThoughAllAreToBeRemoved() throws IOException {
    assertThat(edited("remove = [\"Received\"]", "Received: from inside\r\nA: 1\r\n"))
        .isEqualTo(OURS + "A: 1\r\n");
  }
}
