package dev.poststation.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.poststation.config.LogSettings;
import dev.poststation.config.LogSettings.Format;
import dev.poststation.config.TraceSettings;
import dev.poststation.os.Os;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MailJournalTest {
  private static final TraceSettings TRACE =
      new TraceSettings(Duration.ofDays(30), 1_000_000, true);

  @TempDir private Path directory;
  private final Metrics metrics = new Metrics(Os.real());

  private MailJournal open(Format format, Path file) throws IOException {
    return MailJournal.open(
        Os.real(), "relay.example.com", new LogSettings(format, file, 1 << 30), TRACE, metrics);
  }

  @Test
  void oneCallWritesTheLineCountsAndGivesTheTraceEntry() throws IOException {
    var file = directory.resolve("mail.log");
    byte[] entry;
    try (var journal = open(Format.LOGFMT, file)) {
      entry = journal.report(Samples.sent());
    }
    assertThat(Logfmt.parse(Files.readString(file).strip()))
        .containsEntry("event", "attempt")
        .containsEntry("time", "2026-11-04T04:10:21.463Z")
        .containsEntry("to", "<bert@example.net>");
    assertThat(metrics.scrape())
        .contains("poststation_attempts_total{connector=\"internet\",status=\"sent\"} 1.0")
        .contains("poststation_log_lines_total 1.0");
    assertThat(new String(entry, StandardCharsets.UTF_8))
        .startsWith("{\"time\":\"2026-11-04T04:10:21.463Z\",\"event\":\"attempt\",\"id\":")
        .contains("C: EHLO relay.example.com");
  }

  @Test
  void onlyEventsOfAMailGiveATraceEntry() throws IOException {
    try (var journal = open(Format.LOGFMT, directory.resolve("mail.log"))) {
      for (var event : Samples.all()) {
        var entry = new String(journal.report(event), StandardCharsets.UTF_8);
        var ofMail = MailJournal.when(event) != null;
        boolean named =
            entry.contains(Samples.ID.toString()) || entry.contains(Samples.OTHER.toString());
        assertThat(named).isEqualTo(ofMail);
        assertThat(entry.isEmpty()).isNotEqualTo(ofMail);
      }
    }
  }

  @Test
  void aReloadGoesOnInAnotherFormAndFile() throws IOException {
    var other = directory.resolve("other.log");
    try (var journal = open(Format.LOGFMT, directory.resolve("mail.log"))) {
      journal.report(Samples.queued());
      journal.reload(new LogSettings(Format.JSON, other, 1 << 30), TRACE);
      journal.report(Samples.sent());
    }
    assertThat(Files.readString(other)).contains("{\"time\":").contains("\"attempt\"");
  }

  @Test
  void aFileThatCannotBeOpenedIsSaidAtOnceAndAtAReloadNothingChanges() throws IOException {
    var nowhere = directory.resolve("no/such/directory/mail.log");
    assertThatThrownBy(() -> open(Format.LOGFMT, nowhere)).isInstanceOf(IOException.class);
    var file = directory.resolve("mail.log");
    try (var journal = open(Format.LOGFMT, file)) {
      assertThatThrownBy(
              () -> journal.reload(new LogSettings(Format.JSON, nowhere, 1 << 30), TRACE))
          .isInstanceOf(IOException.class);
      journal.report(Samples.sent());
    }
    assertThat(Files.readString(file)).contains("event=attempt");
  }

  @Test
  void anEventAfterTheEndIsCountedAsMissing() throws IOException {
    var journal = open(Format.LOGFMT, directory.resolve("mail.log"));
    journal.close();
    assertThat(journal.report(Samples.sent())).isNotEmpty();
    assertThat(metrics.scrape()).contains("poststation_log_lines_dropped_total 1.0");
  }
}
