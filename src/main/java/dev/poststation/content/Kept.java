package dev.poststation.content;

import dev.poststation.archive.Archives;
import dev.poststation.archive.Buckets;
import dev.poststation.archive.Maildirs;
import dev.poststation.archive.Mboxes;
import dev.poststation.archive.Terms;
import dev.poststation.config.ArchiveService;
import dev.poststation.config.Configuration;
import dev.poststation.config.S3Bucket;
import dev.poststation.config.S3Service;
import dev.poststation.os.Os;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;

/// What services keep, whatever the configuration says meanwhile. Safe for any thread.
///
/// @param correspondents to whom our people have written
/// @param maildirs in which archives are, too
/// @param mboxes the same
/// @param buckets the same
/// @param seal by what journal reports of ours are known
/// @param scarce whether there is no room but for mail itself
public record Kept(
    Correspondents correspondents,
    Archives archives,
    Maildirs maildirs,
    Mboxes mboxes,
    Buckets buckets,
    JournalSeal seal,
    BooleanSupplier scarce)
    implements AutoCloseable {
  /// What there is.
  ///
  /// @param data where it is kept
  /// @param scarce whether there is no room but for mail itself
  public static Kept in(Os os, Path data, BooleanSupplier scarce) {
    return new Kept(
        new Correspondents(os, data),
        new Archives(os),
        new Maildirs(os),
        new Mboxes(os),
        new Buckets(os),
        new JournalSeal(os, data),
        scarce);
  }

  /// As it was written last: for commands, which keep nothing.
  public static Kept asWritten(Os os, Path data) {
    return new Kept(
        Correspondents.asWritten(os, data),
        new Archives(os),
        new Maildirs(os),
        new Mboxes(os),
        new Buckets(os),
        new JournalSeal(os, data),
        () -> false);
  }

  /// From now on this configuration holds.
  public void use(Configuration now) {
    Map<Path, Terms> directories = new LinkedHashMap<>();
    Set<S3Bucket> inUse = new HashSet<>();
    for (var rule : now.content()) {
      if (rule.service() instanceof ArchiveService archive) {
        directories.put(archive.directory(), new Terms(archive.keep(), archive.hold()));
      } else if (rule.service() instanceof S3Service archive) {
        inUse.add(archive.bucket());
      }
    }
    archives.use(directories);
    buckets.use(inUse);
  }

  @Override
  public void close() {
    archives.close();
    buckets.close();
    correspondents.close();
  }
}
