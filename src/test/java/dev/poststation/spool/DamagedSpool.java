package dev.poststation.spool;

import static dev.poststation.spool.Mails.commit;
import static dev.poststation.spool.Mails.content;
import static dev.poststation.spool.Mails.move;

import dev.poststation.message.Mail;
import dev.poststation.message.QueueId;
import dev.poststation.os.Os;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.io.TempDir;

/// A spool with mail in it, of which a test changes the files.
abstract class DamagedSpool {
  static final int MAILS = 200;

  @TempDir Path data;

  final Map<QueueId, byte[]> contents = new TreeMap<>();
  final List<Mail> mails = new ArrayList<>();

  LocalSpool open() throws IOException {
    return LocalSpool.open(Os.real(), data, LocalSpoolTest.SETTINGS, LocalSpoolTest.TRACE, 1 << 20);
  }

  /// A spool with some mail, a third of it deferred; only in the log.
  void fill() throws IOException {
    try (var spool = open()) {
      for (int i = 0; i < MAILS; i++) {
        byte[] text = content(8_000, i);
        Mail mail = commit(spool, text, 2);
        mails.add(mail);
        contents.put(mail.id(), text);
        if (i % 3 == 0) {
          spool.settle(move(mail, Placement.INCOMING, new Placement.Deferred(Mails.ARRIVED)));
        }
      }
    }
  }

  /// The same, in tables and blob files.
  void fillTables() throws IOException {
    fill();
    open().close();
  }

  Path largest(String suffix) throws IOException {
    try (var files = Files.list(data.resolve("spool"))) {
      return files
          .filter(file -> file.toString().endsWith(suffix))
          .max(Comparator.comparing(file -> file.toFile().length()))
          .orElseThrow();
    }
  }

  static void flip(Path file, double where) throws IOException {
    try (var access = new RandomAccessFile(file.toFile(), "rw")) {
      access.seek((long) (access.length() * where));
      int octet = access.read();
      access.seek(access.getFilePointer() - 1);
      access.write(octet ^ 0x55);
    }
  }

  List<Path> keptAside() throws IOException {
    try (var files = Files.list(data)) {
      return files.filter(file -> file.getFileName().toString().startsWith("damaged-")).toList();
    }
  }

  static List<QueueId> listed(Spool spool) throws IOException {
    var all = new ArrayList<>(spool.incoming(QueueId.FIRST, 10_000));
    spool.deferred(Spool.Due.FIRST, Instant.MAX, 10_000).forEach(due -> all.add(due.id()));
    return all;
  }

  List<Path> tables() throws IOException {
    try (var files = Files.list(data.resolve("spool"))) {
      return files.filter(file -> file.toString().endsWith(".sst")).toList();
    }
  }

  /// Does not merge them, for tests look at tables and change them then.
  RocksEngine engine() throws Exception {
    return LocalSpoolTest.ENGINES.open(data.resolve("spool"), Engines.Care.STILL);
  }
}
