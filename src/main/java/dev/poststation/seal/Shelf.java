package dev.poststation.seal;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.poststation.os.Disk;
import dev.poststation.os.FileFault;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Keys on disk: `own` and `partners` in a directory of `data`, a file for each, named by its
/// fingerprint. A file has some lines that say whom it is for, and what follows is the key, the
/// private part encrypted; only its owner may read it. Each change is a file that is replaced in
/// one step. Safe for any thread.
final class Shelf<E extends Kept> {
  /// Keys of ours.
  static final String OWN = "own";

  /// What others have shown us of theirs.
  static final String PARTNERS = "partners";

  /// Changes with each change, so that a relay that runs sees it.
  private static final String MARK = "changed";

  private static final long FILE_MOST = 1_000_000;

  private final Disk disk;
  private final Path directory;
  private final Form<E> form;

  /// @param data that of the relay
  Shelf(Disk disk, Path data, Form<E> form) {
    this.disk = disk;
    this.directory = data.resolve(form.word());
    this.form = form;
  }

  /// What is on it.
  ///
  /// @param flaws files that cannot be used, a sentence each
  /// @param unread those of them that the disk does not give: nobody knows whose they are
  record Content<E extends Kept>(List<E> entries, List<String> flaws, List<String> unread) {
    Content {
      entries = List.copyOf(entries);
      flaws = List.copyOf(flaws);
      unread = List.copyOf(unread);
    }
  }

  /// What differs when something was changed.
  String mark() {
    Path file = directory.resolve(MARK);
    try {
      return disk.identity(file) + " " + disk.modified(file);
    } catch (IOException e) {
      return String.valueOf(e);
    }
  }

  /// Whether this user may not see what is on it.
  boolean isHidden() {
    try {
      for (String kind : List.of(OWN, PARTNERS)) {
        disk.list(directory.resolve(kind));
      }
      return false;
    } catch (AccessDeniedException _) {
      return true;
    } catch (IOException _) {
      return false;
    }
  }

  /// What is on it.
  Content<E> read() {
    List<E> entries = new ArrayList<>();
    List<String> flaws = new ArrayList<>();
    List<String> unread = new ArrayList<>();
    for (String kind : List.of(OWN, PARTNERS)) {
      try {
        for (Path file : disk.list(directory.resolve(kind))) {
          if (file.toString().endsWith(form.suffix())) {
            try {
              entries.add(read(file, kind.equals(OWN)));
            } catch (Unread e) {
              unread.add(file + " cannot be read: " + e.getMessage());
            } catch (IOException e) {
              flaws.add(file + " cannot be used: " + e.getMessage());
            }
          }
        }
      } catch (IOException e) {
        unread.add(directory.resolve(kind) + " cannot be read: " + FileFault.why(e));
      }
    }
    flaws.addAll(unread);
    return new Content<>(entries, flaws, unread);
  }

  /// The disk does not give a file that is there.
  private static final class Unread extends IOException {
    private static final long serialVersionUID = 1;

    Unread(IOException cause) {
      super(FileFault.why(cause), cause);
    }
  }

  private E read(Path file, boolean own) throws IOException {
    byte[] octets;
    boolean open;
    boolean large;
    try {
      open = own && disk.readableByOthers(file);
      large = disk.size(file) > FILE_MOST;
      octets = large ? new byte[0] : disk.read(file);
    } catch (NoSuchFileException e) {
      throw new IOException(FileFault.why(e), e);
    } catch (IOException e) {
      throw new Unread(e);
    }
    if (large) {
      throw new IOException("it is too large");
    }
    if (open) {
      throw new IOException("others can read it; run: chmod 600 " + file);
    }
    return parse(form, octets, own);
  }

  static <E extends Kept> E parse(Form<E> form, byte[] octets, boolean own) throws IOException {
    var lines = new String(octets, UTF_8).lines().takeWhile(each -> !each.isBlank()).toList();
    if (lines.isEmpty() || !lines.getFirst().equals(format(form))) {
      throw new IOException("it does not begin with \"" + format(form) + "\"");
    }
    E entry = form.parse(head(lines), octets);
    if (entry.isOwn() != own) {
      throw new IOException(own ? "it has no private key" : "it has a private key");
    }
    return entry;
  }

  private static Form.Head head(List<String> lines) throws IOException {
    try {
      return new Form.Head(
          List.of(value(lines, "names").split(", *")),
          Kept.Origin.valueOf(value(lines, "origin").toUpperCase(Locale.ROOT)),
          Instant.parse(value(lines, "added")));
    } catch (DateTimeException | IllegalArgumentException e) {
      throw new IOException("its first lines are damaged", e);
    }
  }

  private static String format(Form<?> form) {
    return "poststation-" + form.word() + " 1";
  }

  private static String value(List<String> lines, String key) throws IOException {
    for (String line : lines) {
      if (line.startsWith(key + " = ")) {
        return line.substring(key.length() + 3).strip();
      }
    }
    throw new IOException("it has no line \"" + key + " = …\"");
  }

  static <E extends Kept> String text(Form<E> form, E entry) {
    return """
    %s
    names = %s
    origin = %s
    added = %s

    %s\
    """
        .formatted(
            format(form),
            String.join(", ", entry.names()),
            entry.origin().word(),
            entry.added(),
            form.text(entry));
  }

  /// Where an entry stands.
  Path file(E entry) {
    return directory
        .resolve(entry.isOwn() ? OWN : PARTNERS)
        .resolve(entry.fingerprint() + form.suffix());
  }

  /// Puts an entry on it, in the place of the one with its fingerprint.
  void put(E entry) throws IOException {
    Path file = file(entry);
    disk.makeDirectory(Optional.ofNullable(file.getParent()).orElse(directory));
    disk.replace(file, text(form, entry).getBytes(UTF_8), true);
    changed();
  }

  /// Takes one away.
  void remove(E entry) throws IOException {
    disk.remove(file(entry));
    changed();
  }

  private void changed() throws IOException {
    disk.replace(directory.resolve(MARK), new byte[0], true);
  }
}
