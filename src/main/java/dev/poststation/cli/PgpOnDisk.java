package dev.poststation.cli;

import dev.poststation.config.Configuration;
import dev.poststation.openpgp.Key;
import dev.poststation.openpgp.Keystore;
import dev.poststation.seal.Names;
import java.util.List;
import java.util.Locale;

/// Keys of OpenPGP in the hands of a command: it works on the files, and a relay that runs takes
/// them over. Whatever hinders that is a [Failure] with the remedy. Confined to the main thread.
final class PgpOnDisk {
  private static final int PRINT_LEAST = 8;

  private final Common common;
  private final Configuration configuration;
  private final Keystore keystore;

  PgpOnDisk(Common common) {
    this.common = common;
    this.configuration = common.configuration();
    this.keystore = new Keystore(common.os(), configuration.data(), configuration::openPgp);
  }

  Keystore keystore() {
    return keystore;
  }

  Configuration configuration() {
    return configuration;
  }

  /// All, those of ours first.
  List<Key> all() {
    keystore.flaws().forEach(common.err()::println);
    return keystore.all();
  }

  /// Those of an address, `@domain`, or with a fingerprint or key ID that is written so.
  List<Key> named(String what) {
    String name = Names.written(what.strip());
    String print = what.toUpperCase(Locale.ROOT).replaceAll("^\\s*0X|\\s", "");
    boolean isPrint = print.length() >= PRINT_LEAST && print.matches("[0-9A-F]+");
    var found =
        all().stream()
            .filter(each -> each.isFor(name) || (isPrint && each.isPrint(print)))
            .toList();
    if (found.isEmpty()) {
      throw new Failure(
          Exit.NO,
          "There is no key of "
              + Words.shown(what)
              + ": poststation pgp list shows what there is.");
    }
    return found;
  }

  /// Changes the files, where nothing stands against it.
  <T> T change(Offline.Change<T> change) {
    return Offline.change(common.os(), configuration.data(), change);
  }
}
