package dev.poststation.archive;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.poststation.message.Octets;
import dev.poststation.os.Disk;
import dev.poststation.os.Os;
import dev.poststation.sim.ManualTime;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// What tests of the archive stand on.
final class Ground {
  static final Path DIRECTORY = Path.of("/archive");

  private Ground() {}

  static Os os(Disk disk) {
    return os(disk, new ManualTime());
  }

  static Os os(Disk disk, ManualTime time) {
    var real = Os.real();
    return new Os(time, real.network(), real.tasks(), real.chance(), disk);
  }

  static About about(String id, String sender, String... recipients) {
    return new About(
        id,
        "archive",
        "plain",
        sender,
        List.of(recipients),
        List.of(),
        "lan",
        "10.0.0.1",
        "client",
        "ESMTP",
        "",
        "outbound",
        "<" + id + "@here.test>",
        "Über " + id,
        "");
  }

  static Octets content(String id) {
    return Octets.of(("Subject: " + id + "\r\n\r\nbody of " + id + "\r\n").getBytes(UTF_8));
  }

  /// Has mails come in one group.
  static List<Entry> append(Folder folder, Disk disk, String... ids) throws IOException {
    List<Folder.Arrived> group = new ArrayList<>();
    for (String id : ids) {
      byte[] octets = content(id).bytes();
      Path file = folder.incoming().resolve(id + Place.MAIL);
      try (var out = disk.create(file)) {
        out.write(octets);
      }
      group.add(
          new Folder.Arrived(
              about(id, "a@here.test", id + "@there.test"),
              file,
              octets.length,
              Hashes.of(octets)));
    }
    return folder.append(group);
  }

  static List<String> problems(Disk disk) throws IOException {
    return Verification.of(disk, DIRECTORY, Map.of()).found().stream()
        .map(each -> each.kind() + " " + each.text())
        .toList();
  }
}
