package dev.poststation.config;

import java.nio.file.Path;
import java.time.Period;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Keeps a copy of each mail in a bucket of an object store, with its settings. Immutable.
///
/// @param copy which one
/// @param bucket where
/// @param lock how objects are locked
/// @param keep how long they are; null: they are not
/// @param hold addresses and domains whose mail gets a legal hold
public record S3Service(
    Copy copy, S3Bucket bucket, Lock lock, @Nullable Period keep, List<String> hold)
    implements KeepingService {
  /// What of `archive` belongs to no other place.
  static final List<String> KEYS =
      Stream.concat(Stream.of("lock"), S3Bucket.KEYS.stream()).toList();

  /// Who may remove an object before its time.
  public enum Lock {
    /// Whoever may remove objects.
    NONE,
    /// Who has a right of its own for it.
    GOVERNANCE,
    /// Nobody.
    COMPLIANCE;

    /// As it is written in the file.
    public String word() {
      return Kinds.word(this);
    }
  }

  public S3Service {
    hold = List.copyOf(hold);
  }

  static KeepingService read(Section in, Copy copy) {
    var bucket = S3Bucket.read(in);
    Lock lock =
        in.read(
            "lock",
            Kinds.choice(Lock.class),
            "none",
            """
            Of `archive` with `to = s3`: how each object is locked for `keep` (S3 Object Lock):
            `governance` (only who has a right of its own can remove it before its time), `compliance`
            (nobody can, not even who owns the bucket), or `none`. While the bucket cannot lock, no
            mail is taken.
            """);
    var keep = ArchiveService.keep(in);
    if (keep == null && lock != Lock.NONE && !in.refused("keep")) {
      in.error(
          "lock",
          in.path("lock") + " needs keep: how long objects are locked",
          "write, for example, keep = \"10 years\"");
    }
    if (keep != null && lock == Lock.NONE && !in.refused("lock")) {
      in.error(
          "keep",
          in.path("keep") + " needs lock with to = s3: the relay removes nothing from a bucket",
          "write lock = governance or compliance; or leave it out, and give the bucket a"
              + " lifecycle");
    }
    var hold = ArchiveService.hold(in);
    return bucket
        .<KeepingService>map(each -> new S3Service(copy, each, lock, keep, hold))
        .orElseGet(() -> new MaildirService(copy, Path.of("archive"))); // Nothing comes of it.
  }
}
