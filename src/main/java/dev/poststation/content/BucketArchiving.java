package dev.poststation.content;

import dev.poststation.archive.Bucket;
import dev.poststation.archive.Buckets;
import dev.poststation.archive.ObjectLock;
import dev.poststation.archive.Terms;
import dev.poststation.config.S3Service;
import java.io.IOException;
import java.time.Duration;
import java.time.ZoneOffset;

/// Keeps a copy of mail in a bucket of an object store. It is asked when all services have let the
/// mail go on, about the mail as it was at its place. Safe for any thread.
final class BucketArchiving implements Service {
  private final String name;
  private final S3Service settings;
  private final When when;
  private final Bucket bucket;
  private final ObjectLock lock;

  /// @param when knows from where to where mail goes
  BucketArchiving(String name, S3Service settings, When when, Buckets buckets) {
    this.name = name;
    this.settings = settings;
    this.when = when;
    this.bucket = buckets.at(settings.bucket());
    this.lock = new ObjectLock(settings.lock(), new Terms(settings.keep(), settings.hold()));
  }

  @Override
  public String describe() {
    return "archive in " + bucket;
  }

  Bucket bucket() {
    return bucket;
  }

  @Override
  public Finding examine(Message message, Facts facts, Duration atMost) throws ServiceException {
    if (facts.trial()) {
      return new Finding.Unchanged("would be archived in " + bucket);
    }
    try {
      var about = Archiving.about(name, settings.copy(), when, message, facts);
      return new Finding.Unchanged(told(bucket.add(lock, about, message.octets(), atMost)));
    } catch (Bucket.UnfitException e) {
      throw ServiceException.atThisMail(describe() + ": " + e.getMessage());
    } catch (IOException e) {
      throw ServiceException.down(describe() + ": " + e.getMessage());
    }
  }

  private String told(Bucket.Stored stored) {
    var until = stored.until();
    return "archived in "
        + bucket
        + " as "
        + stored.name()
        + ", SHA-256 "
        + stored.sha256()
        + (until == null ? "" : ", locked until " + until.atZone(ZoneOffset.UTC).toLocalDate())
        + (stored.held() ? ", with a legal hold" : "");
  }
}
