package dev.poststation.archive;

import dev.poststation.config.S3Service;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// How objects in a bucket are locked. Immutable, safe for any thread.
public final class ObjectLock {
  private final S3Service.Lock mode;
  private final Terms terms;
  private final Predicate<About> holds;

  /// @param mode who may remove an object before its time
  /// @param terms how long that is, and whose mail has a legal hold, which has no time
  public ObjectLock(S3Service.Lock mode, Terms terms) {
    this.mode = mode;
    this.terms = terms;
    this.holds = terms.holdingMail();
  }

  /// Whether the bucket must be able to lock objects.
  boolean isAny() {
    return mode != S3Service.Lock.NONE || !terms.hold().isEmpty();
  }

  /// How the objects of a mail that comes now are locked.
  Applied at(Instant now, About about) {
    var keep = terms.keep();
    Instant until =
        mode == S3Service.Lock.NONE || keep == null
            ? null
            : now.truncatedTo(ChronoUnit.SECONDS).atZone(ZoneOffset.UTC).plus(keep).toInstant();
    return new Applied(mode, until, holds.test(about));
  }

  /// How the objects of one mail are locked.
  ///
  /// @param until null: they are not
  record Applied(S3Service.Lock mode, @Nullable Instant until, boolean held) {
    /// As the store is told.
    Map<String, String> fields() {
      Map<String, String> fields = new LinkedHashMap<>();
      if (until != null) {
        fields.put("x-amz-object-lock-mode", mode.name());
        fields.put("x-amz-object-lock-retain-until-date", until.toString());
      }
      if (held) {
        fields.put("x-amz-object-lock-legal-hold", "ON");
      }
      return fields;
    }
  }
}
