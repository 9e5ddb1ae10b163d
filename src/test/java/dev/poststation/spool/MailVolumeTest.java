package dev.poststation.spool;

import static dev.poststation.spool.Mails.bytes;
import static dev.poststation.spool.Mails.move;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.TraceSettings;
import dev.poststation.message.Mail;
import dev.poststation.message.QueueId;
import dev.poststation.os.Os;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Much mail, and large mail.
@Tag("slow")
class MailVolumeTest {
  private static final int DEFERRED = 100_000;
  private static final Instant DUE = Instant.parse("2026-11-25T00:00:00Z");

  @TempDir Path data;

  private LocalSpool open(TraceSettings trace) throws IOException {
    return LocalSpool.open(Os.real(), data, LocalSpoolTest.SETTINGS, trace, 1 << 20);
  }

  @Test
  void aHundredThousandDeferredMailsAreThereRightAfterTheStart() throws Exception {
    try (var spool = open(LocalSpoolTest.TRACE)) {
      var threads = new ArrayList<Thread>();
      for (int session = 0; session < 100; session++) {
        int first = session * DEFERRED / 100;
        threads.add(Thread.ofVirtual().start(() -> defer(spool, first, DEFERRED / 100)));
      }
      for (Thread thread : threads) {
        thread.join();
      }
    }
    long start = System.nanoTime();
    try (var spool = open(LocalSpoolTest.TRACE)) {
      assertThat(spool.usage().mails()).isEqualTo(DEFERRED);
      var first = spool.deferred(Spool.Due.FIRST, Instant.MAX, 1000);
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
      assertThat(first).hasSize(1000);
      assertThat(deliverAll(spool, first)).isEqualTo(DEFERRED);
      assertThat(spool.usage().mails()).isZero();
      assertThat(spool.deferred(Spool.Due.FIRST, Instant.MAX, 1)).isEmpty();
    }
  }

  private static void defer(Spool spool, int first, int count) {
    try {
      for (int i = first; i < first + count; i++) {
        Mail mail = Mails.commit(spool, bytes("mail " + i), 1);
        var due = new Placement.Deferred(DUE.plusMillis(i));
        spool.settle(move(mail, Placement.INCOMING, due, Mails.waiting(0, due.due())));
      }
    } catch (SpoolException e) {
      throw new IllegalStateException(e);
    }
  }

  private static int deliverAll(Spool spool, List<Spool.Due> some) throws IOException {
    int count = 0;
    var next = some;
    while (!next.isEmpty()) {
      for (Spool.Due due : next) {
        var stored = spool.load(due.id()).orElseThrow();
        assertThat(stored.placement()).isEqualTo(new Placement.Deferred(due.time()));
        spool.settle(Mails.removal(stored.mail(), stored.placement()));
        count++;
      }
      next = spool.deferred(next.getLast(), Instant.MAX, 1000);
    }
    return count;
  }

  @Test
  void tracesAreGivenUpWhenTheyAreTooMany() throws Exception {
    var trace = new TraceSettings(Duration.ofDays(30), 2L << 20, true);
    QueueId first = new QueueId(1);
    try (var spool = open(trace)) {
      for (int round = 0; round < 20; round++) {
        for (int i = 0; i < 100; i++) {
          QueueId id = round == 0 && i == 0 ? first : spool.nextId();
          Mail mail = Mails.commit(spool, id, bytes("x"), 1);
          spool.settle(
              new Settlement(
                  mail,
                  Placement.INCOMING,
                  null,
                  List.of(),
                  List.of(),
                  List.of(Mails.content(10_000, round * 100 + i))));
        }
      }
    }
    try (var spool = open(trace)) {
      for (int i = 0; i < 400; i++) {
        Mail mail = Mails.commit(spool, bytes("x"), 1);
        spool.settle(
            new Settlement(
                mail,
                Placement.INCOMING,
                null,
                List.of(),
                List.of(),
                List.of(Mails.content(20_000, i))));
      }
      spool.sync(); // a settlement is not waited for
      assertThat(spool.usage().mails()).isZero();
    }
    try (var spool = open(trace)) {
      assertThat(spool.trace(first)).isEmpty();
    }
  }

  @Test
  void aMailOfAHundredMegabytesNeedsLittleHeap() throws Exception {
    var process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-Xmx32m",
                "-cp",
                System.getProperty("java.class.path"),
                LargeMail.class.getName(),
                data.toString())
            .redirectErrorStream(true)
            .redirectOutput(data.resolve("output").toFile())
            .start();
    assertThat(process.waitFor(3, TimeUnit.MINUTES)).isTrue();
    assertThat(Files.readString(data.resolve("output"))).endsWith("104857600 octets read\n");
  }

  /// Writes a mail of 100 MB and reads it back.
  static final class LargeMail {
    private static final int SIZE = 100 << 20;

    public static void main(String[] args) throws IOException {
      try (var spool =
          LocalSpool.open(
              Os.real(),
              Path.of(args[0]),
              LocalSpoolTest.SETTINGS,
              LocalSpoolTest.TRACE,
              8 << 20)) {
        byte[] piece = Mails.content(8192, 1);
        QueueId id = spool.nextId();
        try (var draft = spool.draft(id)) {
          for (int at = 0; at < SIZE; at += piece.length) {
            draft.write(piece, 0, piece.length);
          }
          var content = draft.commit(Mails.of(id, SIZE, draft.chunks(), 1), List.of());
          long read = 0;
          for (int i = 0; i < content.chunks(); i++) {
            read += content.chunk(i).length;
          }
          System.out.println(read + " octets read");
        }
      }
    }
  }
}
