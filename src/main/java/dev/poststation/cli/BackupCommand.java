package dev.poststation.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.poststation.backup.BackupException;
import dev.poststation.backup.Inventory;
import dev.poststation.backup.Manifest;
import dev.poststation.backup.Parcel;
import dev.poststation.backup.Target;
import dev.poststation.os.Os;
import dev.poststation.spool.DataDirectory;
import dev.poststation.spool.Format;
import dev.poststation.spool.SpoolException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `backup`.
@Command(
    name = "backup",
    description = {
      "Make a backup of the spool while the relay runs, or of its files while none runs: all mail"
          + " that was accepted before is in it.",
      "It is whole when the directory has its name; until then it is called DIRECTORY.incomplete."
    })
final class BackupCommand implements Callable<Integer> {
  @Mixin private final Common common;

  @Parameters(
      paramLabel = "DIRECTORY",
      description = "Where it is put: must not be there yet, or be empty.")
  private Path directory = Path.of("");

  BackupCommand(Os os) {
    common = new Common(os);
  }

  @Override
  public Integer call() throws InterruptedException {
    var loaded = common.load();
    Path data = common.dataOf(loaded);
    try {
      refuseInside(data);
      var claimed = Offline.claim(common.os(), data);
      Manifest made;
      if (claimed.isPresent()) {
        try (var _ = claimed.get()) {
          made = ofFiles(data);
        }
      } else {
        made = Offline.ofRelay(data, () -> ofRelay(common.api(loaded)));
      }
      show(made, DataDirectory.damaged(common.os(), data));
      return Exit.OK;
    } catch (BackupException e) {
      throw failure(e);
    } catch (SpoolException e) {
      throw new Failure(Exit.WRONG, e.getMessage() + ".");
    } catch (IOException e) {
      throw new Failure(Exit.NO, "The directory " + data + " cannot be read: " + e.getMessage());
    }
  }

  static Failure failure(BackupException e) {
    return new Failure(e.refused() ? Exit.WRONG : Exit.NO, e.getMessage() + ".");
  }

  private void refuseInside(Path data) {
    Path inside = data.toAbsolutePath().normalize();
    if (directory.toAbsolutePath().normalize().startsWith(inside)) {
      throw new Failure(
          Exit.WRONG,
          "The backup must not be in "
              + data
              + " itself: name a directory elsewhere, best on"
              + " another disk.");
    }
  }

  private Manifest ofFiles(Path data) throws IOException {
    var os = common.os();
    Format.check(Format.of(os, data), "The spool in " + data);
    var about =
        new Manifest.About(
            VersionCommand.version(),
            Format.of(os, data),
            os.time().now(),
            data.toAbsolutePath().normalize().toString(),
            false,
            -1);
    try (var target = Target.begin(os, directory)) {
      return target.write(Inventory.of(os, data, data.resolve(DataDirectory.SPOOL)), about, os);
    }
  }

  private Manifest ofRelay(Api api) throws BackupException {
    try (var target = Target.begin(common.os(), directory);
        var download = api.download("backup")) {
      target.needs(download.octets());
      return Parcel.unpack(download.content(), target);
    } catch (BackupException e) {
      throw e;
    } catch (IOException e) {
      throw new Failure(Exit.NO, "The connection to the relay broke: " + e.getMessage() + ".");
    }
  }

  private void show(Manifest made, List<String> damaged) {
    var place = directory.toAbsolutePath().normalize();
    if (common.json()) {
      var json = JsonNodeFactory.instance.objectNode().put("directory", place.toString());
      json.setAll(made.json());
      json.put("files", made.files().size());
      json.put("octets", made.octets());
      damaged.forEach(json.putArray("notInIt")::add);
      common.print(json);
      return;
    }
    long mails = made.about().mails();
    common
        .out()
        .println(
            "Backup of "
                + (mails < 0 ? "the spool" : Words.count(mails, "mail"))
                + ", "
                + Words.size(made.octets())
                + " in "
                + Words.count(made.files().size(), "file")
                + ": "
                + place);
    if (!damaged.isEmpty()) {
      common
          .out()
          .println(
              "Not in it are the damaged files that were kept for you: "
                  + String.join(", ", damaged)
                  + ".");
    }
  }
}
