package dev.poststation.content;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.message.Octets;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.Test;

class HeaderEditingTest {
  private static final String OURS = "Received: by relay\r\n\twith ESMTP\r\n";

  private static String edited(String service, String header) throws IOException {
    var octets = Octets.of((header + "\r\nBody\r\n").getBytes(ISO_8859_1));
    var message = Message.of(OURS.getBytes(ISO_8859_1), octets, 10_000);
    var bench = new MadeUpServices("{ use = header, " + service + " }");
    return switch (bench.one(message)) {
      case Variant(var now, _, _, _, _, _, _) -> {
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
                    + "X-Tag: open\r\n"
                    + "X-Tag: "
                    + "long ".repeat(200)
                    + "\r\n secret\r\n"))
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
        .isEqualTo("X-Loop: relay.example.com\r\n" + OURS + "A: 1\r\n");
    assertThat(edited("hide-received = on", "A: 1\r\n")).isEqualTo(OURS + "A: 1\r\n");
  }

  /// Each passage leaves its mark, though the one before it was hidden.
  @Test
  void aLoopIsSeenThoughReceivedFieldsAreHidden() throws IOException {
    String header = "A: 1\r\n";
    for (int i = 0; i < 5; i++) {
      header = edited("hide-received = on, privacy = on", header);
    }
    assertThat(header.split("X-Loop: relay.example.com\r\n", -1)).hasSize(5);
  }

  @Test
  void fieldsThatTellOfTheSendersMachineAreRemovedAndNoOthers() throws IOException {
    var there = new StringBuilder("Date: Tue, 1 Dec 2026 11:00:00 +0100\r\n");
    PrivateFields.NAMES.forEach(
        name -> there.append(name.toLowerCase(Locale.ROOT)).append(": 10.0.0.7\r\n"));
    there.append("X-Priority: 1\r\nMessage-ID: <1@pc7>\r\nX-Tag: x\r\n");
    assertThat(edited("privacy = on, remove = [\"X-Tag\"]", there.toString()))
        .isEqualTo(
            OURS
                + "Date: Tue, 1 Dec 2026 11:00:00 +0100\r\n"
                + "X-Priority: 1\r\nMessage-ID: <1@pc7>\r\n");
  }

  @Test
  void theManualListsTheFieldsOfPrivacy() throws IOException {
    String manual = Files.readString(Path.of("docs/manual/content.md"));
    assertThat(PrivateFields.NAMES)
        .allSatisfy(name -> assertThat(manual).contains("`" + name + "`"));
  }

  @Test
  void ourReceivedFieldStaysThoughAllAreToBeRemoved() throws IOException {
    assertThat(edited("remove = [\"Received\"]", "Received: from inside\r\nA: 1\r\n"))
        .isEqualTo("X-Loop: relay.example.com\r\n" + OURS + "A: 1\r\n");
  }
}
