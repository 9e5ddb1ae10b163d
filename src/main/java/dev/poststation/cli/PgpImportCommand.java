package dev.poststation.cli;

import dev.poststation.openpgp.Key;
import dev.poststation.openpgp.KeyFile;
import dev.poststation.os.Os;
import dev.poststation.seal.Names;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

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
  private static final Pattern NAME = Pattern.compile("[^@\\s,]*@[^@\\s,]+");

  @Mixin private final Common common;

  @Parameters(paramLabel = "FILE", arity = "1..*", description = "The files.")
  private List<Path> files = new ArrayList<>();

  @Option(
      names = "--for",
      paramLabel = "NAME",
      description = "Whom it is for: an address, or @domain. May be given several times.")
  private List<String> names = new ArrayList<>();

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
    for (String name : names) {
      if (!NAME.matcher(name).matches()) {
        throw new Failure(
            Exit.WRONG, "--for: " + Words.shown(name) + " is no address, and no @domain.");
      }
    }
    var disk = new PgpOnDisk(common);
    List<Done> kept = new ArrayList<>();
    for (Path file : files) {
      for (var found : read(file)) {
        kept.add(keep(disk, file, found));
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

  private Done keep(PgpOnDisk disk, Path file, KeyFile.Found found) {
    var names = names(disk, file, found);
    var before = disk.keystore().kept(found).map(Key::names).orElse(List.of());
    if (found.secret() != null && disk.configuration().openPgp().password() == null) {
      throw new Failure(
          Exit.WRONG,
          "Private keys are kept encrypted: write openpgp { password = \"file:PATH\" } into the"
              + " configuration, with a long password in that file.");
    }
    String password = found.isLocked() ? password(file, found) : null;
    List<Key> done = new ArrayList<>(1);
    disk.change(() -> done.add(disk.keystore().keep(names, found, password)));
    return new Done(done.getFirst(), before);
  }

  private List<String> names(PgpOnDisk disk, Path file, KeyFile.Found found) {
    if (!names.isEmpty()) {
      return names.stream().map(Names::written).distinct().toList();
    }
    List<String> own = new ArrayList<>();
    disk.change(() -> own.addAll(disk.keystore().names(found)));
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
