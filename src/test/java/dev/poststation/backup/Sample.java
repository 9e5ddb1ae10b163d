package dev.poststation.backup;

import dev.poststation.os.Os;
import dev.poststation.sim.PassingDisk;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;

/// A directory that looks like `data` from outside, and what a backup says of it.
final class Sample {
  static final Manifest.About ABOUT =
      new Manifest.About(
          "0.1.0", 1, Instant.parse("2026-11-24T10:00:00.123Z"), "/var/lib/poststation", false, -1);

  private Sample() {}

  /// Fills a directory.
  static Path data(Path directory) throws IOException {
    Files.createDirectories(directory.resolve("spool"));
    Files.createDirectories(directory.resolve("native"));
    Files.createDirectories(directory.resolve("damaged-20261124-100000"));
    Files.write(directory.resolve("spool/000012.sst"), new byte[200_000]);
    Files.writeString(directory.resolve("spool/000013.log"), "the log");
    Files.writeString(directory.resolve("spool/CURRENT"), "MANIFEST-000014\n");
    Files.writeString(directory.resolve("spool/LOCK"), "");
    Files.writeString(directory.resolve("spool/LOG"), "for people");
    Files.writeString(directory.resolve("spool/LOG.old.1"), "for people");
    Files.writeString(directory.resolve("native/library.so"), "made anew");
    Files.writeString(directory.resolve("admin.token"), "secret\n");
    Files.writeString(directory.resolve("journal.secret"), "another secret\n");
    Files.writeString(directory.resolve("admin.address"), "127.0.0.1 8025\n");
    Files.writeString(directory.resolve("lock"), "");
    return directory;
  }

  static Inventory inventory(Path data) throws IOException {
    return Inventory.of(Os.real(), data, data.resolve("spool"));
  }

  static Manifest backup(Path data, Path place) throws IOException {
    try (var target = Target.begin(Os.real(), place)) {
      return target.write(inventory(data), ABOUT, Os.real());
    }
  }

  /// The machine with a disk that syncs nothing, for tests that write much.
  static Os hasty() {
    var real = Os.real();
    var disk =
        new PassingDisk(real.disk()) {
          @Override
          public OutputStream create(Path file) throws IOException {
            return Files.newOutputStream(file, StandardOpenOption.CREATE_NEW);
          }

          @Override
          public void replace(Path file, byte[] content, boolean ownerOnly) throws IOException {
            Files.write(file, content);
          }

          @Override
          public void makeDirectory(Path directory) throws IOException {
            Files.createDirectories(directory);
          }

          @Override
          public void move(Path from, Path to) throws IOException {
            Files.move(from, to);
          }
        };
    return new Os(real.time(), real.network(), real.tasks(), real.chance(), disk);
  }

  /// All files below a directory by their names, with their contents.
  static Map<String, String> files(Path directory) throws IOException {
    var files = new TreeMap<String, String>();
    try (var all = Files.walk(directory)) {
      for (Path file : all.filter(Files::isRegularFile).toList()) {
        files.put(directory.relativize(file).toString(), Files.readString(file));
      }
    }
    return files;
  }
}
