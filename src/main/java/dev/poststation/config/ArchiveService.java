package dev.poststation.config;

import dev.poststation.smtp.Address;
import java.nio.file.Path;
import java.time.Period;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
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
      Stream.concat(
              Stream.of("to", "copy", "format", "directory", "keep", "legal-hold", "alternate"),
              S3Service.KEYS.stream())
          .toList();

  private static final List<String> OF_DIRECTORIES = List.of("format", "directory");

  /// Of directories with `eml` files, and of buckets.
  private static final List<String> OF_TIME = List.of("keep", "legal-hold");

  /// How files are written.
  private enum Format {
    EML,
    MAILDIR,
    MBOX
  }

  /// Where copies go.
  ///
  /// @param bucket whether into one of an object store
  /// @param mailbox null: not to one
  private record To(boolean bucket, @Nullable Address mailbox) {
    private static final To FILES = new To(false, null);
    private static final Kind<To> KIND =
        new Kind<>("`files`, `s3`, or a mail address", Kind.Form.WORD, (text, _) -> read(text));

    private static Parsed<To> read(String text) {
      if (text.equals("files")) {
        return Parsed.good(FILES);
      }
      if (text.equals("s3")) {
        return Parsed.good(new To(true, null));
      }
      return switch (ClientKinds.ADDRESS.read(text, Origin.DEFAULT)) {
        case Parsed.Good<Address>(Address mailbox) -> Parsed.good(new To(false, mailbox));
        case Parsed.Bad<Address> _ ->
            Parsed.bad(
                "is neither files nor s3 nor a mail address",
                text.startsWith("http")
                    ? "write a mail address, and a route for it to a connector with type = http"
                    : "write files, s3, or a mail address in ASCII like"
                        + " \"journal@archive.example\"");
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
            To.FILES,
            "files",
            """
            Of `archive`: where the copies go. `files` is a directory of this machine, `s3` a bucket
            of an object store; to a mail address goes a journal report of each mail, in the form of
            Exchange. Of `mirror`: the address at the filter to which the copies go.
            """);
    Copy copy = copy(in);
    if (in.reading().documenting()) {
      alternate(in, null);
      files(in, copy);
      return S3Service.read(in, copy);
    }
    var mailbox = to.mailbox();
    boolean known = in.has("to") && !in.refused("to");
    if (to.bucket() || (!known && S3Service.KEYS.stream().anyMatch(in::has))) {
      refuse(in, "to = s3", OF_DIRECTORIES, "to = files");
      refuse(in, "to = s3", List.of("alternate"), "to = a mail address");
      return S3Service.read(in, copy);
    }
    if (in.refused("to")
        && Stream.concat(OF_DIRECTORIES.stream(), OF_TIME.stream()).noneMatch(in::has)) {
      alternate(in, null);
      return new ArchiveService(copy, Path.of("archive"), null, List.of()); // Nothing comes of it.
    }
    return mailbox == null ? files(in, copy) : mailbox(in, copy, mailbox);
  }

  /// Which copy is meant.
  static Copy copy(Section in) {
    return in.read(
        "copy",
        Kinds.choice(Copy.class),
        "plain",
        """
        Which copy `archive` keeps, or `mirror` sends: `plain`, which everybody can read, or `sent`,
        the mail as it leaves. It is the one at the place of the entry: `check` says when that is
        another. For both, write two entries.
        """);
  }

  /// Tells of keys that belong elsewhere.
  private static void refuse(Section in, String here, List<String> keys, String elsewhere) {
    for (String key : keys) {
      if (in.has(key)) {
        in.misplaced(key, here, elsewhere);
      }
    }
  }

  private static JournalService mailbox(Section in, Copy copy, Address to) {
    String here = "to = " + to;
    refuse(in, here, OF_DIRECTORIES, "to = files");
    refuse(in, here, OF_TIME, "to = files");
    refuse(in, here, S3Service.KEYS, "to = s3");
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
            Kinds.choice(Format.class),
            "eml",
            """
            Of `archive` with `to = files`: `eml` writes each mail as a file and its envelope as another
            one, in a chain of hashes that `poststation archive` reads; `maildir` writes a maildir, and
            `mbox` one file for each day, for programs that read these.
            """);
    refuse(in, "to = files", List.of("alternate"), "to = a mail address");
    refuse(in, "to = files", S3Service.KEYS, "to = s3");
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
    if (format != Format.EML) {
      refuse(in, "format = " + Kinds.word(format), OF_TIME, "format = eml");
      return format == Format.MBOX
          ? new MboxService(copy, directory)
          : new MaildirService(copy, directory);
    }
    return new ArchiveService(copy, directory, keep(in), hold(in));
  }

  /// How long mail is kept; null: for ever.
  static @Nullable Period keep(Section in) {
    return in.optional(
            "keep",
            Kinds.PERIOD,
            Standard.<Period>none("for ever", "10 years"),
            """
            How long `archive` keeps mail, such as `"10 years"` or `"90 days"`; then it is removed, a
            whole day at a time. With `to = s3`: how long objects are locked; nothing is removed.
            """)
        .orElse(null);
  }

  /// Whose mail is kept longer.
  static List<String> hold(Section in) {
    return in.list(
        "legal-hold",
        Kinds.PATTERN,
        Standard.emptyList("nobody", "director@example.com", "project.example.com"),
        """
        Whose mail `archive` does not remove, however old it is: addresses or domains that sent or
        got it. With `to = s3` the objects of such mail get a legal hold of the bucket.
        """);
  }
}
