package dev.poststation.intake;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.content.Facts;
import dev.poststation.content.Finding;
import dev.poststation.content.JournalReport;
import dev.poststation.content.MadeUpServices;
import dev.poststation.content.Message;
import dev.poststation.content.MirrorCopy;
import dev.poststation.content.Service;
import dev.poststation.log.Event;
import dev.poststation.message.Content;
import dev.poststation.message.Envelope;
import dev.poststation.message.Hold;
import dev.poststation.message.Mail;
import dev.poststation.message.Octets;
import dev.poststation.message.QueueId;
import dev.poststation.os.Time;
import dev.poststation.sim.ManualTime;
import dev.poststation.sim.MemorySpool;
import dev.poststation.sim.PassingTime;
import dev.poststation.sim.RecordingJournal;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.BodyType;
import dev.poststation.smtp.ContentScanner;
import dev.poststation.spool.Placement;
import dev.poststation.spool.SpoolException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// A mail and the journal report of it become durable together, or neither does; a copy for a
/// filter becomes so with the mail, which does not need it.
class JournaledTest {
  private static final Address JOURNAL = new Address("journal", "archive.test");

  private final ManualTime time = new ManualTime();
  private Time clock = time;
  private final MemorySpool spool = new MemorySpool(time);
  private final List<Mail> accepted = new ArrayList<>();
  private final Map<String, Service> services = new HashMap<>();
  private RecordingJournal journal = new RecordingJournal();
  private final List<String> asked = new ArrayList<>();
  private String body = "x\r\n";
  private DeviceCheck.@Nullable Finding device;

  private final Handover handover =
      new Handover() {
        @Override
        public void announced(QueueId id) {}

        @Override
        public void abandoned(QueueId id) {}

        @Override
        public void held(QueueId id, Placement place) {}

        @Override
        public void accepted(Mail mail, Content content, long intakeNanos) {
          accepted.add(mail);
        }
      };

  private void service(String name, Finding finding) {
    services.put(
        name,
        new Service() {
          @Override
          public String describe() {
            return name;
          }

          @Override
          public Finding examine(Message message, Facts facts, Duration atMost) {
            asked.add(name);
            return finding;
          }
        });
  }

  private Admission send(String entries) throws IOException {
    return send(entries, () -> {});
  }

  /// @param before runs before it is committed
  private Admission send(String entries, Runnable before) throws IOException {
    var content = Octets.of("X: \u00fc\r\n\r\nthe report".getBytes(ISO_8859_1));
    var report = new JournalReport("archive", JOURNAL, "<1@relay>", content);
    service("archive", new Finding.Reported(report, "reported"));
    var pipeline = new MadeUpServices(entries, time, services).pipeline;
    var intake = new Intake(spool, journal, handover, clock, () -> pipeline);
    var to = List.of(new Address("b", "there.test"));
    try (var arrival = intake.begin(TraceHeaderTest.submissionTo(to, 200_000))) {
      arrival.watch((_, _, _) -> device);
      var scanner = new ContentScanner(arrival);
      byte[] octets = ("Subject: s\r\n\r\n" + body).getBytes(ISO_8859_1);
      scanner.accept(octets, 0, octets.length);
      before.run();
      return arrival.commit(scanner.traits());
    } finally {
      spool.failWith(null);
    }
  }

  private static final String ENTRY = "{ use = archive, to = \"journal@archive.test\" }\n";

  @Test
  void theReportIsAMailOfItsOwnThatNobodyIsToldOf() throws IOException {
    assertThat(send(ENTRY)).isInstanceOf(Admission.Queued.class);
    assertThat(accepted).hasSize(2);
    var report = accepted.getLast();
    assertThat(report.envelope().sender()).isEqualTo(Address.NULL);
    assertThat(report.envelope().source()).isEqualTo(Envelope.Source.JOURNAL);
    assertThat(report.envelope().body()).isEqualTo(BodyType.EIGHT_BIT_MIME);
    assertThat(report.recipients().getFirst().address()).isEqualTo(JOURNAL);
    assertThat(new String(spool.content(report).chunk(0), ISO_8859_1)).endsWith("the report");
    assertThat(spool.openDrafts()).isZero();
  }

  @Test
  void whatShouldHaveBeenEncryptedIsHeldAndNotInAQuarantineFromWhichAnybodyMayHaveIt()
      throws IOException {
    service("spam", new Finding.Quarantined("found it"));
    service("open", new Finding.Held(Hold.by("on-missing", "unencrypted: it must be")));
    String header = "{ use = header, add = [\"A: b\"], name = ";
    send(header + "spam }\n" + header + "open }\n");
    var held = spool.held(QueueId.FIRST, 10);
    assertThat(held).hasSize(1);
    assertThat(spool.load(held.getFirst()).orElseThrow().mail().states().getFirst().reason())
        .isEqualTo(
            "held: on-missing = hold: unencrypted: it must be; also quarantined by spam: found"
                + " it");
  }

  @Test
  void whatBecomesOfAMailIsNotToldAsEarlierThanThatItCame() throws IOException {
    clock =
        new PassingTime(time) {
          @Override
          public Instant now() {
            time.advance(Duration.ofMillis(1));
            return super.now();
          }
        };
    for (var finding :
        List.of(
            new Finding.Held(Hold.by("on-found", "held")), new Finding.Quarantined("found it"))) {
      journal = new RecordingJournal();
      service("open", finding);
      send("{ use = header, add = [\"A: b\"], name = open }\n");
      assertThat(journal.events())
          .hasSize(3)
          .first()
          .isInstanceOfSatisfying(
              Event.Queued.class,
              queued ->
                  assertThat(journal.events().getLast())
                      .extracting("when")
                      .isEqualTo(queued.when()));
    }
  }

