package dev.poststation.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Keeps a copy of each mail, with its settings. Immutable.
///
/// @param copy which one
/// @param directory where
/// @param keep how long; null: for ever
/// @param hold addresses and domains whose mail is never removed
public record ArchiveService(Copy copy, Path directory, @Nullable Duration keep, List<String> hold)
    implements ContentService {
  static final List<String> KEYS = List.of("to", "copy", "directory", "keep", "legal-hold");

  /// Where copies go.
  enum To {
    FILES
  }

  /// Which copy is kept.
  public enum Copy {
    /// One that everybody can read: before it is encrypted.
    PLAIN,
    /// The mail as it leaves.
    SENT;

    /// As it is written in the file.
    public String word() {
      return Kinds.word(this);
    }
  }

  public ArchiveService {
    directory = directory.toAbsolutePath().normalize();
    hold = List.copyOf(hold);
  }

  /// Sees to it that what is kept in one directory is kept on the same terms.
  static void agree(List<ContentRule> rules, Problems problems) {
    Map<Path, ContentRule> first = new HashMap<>();
    for (var rule : rules) {
      if (rule.service() instanceof ArchiveService(_, var directory, var keep, var hold)) {
        var other = first.putIfAbsent(directory, rule);
        if (other != null
            && other.service() instanceof ArchiveService(_, _, var itsKeep, var itsHold)
            && !(Objects.equals(keep, itsKeep) && hold.equals(itsHold))) {
          problems.error(
              rule.origin(),
              "%s has the directory of %s (%s), but another keep or legal-hold"
                  .formatted(rule.name(), other.name(), other.origin()),
              "write the same, or name another directory");
        }
      }
    }
  }

  @Override
  public Effect effect() {
    return Effect.KEEPS;
  }

  static ArchiveService read(Section in) {
    in.required(
        "to",
        Kinds.choice(To.class),
        To.FILES,
        "files",
        """
        Of `archive`: where the copies go. `files` is a directory of this machine.
        """);
    Copy copy =
        in.read(
            "copy",
            Kinds.choice(Copy.class),
            "plain",
            """
            Which copy `archive` keeps: `plain`, which everybody can read, or `sent`, the mail as it
            leaves. It is the one at the place of the entry: `check` says when that is another. For
            both, write two entries.
            """);
    Path directory =
        in.required(
            "directory",
            in.file(),
            Path.of("archive"),
            "/var/lib/poststation/archive",
            """
            Of `archive`: where the files lie, in a folder for each day. It belongs to the relay
            alone, which makes it when there is none. Entries with the same directory share it.
            """);
    Duration keep =
        in.optional(
                "keep",
                Kinds.duration("1 day", "100000 days"),
                Standard.none("for ever", "3653 days"),
                """
                How long `archive` keeps mail; then it is removed, a whole day at a time. Ten years are
                `"3653 days"`.
                """)
            .orElse(null);
    List<String> hold =
        in.list(
            "legal-hold",
            Kinds.PATTERN,
            Standard.emptyList("nobody", "director@example.com", "project.example.com"),
            """
            Whose mail `archive` does not remove, however old it is: addresses or domains that sent or
            got it.
            """);
    return new ArchiveService(copy, directory, keep, hold);
  }
}
