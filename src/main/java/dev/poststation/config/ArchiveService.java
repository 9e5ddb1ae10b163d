package dev.poststation.config;

import dev.poststation.smtp.Address;
import java.nio.file.Path;
import java.time.Period;
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
public record ArchiveService(Copy copy, Path directory, @Nullable Period keep, List<String> hold)
    implements KeepingService {
  static final List<String> KEYS =
      List.of("to", "copy", "format", "directory", "keep", "legal-hold", "alternate");

  private static final List<String> OF_FILES = List.of("format", "directory", "keep", "legal-hold");

  private static final List<String> OF_EML = List.of("keep", "legal-hold");

  /// How files are written.
  private enum Format {
    EML,
    MAILDIR
  }

  /// Where copies go.
  ///
  /// @param mailbox null: into files
  private record To(@Nullable Address mailbox) {
    private static final String FILES = "files";
    private static final Kind<To> KIND =
        new Kind<>("`files`, or a mail address", Kind.Form.WORD, (text, _) -> read(text));

    private static Parsed<To> read(String text) {
      if (text.equals(FILES)) {
        return Parsed.good(new To(null));
      }
      return switch (ClientKinds.ADDRESS.read(text, Origin.DEFAULT)) {
        case Parsed.Good<Address>(Address mailbox) -> Parsed.good(new To(mailbox));
        case Parsed.Bad<Address> _ ->
            Parsed.bad(
                "is neither files nor a mail address",
                text.startsWith("http")
                    ? "write a mail address, and a route for it to a connector with type = http"
                    : "write files, or a mail address in ASCII like \"journal@archive.example\"");
      };
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

  static KeepingService read(Section in) {
    To to =
        in.required(
            "to",
            To.KIND,
            new To(null),
            "files",
            """
            Of `archive`: where the copies go. `files` is a directory of this machine; to a mail
            address goes a journal report of each mail, in the form of Exchange.
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
    if (in.reading().documenting()) {
      alternate(in, null);
    }
    var mailbox = to.mailbox();
    if (in.refused("to") && OF_FILES.stream().noneMatch(in::has)) {
      alternate(in, null);
      return new ArchiveService(copy, Path.of("archive"), null, List.of()); // Nothing comes of it.
    }
    return mailbox == null ? files(in, copy) : mailbox(in, copy, mailbox);
  }

  private static JournalService mailbox(Section in, Copy copy, Address to) {
    for (String key : OF_FILES) {
      if (in.has(key)) {
        in.misplaced(key, "to = " + to, "to = files");
      }
    }
    return new JournalService(copy, to, alternate(in, to));
  }

  private static @Nullable Address alternate(Section in, @Nullable Address to) {
    var alternate =
        in.optional(
                "alternate",
                ClientKinds.ADDRESS,
                Standard.none("nobody: they are held", "journal@elsewhere.example"),
                """
                Of `archive` with a mail address: who gets the journal reports that the other
                mailbox has refused for good, or did not take in `queue.lifetime`.
                """)
            .orElse(null);
    if (alternate != null && to != null && alternate.isSameMailbox(to)) {
      in.error(
          "alternate",
          in.path("alternate") + " is the journal mailbox itself",
          "write another one, best in another place, or leave it out");
    }
    return alternate;
  }

  private static KeepingService files(Section in, Copy copy) {
    Format format =
        in.read(
            "format",
            Kinds.choice(Format.class, "mbox"),
            "eml",
            """
            Of `archive` with `to = files`: `eml` writes each mail as a file and its envelope as another
            one, in a chain of hashes that `poststation archive` reads; `maildir` writes a maildir, for
            programs that read one.
            """);
    if (in.has("alternate")) {
      in.misplaced("alternate", "to = files", "to = a mail address");
    }
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
    if (format == Format.MAILDIR) {
      for (String key : OF_EML) {
        if (in.has(key)) {
          in.misplaced(key, "format = maildir", "format = eml");
        }
      }
      return new MaildirService(copy, directory);
    }
    Period keep =
        in.optional(
                "keep",
                Kinds.PERIOD,
                Standard.none("for ever", "10 years"),
                """
                How long `archive` keeps mail, such as `"10 years"` or `"90 days"`; then it is
                removed, a whole day at a time.
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
