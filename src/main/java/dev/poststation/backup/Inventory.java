package dev.poststation.backup;

import dev.poststation.os.Os;
import dev.poststation.spool.DataDirectory;
import dev.poststation.store.Learned;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// The files of `data` that belong into a backup. Immutable.
///
/// What a relay has learned is replaced as a whole while it runs: whoever has opened such a file
/// reads it as it was.
///
/// Not in it: the lock, the address of the API and RocksDB's own code, which each start makes anew;
/// RocksDB's log, which is for people; damaged files that were kept, which are, too.
///
/// @param items in the order in which they are read
public record Inventory(List<Item> items) {
  /// Small files beside the spool: the token of the API, the refresh tokens, and by what links of
  /// digests and journal reports are known.
  static final List<String> BESIDE =
      List.of("admin.token", "oauth.tokens", "quarantine.key", "journal.secret");

  /// The keys that sign mail (DKIM): a directory for each domain.
  static final String KEYS = "dkim";

  /// Keys and certificates of mail (S/MIME, OpenPGP), with the ends of their files.
  static final Map<String, String> SEALS = Map.of("smime", ".pem", "openpgp", ".asc");

  public Inventory {
    items = List.copyOf(items);
  }

  /// A file.
  ///
  /// @param name in the backup
  /// @param file where it is now
  public record Item(String name, Path file, long octets) {}

  /// Of a directory that nobody uses, or of a running relay.
  ///
  /// @param spool where the engine's files are that do not change
  public static Inventory of(Os os, Path data, Path spool) throws IOException {
    List<Item> items = new ArrayList<>();
    for (Path file : os.disk().list(spool)) {
      String name = file.getFileName().toString();
      boolean own = name.equals("LOCK") || name.equals("LOG") || name.startsWith("LOG.old");
      if (!own && !os.disk().isDirectory(file)) {
        items.add(new Item(DataDirectory.SPOOL + "/" + name, file, os.disk().size(file)));
      }
    }
    List<String> others = new ArrayList<>(Learned.FILES);
    others.addAll(BESIDE);
    for (String name : others) {
      Path file = data.resolve(name);
      if (os.disk().identity(file).isPresent()) {
        items.add(new Item(name, file, os.disk().size(file)));
      }
    }
    for (Path domain : os.disk().list(data.resolve(KEYS))) {
      for (Path file : os.disk().list(domain)) {
        String name = file.getFileName().toString();
        if (name.equals("keys") || name.endsWith(".pem")) {
          String whole = KEYS + "/" + domain.getFileName() + "/" + name;
          items.add(new Item(whole, file, os.disk().size(file)));
        }
      }
    }
    for (var seal : new TreeMap<>(SEALS).entrySet()) {
      for (Path kind : os.disk().list(data.resolve(seal.getKey()))) {
        for (Path file : os.disk().isDirectory(kind) ? os.disk().list(kind) : List.<Path>of()) {
          if (file.toString().endsWith(seal.getValue())) {
            String whole = seal.getKey() + "/" + kind.getFileName() + "/" + file.getFileName();
            items.add(new Item(whole, file, os.disk().size(file)));
          }
        }
      }
    }
    return new Inventory(items);
  }

  /// Octets of all.
  public long octets() {
    return items.stream().mapToLong(Item::octets).sum();
  }
}
