package dev.poststation.content;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.message.Hold;
import dev.poststation.message.Octets;
import dev.poststation.os.Os;
import dev.poststation.sim.ManualTime;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Of which mail a copy goes to a filter, and what stands in it.
class MirroringTest {
  private static final String ENTRY = "{ use = mirror, to = \"learn@filter.test\" }";
  private static final Message MAIL = mail("Message-ID: <1@here.test>\r\nSubject: \u00fc\r\n");

  private final MadeUpServices services = new MadeUpServices(ENTRY);

  private static Message mail(String header) {
    return new Message(
        header.getBytes(UTF_8), "\r\n".getBytes(UTF_8), Octets.of("bare\nno end".getBytes(UTF_8)));
  }

  private List<Companion> copies(Message mail, String from, String... to) {
    return copies(services, mail, from, to);
  }

  private static List<Companion> copies(
      MadeUpServices services, Message mail, String from, String... to) {
    return switch (services.pipeline.treat(mail, MadeUpServices.facts(from, to))) {
      case Treatment.Passed passed -> passed.reports();
      case Treatment.Discarded discarded -> discarded.reports();
      case Treatment.Refused _ -> List.of();
    };
  }

  private static String text(Companion copy) throws IOException {
    return new String(copy.content().bytes(), UTF_8);
  }

  @Test
  void theMailIsInTheCopyToTheOctetBehindWhatIsSaidOfItsEnvelope() throws IOException {
    var copies = copies(MAIL, "a@here.test", "b@there.test", "c@here.test", "hidden@there.test");
    assertThat(copies).hasSize(1);
    assertThat(copies.getFirst().to().toString()).isEqualTo("learn@filter.test");
    assertThat(text(copies.getFirst()))
        .matches(
            "(?s)X-Envelope-From: <a@here.test>\r\n"
                + "X-Envelope-To: <b@there.test>\r\nX-Envelope-To: <hidden@there.test>\r\n"
                + "X-Mirror-Seal: [0-9]+-[0-9a-f]{64}\r\n"
                + "Message-ID: <1@here.test>\r\nSubject: \u00fc\r\n\r\nbare\nno end");
    String[] many = new String[150];
    for (int i = 0; i < many.length; i++) {
      many[i] = i + "@there.test";
    }
    assertThat(text(copies(MAIL, "a@here.test", many).getFirst()))
        .contains("X-Envelope-To: <99@there.test>")
        .doesNotContain("<100@there.test>");
  }

  @Test
  void onlyMailOfPeopleToOthersIsMirrored() {
    assertThat(copies(MAIL, "x@there.test", "a@here.test")).as("inbound").isEmpty();
    assertThat(copies(MAIL, "a@here.test", "b@here.test")).as("internal").isEmpty();
    assertThat(copies(MAIL, "", "b@there.test")).as("a bounce, or a copy").isEmpty();
    assertThat(copies(MAIL, "a@here.test", "learn@FILTER.test")).as("to the filter").isEmpty();
    assertThat(copies(MAIL, "a@here.test", "b@there.test")).hasSize(1);
  }

  @Test
  void aCopyThatComesBackIsNotMirroredAndNobodyMakesASealForAnother() throws IOException {
    String copy = text(copies(MAIL, "a@here.test", "b@there.test").getFirst());
    String header = copy.substring(0, copy.indexOf("\r\n\r\n") + 2);
    assertThat(copies(mail("Received: x\r\n" + header), "f@filter.test", "b@there.test"))
        .as("another sender, and other fields in front")
        .isEmpty();
    String other = header.replace("<1@here.test>", "<2@here.test>");
    assertThat(copies(mail(other), "a@here.test", "b@there.test")).hasSize(1);

    var journal = new MadeUpServices("{ use = archive, to = \"journal@archive.test\" }");
    String forged = header.replace("X-Mirror-Seal", "X-MS-Journal-Report:\r\nX-Journal-Seal");
    assertThat(copies(journal, mail(forged), "a@here.test", "b@there.test"))
        .as("the seal of a copy is none of a report")
        .hasSize(1);
  }

  @Test
  void whatWaitsOrIsThrownAwayTeachesNothing() {
    for (var finding :
        List.of(
            new Finding.Held(Hold.by("on-found", "held")),
            new Finding.Quarantined("spam"),
            new Finding.Discarded("away"))) {
      assertThat(copies(with(finding), MAIL, "a@here.test", "b@there.test"))
          .as(finding.toString())
          .isEmpty();
    }
    assertThat(copies(with(new Finding.Unchanged("good")), MAIL, "a@here.test", "b@there.test"))
        .hasSize(1);
  }

  /// A filter learns of nobody whom its entry does not mean, and of no mail that goes to none else.
  @Test
  void aCopyIsMadeForThoseWhomTheMirrorIsForAndWhoGetTheMail() throws IOException {
    String both = "{ use = mirror, to = \"learn@filter.test\"%s }\n";
    var some = new MadeUpServices(both.formatted(", for { to = [\"@there.test\"] }"));
    String copy = text(copies(some, MAIL, "a@here.test", "b@there.test", "c@else.test").getFirst());
    assertThat(copy).contains("<b@there.test>").doesNotContain("else.test");

    for (String away : List.of("quarantine", "hold")) {
      var kept =
          new MadeUpServices(
              both.formatted("")
                  + "{ use = attachments, names = [\"*.exe\"], on-found = %s,".formatted(away)
                  + " for { direction = [outbound] } }");
      var exe =
          mail("Message-ID: <1@here.test>\r\nContent-Disposition: attachment; filename=a.exe\r\n");
      assertThat(copies(kept, exe, "a@here.test", "b@there.test", "c@here.test"))
          .as("only ours get it: " + away)
          .isEmpty();
      assertThat(copies(kept, MAIL, "a@here.test", "b@there.test", "c@here.test")).hasSize(1);
    }
  }

  @Test
  void whileTheSpoolIsScarceMailGoesOnWithoutACopy() {
    var os = Os.real();
    var kept = Kept.in(os, Path.of("nowhere"), () -> true);
    var scarce = new MadeUpServices(ENTRY, kept);
    assertThat(copies(scarce, MAIL, "a@here.test", "b@there.test")).isEmpty();
    assertThat(scarce.pipeline.down())
        .singleElement()
        .asString()
        .startsWith("service mirror (test.conf:")
        .contains("on-error = pass", "no copies are made while the spool has half");
  }

  /// Another service behind the mirror that finds this.
  private static MadeUpServices with(Finding finding) {
    Service other = service(finding);
    Service mirror =
        service(
            new Finding.Reported(
                new MirrorCopy(
                    "mirror",
                    MadeUpServices.facts("", "learn@filter.test").recipients().getFirst().address(),
                    "<1@x>",
                    Octets.of(new byte[0])),
                "a copy"));
    return new MadeUpServices(
        ENTRY + "\n{ use = clamav, name = other }",
        new ManualTime(),
        Map.of("mirror", mirror, "other", other));
  }

  private static Service service(Finding finding) {
    return new Service() {
      @Override
      public String describe() {
        return "made up";
      }

      @Override
      public Finding examine(Message message, Facts facts, Duration atMost) {
        return finding;
      }
    };
  }
}
