package dev.poststation.cli;

import dev.poststation.openpgp.Key;
import dev.poststation.openpgp.KeyFile;
import dev.poststation.os.Os;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `pgp import`.
@Command(
    name = "import",
    description = {
      "Keep the keys that files have, with armor or without: private keys of ours (gpg --armor"
          + " --export-secret-keys), and keys of those we write to.",
      "A key is for the addresses in its names, unless --for says for whom it is: @example.com for"
          + " a whole domain. A key that is kept already learns what is new, such as that it was"
          + " revoked; it stays for whom --for has said before."
    })
final class PgpImportCommand implements Callable<Integer> {
  @Mixin private final Common common;
  @Mixin private final KeyFileOptions given = new KeyFileOptions();

  @Option(
      names = "--password-file",
      paramLabel = "FILE",
      description =
          "Take the password of private keys from this file; - is standard input. Else it is asked"
              + " for, where a key has one.")
  private @Nullable Path passwordFile;

  PgpImportCommand(Os os) {
    common = new Common(os);
  }

  @Override
  public Integer call() {
    var names = given.names();
    var disk = new PgpOnDisk(common);
    List<Done> kept = new ArrayList<>();
    for (Path file : given.files()) {
      for (var found : read(file)) {
        kept.add(keep(disk, file, found, names));
      }
    }
    var now = common.os().time().now();
    if (common.json()) {
      var all = kept.stream().map(each -> PgpText.json(each.key, now)).toList();
      common.print(Map.of("imported", all));
    } else {
      kept.forEach(each -> PgpText.kept(each.key, each.before, now, common.out()));
    }
    return Exit.OK;
  }

  /// @param before whom it was for; empty: it is new
  private record Done(Key key, List<String> before) {}

  private List<KeyFile.Found> read(Path file) {
    try {
      return KeyFile.read(common.os().disk().read(file));
    } catch (IOException e) {
      throw new Failure(Exit.NO, file + " cannot be imported: " + Words.why(e) + ".");
    }
  }

  private Done keep(PgpOnDisk disk, Path file, KeyFile.Found found, List<String> given) {
    var names = given.isEmpty() ? names(disk, file, found) : given;
    var before = disk.keystore().kept(found).map(Key::names).orElse(List.of());
    if (found.secret() != null) {
      KeyFileOptions.require(disk.configuration().openPgp().password(), "openpgp");
    }
    String password = found.isLocked() ? password(file, found) : null;
    return new Done(disk.change(() -> disk.keystore().keep(names, found, password)), before);
  }

  private static List<String> names(PgpOnDisk disk, Path file, KeyFile.Found found) {
    var own = disk.change(() -> disk.keystore().names(found));
    if (own.isEmpty()) {
      throw new Failure(
          Exit.WRONG,
          "%s has key %s, which names no address: say with --for whom it is for."
              .formatted(file, found.id()));
    }
    return own;
  }

  private String password(Path file, KeyFile.Found found) {
    return passwordFile == null
        ? PasswordOptions.typed("Password of key " + found.id() + " in " + file + ": ")
        : PasswordOptions.read(common.os(), passwordFile);
  }
}