  @Test
  void whatIsThrownAwayIsReportedToo() throws IOException {
    service("away", new Finding.Discarded("away"));
    send(ENTRY + "{ use = header, add = [\"A: b\"], name = away }");
    assertThat(accepted).hasSize(1);
    assertThat(accepted.getFirst().recipients().getFirst().address()).isEqualTo(JOURNAL);
  }

  @Test
  void theLogSaysByWhichIdAMailCameThatIsQueuedUnderAnother() throws IOException {
    body = "x\r\n".repeat(30_000);
    byte[] header = "Received: x\r\nSubject: s\r\n".getBytes(ISO_8859_1);
    var other = new Message(header, "\r\n".getBytes(ISO_8859_1), Octets.of(new byte[] {'y'}));
    service("other", new Finding.Changed(other, "another one"));
    send(ENTRY + "{ use = header, add = [\"A: b\"], name = other }");
    var queued = journal.events(Event.Queued.class);
    assertThat(queued).hasSize(2);
    assertThat(String.join(" ", queued.getLast().decisions())).matches("journal report of .*");
    String came = queued.getLast().decisions().getFirst().replaceAll(".* of (\\w+),.*", "$1");
    assertThat(queued.getFirst().id().toString()).isNotEqualToIgnoringCase(came);
    assertThat(queued.getFirst().decisions().getLast()).startsWith("came as " + came + ",");
  }

  private Admission mirror(Octets content) throws IOException {
    var copy = new MirrorCopy("mirror", JOURNAL, "<1@here.test>", content);
    service("mirror", new Finding.Reported(copy, "a copy goes"));
    return send("{ use = mirror, to = \"learn@filter.test\" }");
  }

  @Test
  void aCopyForAFilterIsAMailOfItsOwnAndAMailWithoutOneGoesOnAllTheSame() throws IOException {
    assertThat(mirror(Octets.of("the copy".getBytes(ISO_8859_1))))
        .isInstanceOf(Admission.Queued.class);
    var copy = accepted.getLast();
    assertThat(copy.envelope().source()).isEqualTo(Envelope.Source.MIRROR);
    assertThat(copy.envelope().sender()).isEqualTo(Address.NULL);
    assertThat(journal.events(Event.Queued.class).getLast().decisions().getFirst())
        .isEqualTo("copy of " + accepted.getFirst().id() + ", by mirror");

    accepted.clear();
    var full =
        new Content() {
          @Override
          public int chunks() {
            return 1;
          }

          @Override
          public byte[] chunk(int number) throws SpoolException {
            throw new SpoolException("full", true);
          }
        };
    assertThat(mirror(Octets.of(full, 8))).isInstanceOf(Admission.Queued.class);
    assertThat(accepted).hasSize(1);
    assertThat(accepted.getFirst().envelope().source()).isNotEqualTo(Envelope.Source.MIRROR);
    assertThat(journal.events(Event.Inspected.class).getLast().text())
        .startsWith("no copy goes to ");
    assertThat(journal.events(Event.Noticed.class))
        .singleElement()
        .satisfies(each -> assertThat(each.id()).isEqualTo(accepted.getFirst().id()));
    assertThat(spool.openDrafts()).isZero();
  }

  @Test
  void whatIsHeldOnArrivalTeachesNothingAndIsArchived() throws IOException {
    String learn = "{ use = mirror, to = \"learn@filter.test\" }\n{ use = remember }\n";
    var copy = new MirrorCopy("mirror", JOURNAL, "<1@here.test>", Octets.of(new byte[0]));
    service("mirror", new Finding.Reported(copy, "a copy goes"));
    service("remember", new Finding.Unchanged("remembered"));
    device = new DeviceCheck.Finding(null, true, "device: not like it");
    assertThat(send(learn + ENTRY)).isInstanceOf(Admission.Queued.class);
    assertThat(asked).containsExactly("archive");
    assertThat(spool.held(QueueId.FIRST, 10)).hasSize(1);
    assertThat(accepted)
        .extracting(each -> each.envelope().source())
        .containsExactly(Envelope.Source.JOURNAL);

    device = null;
    asked.clear();
    send(learn + ENTRY);
    assertThat(asked).containsExactlyInAnyOrder("remember", "mirror", "archive");
  }

  @Test
  void oneCommitTakesBoth() throws IOException {
    var fails = new SpoolException("gone", false);
    assertThat(send(ENTRY, () -> spool.failAfter(1, fails))).isInstanceOf(Admission.Queued.class);
    assertThat(spool.incoming(QueueId.FIRST, 10)).hasSize(2);
    assertThat(accepted).hasSize(2);
  }

  @Test
  void withoutTheOneThereIsNotTheOther() throws IOException {
    var full = new SpoolException("full", true);
    assertThat(send(ENTRY, () -> spool.failWith(full))).isInstanceOf(Admission.Refused.class);
    assertThat(accepted).isEmpty();
    assertThat(spool.incoming(QueueId.FIRST, 10)).isEmpty();
    assertThat(spool.openDrafts()).isZero();
  }
}
