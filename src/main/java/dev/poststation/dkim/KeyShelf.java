package dev.poststation.dkim;

import dev.poststation.os.Disk;
import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The keys of a domain on disk: `dkim/DOMAIN/` in `data`, with the file `keys`, a line for each,
/// and a file `SELECTOR.pem` for each that was made here. Only their owner may read them. A line
/// that nobody understands is left alone, and hinders changes, so that nothing is lost by one. Safe
/// for any thread; those who change it take the lock.
public final class KeyShelf {
  /// In `data`.
  public static final String DIRECTORY = "dkim";

  /// The first line: what the others are, and in which format.
  static final String FORMAT = "poststation-dkim 1";

  static final String ENTRIES = "keys";
  private static final String LOCK = "lock";
  private static final long ENTRIES_MOST = 1_000_000;

  private final Disk disk;
  private final Path directory;

  /// @param data that of the relay
  /// @param domain with A-labels, in lower case
  public KeyShelf(Disk disk, Path data, String domain) {
    this.disk = disk;
    this.directory = data.resolve(DIRECTORY).resolve(domain);
  }

  /// What is on it.
  ///
  /// @param flaw what of the file could not be understood; empty: nothing
  public record Content(List<KeyEntry> entries, String flaw) {
    public Content {
      entries = List.copyOf(entries);
    }
  }

  /// Where the lines are.
  public Path file() {
    return directory.resolve(ENTRIES);
  }

  /// What is on it; nothing when no key was ever made.
  ///
  /// @throws IOException when it is there and cannot be read
  public Content read() throws IOException {
    Path file = file();
    List<String> lines;
    try {
      if (disk.size(file) > ENTRIES_MOST) {
        throw new IOException(file + " is too large");
      }
      lines = new String(disk.read(file), StandardCharsets.UTF_8).lines().toList();
    } catch (NoSuchFileException _) {
      return new Content(List.of(), "");
    }
    if (lines.isEmpty() || !lines.getFirst().equals(FORMAT)) {
      throw new IOException(file + " does not begin with \"" + FORMAT + "\"");
    }
    List<KeyEntry> entries = new ArrayList<>();
    List<String> flaws = new ArrayList<>();
    for (int i = 1; i < lines.size(); i++) {
      var entry = KeyEntry.parse(lines.get(i));
      if (entry.isPresent()) {
        entries.add(entry.get());
      } else {
        flaws.add("line " + (i + 1) + " of " + file + " is damaged");
      }
    }
    return new Content(entries, flaws.isEmpty() ? "" : flaws.getFirst());
  }

  /// Takes it for changes; empty while another command has it.
  public Optional<Closeable> lock() throws IOException {
    disk.makeDirectory(directory);
    return disk.lock(directory.resolve(LOCK));
  }

  /// Replaces what is on it, in one step.
  ///
  /// @throws IOException when it cannot, or has lines that would be lost
  public void write(List<KeyEntry> entries) throws IOException {
    var before = read();
    if (!before.flaw().isEmpty()) {
      throw new IOException(before.flaw() + ": mend it, or remove it");
    }
    var text = new StringBuilder(FORMAT).append('\n');
    entries.forEach(entry -> text.append(entry.line()).append('\n'));
    disk.replace(file(), text.toString().getBytes(StandardCharsets.UTF_8), true);
  }

  /// Where a key is.
  Path keyFile(String selector) {
    return directory.resolve(selector + ".pem");
  }

  /// Puts a key on it, before its line is written.
  public void put(String selector, KeyPairOf keys) throws IOException {
    disk.replace(keyFile(selector), keys.pem(), true);
  }

  /// Takes a key away, after its line was.
  public void remove(String selector) throws IOException {
    disk.remove(keyFile(selector));
  }

  /// A key that was made here.
  ///
  /// @throws IOException when it cannot be used; the message is a clause that says why
  public KeyPairOf key(String selector) throws IOException {
    Path file = keyFile(selector);
    try {
      if (disk.readableByOthers(file)) {
        throw new IOException(file + " can be read by others; run: chmod 600 " + file);
      }
      return KeyPairOf.read(disk.read(file));
    } catch (NoSuchFileException e) {
      throw new IOException(file + " is not there; bring it back from a backup", e);
    } catch (AccessDeniedException e) {
      throw new IOException(
          file + " may not be read by this user; give it to the user that runs Poststation", e);
    }
  }
}
