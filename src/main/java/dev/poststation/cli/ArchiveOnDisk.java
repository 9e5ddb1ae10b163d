package dev.poststation.cli;

import dev.poststation.archive.Verification;
import dev.poststation.config.ArchiveService;
import dev.poststation.config.S3Service;
import dev.poststation.config.Units;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Archives in the hands of a command: it only reads, and a relay may write meanwhile. Whatever
/// hinders that is a [Failure] with the remedy. Confined to the main thread.
final class ArchiveOnDisk {
  private ArchiveOnDisk() {}

  /// Which directories are meant.
  ///
  /// @param named null: those of the configuration
  static List<Path> directories(Common common, @Nullable Path named) {
    if (named != null) {
      return List.of(named.toAbsolutePath().normalize());
    }
    var all =
        common.configuration().content().stream()
            .filter(rule -> rule.service() instanceof ArchiveService)
            .map(rule -> ((ArchiveService) rule.service()).directory())
            .distinct()
            .toList();
    boolean others =
        common.configuration().content().stream()
            .anyMatch(rule -> rule.service() instanceof S3Service);
    if (all.isEmpty() && !others) {
      throw new Failure(
          Exit.WRONG, "The configuration has no use = archive: name the directory of the archive.");
    }
    return all;
  }

  static Failure failure(Path directory, IOException e) {
    return new Failure(
        Exit.WRONG,
        e instanceof AccessDeniedException
            ? "The archive in "
                + directory
                + " belongs to the user of the relay: run the command as that user, or as root."
            : "The archive in " + directory + " cannot be read: " + Words.why(e) + ".");
  }

  /// A time as people write it.
  ///
  /// @param option for the message
  /// @return null: none was written
  static @Nullable Instant time(String option, @Nullable String text, Instant now) {
    if (text == null) {
      return null;
    }
    var age = Units.parse(text);
    if (age.isPresent()) {
      return now.minus(age.get());
    }
    return day(text)
        .or(() -> instant(text))
        .orElseThrow(
            () ->
                new Failure(
                    Exit.WRONG,
                    option
                        + ": \""
                        + Words.shown(text)
                        + "\" is no time: write 2026-12-01 or 2026-12-01T08:00:00Z (UTC), or how"
                        + " long ago, such as 7d."));
  }

  private static Optional<Instant> day(String text) {
    try {
      return Optional.of(LocalDate.parse(text).atStartOfDay().toInstant(ZoneOffset.UTC));
    } catch (DateTimeException _) {
      return Optional.empty();
    }
  }

  private static Optional<Instant> instant(String text) {
    try {
      return Optional.of(Instant.parse(text));
    } catch (DateTimeException _) {
      return Optional.empty();
    }
  }

  /// As it is told.
  static String word(Verification.Kind kind) {
    return switch (kind) {
      case MISSING -> "missing";
      case CHANGED -> "changed";
      case INSERTED -> "inserted";
      case UNREADABLE -> "unreadable";
    };
  }
}
