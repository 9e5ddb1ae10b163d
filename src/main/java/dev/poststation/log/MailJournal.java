package dev.poststation.log;

import dev.poststation.config.LogSettings;
import dev.poststation.config.TraceSettings;
import dev.poststation.os.Os;
import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import org.jspecify.annotations.Nullable;

/// The journal of the running relay: mail log, metrics and trace from one call. Safe for any
/// thread; never waits for the disk.
public final class MailJournal implements Journal, Closeable {
  private static final int LINE_TYPICAL = 400;

  private final Os os;
  private final Metrics metrics;
  private final String hostname;
  private final ZoneId zone;
  private final long pid;
  private final LineWriter writer;
  private volatile Setup setup;

  MailJournal(
      Os os,
      String hostname,
      LogSettings log,
      TraceSettings trace,
      Metrics metrics,
      ZoneId zone,
      long pid)
      throws IOException {
    this.os = os;
    this.metrics = metrics;
    this.hostname = hostname;
    this.zone = zone;
    this.pid = pid;
    this.setup = setup(log, trace);
    this.writer =
        new LineWriter(os, LogFile.open(os.disk(), log.file(), log.sizeMax()), this::droppedLine);
    metrics.log(writer::lines, writer::dropped);
  }

  /// Opens the mail log.
  ///
  /// @throws IOException when the file cannot be opened
  public static MailJournal open(
      Os os, String hostname, LogSettings log, TraceSettings trace, Metrics metrics)
      throws IOException {
    return new MailJournal(
        os, hostname, log, trace, metrics, ZoneId.systemDefault(), ProcessHandle.current().pid());
  }

  @Override
  public void tell(Event event) {
    metrics.count(event);
    var when = when(event);
    var time = when == null ? os.time().now() : when;
    var line = new StringBuilder(LINE_TYPICAL);
    setup.form.write(line, event, time);
    if (!line.isEmpty()) {
      writer.append(line.toString().getBytes(StandardCharsets.UTF_8));
    }
  }

  @Override
  public byte[] entry(Event event) {
    return setup.entries.entry(event);
  }

  /// When the event says so itself: the events of a mail, which are traced, do.
  static @Nullable Instant when(Event event) {
    return switch (event) {
      case Event.Queued e -> e.when();
      case Event.Attempted e -> e.when();
      case Event.Noticed e -> e.when();
      case Event.Administered e -> e.when();
      case Event.Quarantined e -> e.when();
      case Event.Inspected e -> e.when();
      case Event.Removed e -> e.when();
      case Event.Connected _,
          Event.Checked _,
          Event.Secured _,
          Event.Authenticated _,
          Event.Tolerated _,
          Event.Announced _,
          Event.Disconnected _,
          Event.Rejected _,
          Event.Deviated _,
          Event.LoginsBlocked _,
          Event.Outbreak _,
          Event.Suppressed _,
          Event.TokenChanged _,
          Event.DestinationChanged _,
          Event.SourceChanged _,
          Event.TlsReported _,
          Event.ServiceChanged _,
          Event.HostChanged _ ->
          null;
    };
  }

  /// Goes on with other settings.
  ///
  /// @throws IOException when the new file cannot be opened; then the old settings stay
  public void reload(LogSettings log, TraceSettings trace) throws IOException {
    writer.redirect(LogFile.open(os.disk(), log.file(), log.sizeMax()));
    setup = setup(log, trace);
  }

  /// Opens the file of the mail log anew, as after logrotate. It does so by itself within a second
  /// or so when the file was moved away.
  public void reopen() {
    writer.reopen();
  }

  /// Writes what is left of the mail log, waiting a few seconds at most.
  @Override
  public void close() {
    writer.close();
  }

  private Setup setup(LogSettings log, TraceSettings trace) {
    Form form =
        switch (log.format()) {
          case LOGFMT -> new KeyedForm(false);
          case JSON -> new KeyedForm(true);
          case POSTFIX -> new PostfixForm(hostname, zone, pid);
        };
    return new Setup(form, new TraceEntries(trace));
  }

  private byte[] droppedLine(long lines) {
    var line = new StringBuilder();
    setup.form.dropped(line, lines, os.time().now());
    return line.toString().getBytes(StandardCharsets.UTF_8);
  }

  private record Setup(Form form, TraceEntries entries) {}
}
