package dev.poststation.cli;

import dev.poststation.config.Configuration;
import dev.poststation.seal.Names;
import dev.poststation.smime.Entry;
import dev.poststation.smime.Keystore;
import dev.poststation.tls.Fingerprint;
import java.util.List;

/// Certificates and keys of mail in the hands of a command: it works on the files, and a relay that
/// runs takes them over. Whatever hinders that is a [Failure] with the remedy. Confined to the main
/// thread.
final class SmimeOnDisk {
  private static final int PRINT_LEAST = 8;

  private final Common common;
  private final Configuration configuration;
  private final Keystore keystore;

  SmimeOnDisk(Common common) {
    this.common = common;
    this.configuration = common.configuration();
    this.keystore = new Keystore(common.os(), configuration.data(), configuration::smime);
  }

  Keystore keystore() {
    return keystore;
  }

  Configuration configuration() {
    return configuration;
  }

  /// All, those of ours first.
  List<Entry> all() {
    keystore.flaws().forEach(common.err()::println);
    return keystore.all();
  }

  /// Those of an address, `@domain`, or with a fingerprint that begins so.
  List<Entry> named(String what) {
    String name = Names.written(what.strip());
    String print = Fingerprint.digits(what);
    var found =
        all().stream()
            .filter(
                each ->
                    each.isFor(name)
                        || (print.length() >= PRINT_LEAST && each.fingerprint().startsWith(print)))
            .toList();
    if (found.isEmpty()) {
      throw new Failure(
          Exit.NO,
          "There is no certificate of "
              + Words.shown(what)
              + ": poststation smime list shows what there is.");
    }
    return found;
  }

  /// Changes the files, where nothing stands against it.
  <T> T change(Offline.Change<T> change) {
    return Offline.change(common.os(), configuration.data(), change);
  }
}
