package dev.poststation.intake;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.content.MadeUpServices;
import dev.poststation.content.Pipeline;
import dev.poststation.message.Content;
import dev.poststation.message.Lane;
import dev.poststation.message.Mail;
import dev.poststation.message.QueueId;
import dev.poststation.sim.ManualTime;
import dev.poststation.sim.MemorySpool;
import dev.poststation.sim.RecordingJournal;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.ContentScanner;
import dev.poststation.spool.Placement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Mail that is broken in all ways comes through services that find nothing to change as it was, to
/// the octet.
final class UntouchedTest {
  /// One looks into all parts, one changes fields that are not there, one is for others.
  private static final Pipeline SERVICES =
      new MadeUpServices(
              """
              { use = attachments, names = ["*.never"], encrypted = on, on-found = reject, unreadable = pass }
              { use = header, remove = ["X-Not-There"] }
              { use = disclaimer, for { to = ["else.test"] }, text = "for others" }
              """)
          .pipeline;

  private static final Handover NOWHERE =
      new Handover() {
        @Override
        public void announced(QueueId id) {}

        @Override
        public void abandoned(QueueId id) {}

        @Override
        public void held(QueueId id, Placement place) {}

        @Override
        public void accepted(Mail mail, Content content, long intakeNanos) {}
      };

  /// Without those with CR or LF alone, which come with BINARYMIME only.
  static Stream<Path> torture() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("src/test/resources/mime"))) {
      return files
          .filter(file -> file.toString().endsWith(".eml"))
          .filter(file -> !text(file).replace("\r\n", "").matches("(?s).*[\r\n].*"))
          .sorted()
          .toList()
          .stream();
    }
  }

  private static String text(Path file) {
    try {
      return Files.readString(file, ISO_8859_1);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @ParameterizedTest
  @MethodSource("torture")
  void aBrokenMailThatNoServiceChangesIsInTheSpoolAsItCame(Path file) throws IOException {
    var time = new ManualTime();
    var spool = new MemorySpool(time);
    var intake = new Intake(spool, new RecordingJournal(), NOWHERE, time, () -> SERVICES);
    var to = List.of(new Address("b", "there.test"));
    Admission admission;
    try (var arrival = intake.begin(TraceHeaderTest.submissionTo(to, 10_000_000))) {
      var scanner = new ContentScanner(arrival);
      byte[] octets = text(file).getBytes(ISO_8859_1);
      scanner.accept(octets, 0, octets.length);
      admission = arrival.commit(scanner.traits());
    }
    assertThat(admission).isInstanceOf(Admission.Queued.class);
    var id = spool.incoming(Lane.ALL, QueueId.FIRST, 2).getFirst();
    var content = spool.content(spool.load(id).orElseThrow().mail());
    var stored = new StringBuilder();
    for (int i = 0; i < content.chunks(); i++) {
      stored.append(new String(content.chunk(i), ISO_8859_1));
    }
    assertThat(stored).hasToString(text(file));
  }
}
