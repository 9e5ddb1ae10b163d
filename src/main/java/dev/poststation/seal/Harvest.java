package dev.poststation.seal;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.poststation.os.FileFault;
import dev.poststation.os.Os;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keys of others that came with their mail: `harvested` in a directory of `data`, a file for each
/// address. A file is read when somebody writes there, so that many of them cost no memory, and
/// what a command removes is gone at once. Safe for any thread.
public final class Harvest<E extends Kept> {
  private static final Logger LOG = LoggerFactory.getLogger(Harvest.class);
  private static final String DIRECTORY = "harvested";

  /// Octets of a key with what came with it; those of people have a tenth.
  private static final int TEXT_MOST = 50_000;

  /// That a key was seen again is written so often.
  private static final Duration SEEN = Duration.ofDays(1);

  private static final Duration BETWEEN_SWEEPS = Duration.ofDays(1);
  private static final long NEVER = Long.MIN_VALUE;
  private static final int NAME_DIGITS = 32;

  private final Os os;
  private final Path directory;
  private final Form<E> form;
  private final Predicate<E> usable;
  private final AtomicLong swept = new AtomicLong(NEVER);
  private volatile boolean full;

  /// How long a key is kept that was not seen any more, and how many there are.
  public record Terms(Duration keep, int most) {}

  /// What became of a key that came.
  public enum Result {
    /// There was none of this address.
    NEW,
    /// It took the place of another one.
    CHANGED,
    /// It is kept already.
    KNOWN,
    /// One is kept that is not older, and counts: whoever sends an old mail again takes nobody back
    /// to an old key.
    OLDER,
    /// There is no room.
    FULL,
    /// It is too large.
    TOO_LARGE
  }

  /// What became of one, and of the one before.
  ///
  /// @param before the one that was there
  public record Came<E>(Result result, Optional<E> before) {}

  /// @param data that of the relay
  /// @param usable whether a key can be used now
  public Harvest(Os os, Path data, Form<E> form, Predicate<E> usable) {
    this.os = os;
    this.directory = data.resolve(form.word()).resolve(DIRECTORY);
    this.form = form;
    this.usable = usable;
  }

  private Path file(String name) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(name.getBytes(UTF_8));
      String digits = HexFormat.of().formatHex(digest).substring(0, NAME_DIGITS);
      return directory.resolve(digits + form.suffix());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /// The key of an address, if it can be used and was seen not too long ago.
  ///
  /// @throws IOException when the disk does not say; the message is a clause
  public Optional<E> of(String name, Terms terms) throws IOException {
    return any(name).filter(each -> !isOld(each.added(), terms)).filter(usable);
  }

  /// The key of an address, be it too old or not.
  ///
  /// @throws IOException when the disk does not say; the message is a clause
  public Optional<E> any(String name) throws IOException {
    return read(file(name)).filter(each -> each.isFor(name));
  }

  /// One that the disk does not give is not "none": mail to its owner would go in the clear.
  private Optional<E> read(Path file) throws IOException {
    byte[] octets;
    try {
      octets = os.disk().read(file);
    } catch (NoSuchFileException _) {
      return Optional.empty();
    } catch (IOException e) {
      throw new IOException(file + " cannot be read: " + FileFault.why(e), e);
    }
    try {
      return Optional.of(Shelf.parse(form, octets, false));
    } catch (IOException e) {
      LOG.warn("{} cannot be used, and is learned anew: {}", file, FileFault.why(e));
      return Optional.empty();
    }
  }

  private boolean isOld(Instant seen, Terms terms) {
    return seen.plus(terms.keep).isBefore(os.time().now());
  }

  /// Keeps a key that came with mail of its owner, unless one is kept that is not older.
  ///
  /// @param entry of one address
  /// @param counts whether one that is kept, and can be used, still counts: if not, an older one
  ///   takes its place
  /// @param anew whether something in it is new, though the key is the same
  public synchronized Came<E> put(E entry, Terms terms, Predicate<E> counts, boolean anew)
      throws IOException {
    String name = entry.names().getFirst();
    var before = any(name);
    boolean same = before.isPresent() && before.get().fingerprint().equals(entry.fingerprint());
    if (same && !anew && before.get().added().plus(SEEN).isAfter(entry.added())) {
      return new Came<>(Result.KNOWN, before);
    }
    if (!same
        && of(name, terms)
            .filter(each -> !each.begins().isBefore(entry.begins()))
            .filter(counts)
            .isPresent()) {
      return new Came<>(Result.OLDER, before);
    }
    byte[] text = Shelf.text(form, entry).getBytes(UTF_8);
    if (text.length > TEXT_MOST) {
      return new Came<>(Result.TOO_LARGE, before);
    }
    if (before.isEmpty() && !hasRoom(terms)) {
      return new Came<>(Result.FULL, before);
    }
    os.disk().makeDirectory(directory);
    os.disk().replace(file(name), text, true);
    return new Came<>(before.isEmpty() ? Result.NEW : same ? Result.KNOWN : Result.CHANGED, before);
  }

  /// Those that were not seen for long make room, once a day; none that is in use does: who can
  /// bring many keys would have mail go to others in the clear.
  private boolean hasRoom(Terms terms) throws IOException {
    long now = os.time().nanos();
    long before = swept.get();
    if (before == NEVER || now - before > BETWEEN_SWEEPS.toNanos()) {
      swept.set(now);
      for (Path file : files()) {
        if (os.disk().modified(file).filter(at -> isOld(at, terms)).isPresent()) {
          os.disk().remove(file);
        }
      }
    }
    full = files().size() >= terms.most;
    return !full;
  }

  private List<Path> files() throws IOException {
    return os.disk().list(directory).stream()
        .filter(each -> each.toString().endsWith(form.suffix()))
        .toList();
  }

  /// How many there are.
  public int count() {
    try {
      return files().size();
    } catch (IOException _) {
      return 0; // Whoever keeps one says what is wrong.
    }
  }

  /// Whether there was no room for the last one that was new.
  public boolean isFull() {
    return full;
  }

  /// All of them that can be read, also those that are too old.
  public List<E> all() {
    List<E> all = new ArrayList<>();
    try {
      for (Path file : files()) {
        try {
          read(file).ifPresent(all::add);
        } catch (IOException e) {
          LOG.warn("{}", e.getMessage());
        }
      }
    } catch (IOException e) {
      LOG.warn("{} cannot be read: {}", directory, FileFault.why(e));
    }
    return all;
  }

  /// Forgets one.
  public void remove(E entry) throws IOException {
    os.disk().remove(file(entry.names().getFirst()));
  }
}
