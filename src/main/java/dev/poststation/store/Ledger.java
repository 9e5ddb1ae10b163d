package dev.poststation.store;

import dev.poststation.os.Disk;
import dev.poststation.os.Os;
import dev.poststation.os.Time;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A file in `data` with something that was learned, a line for each thing: written as a whole some
/// time after it changed, for all that changed in between, and at the end. Nobody waits for it but
/// who calls `write`. A power cut takes what was learned in that time, never the file. What the
/// disk has lost of it is not written over: the file as it was is set aside, under a name that says
/// so, for people. Safe for any thread.
public final class Ledger implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Ledger.class);

  /// For what hurts nobody when it is lost.
  private static final Duration PAUSE = Duration.ofMinutes(5);

  /// For what a crash shall take little of.
  public static final Duration SOON = Duration.ofSeconds(10);

  /// So many times as long as the last writing took nothing is written, whatever is lost then: a
  /// large file is written less often.
  private static final int REST = 100;

  private static final String DAMAGED = ".damaged-";

  private static final DateTimeFormatter WHEN =
      DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss", Locale.ROOT).withZone(ZoneOffset.UTC);

  private final Os os;
  private final Path file;
  private final Supplier<List<String>> lines;
  private final Duration least;
  private volatile Duration pause;
  private final AtomicBoolean awaited = new AtomicBoolean();
  private final AtomicBoolean changed = new AtomicBoolean();
  private final Time.Signal closing;

  /// There is one that can neither be read nor be set aside: nothing is written in its place.
  private boolean unread;

  /// There is one with damaged lines that could not be kept as it is: the same.
  private boolean unkept;

  /// @param file what only its owner may read
  /// @param lines all that is to be written now, without line ends
  public Ledger(Os os, Path file, Supplier<List<String>> lines) {
    this(os, file, lines, PAUSE);
  }

  /// One that is written earlier.
  ///
  /// @param pause so long after a change, where writing is quick
  public Ledger(Os os, Path file, Supplier<List<String>> lines, Duration pause) {
    this.os = os;
    this.file = file;
    this.lines = lines;
    this.least = pause;
    this.pause = pause;
    this.closing = os.time().signal();
  }

  /// Reads what was written last, before anything is changed. A file that cannot be read, or has
  /// lines that nobody understands, is set aside, which the program's log then says.
  ///
  /// @param most lines that are looked at
  /// @param line takes a line, and says whether it understood it
  public synchronized void read(long most, Predicate<String> line) {
    List<String> all;
    try {
      all = lines(os.disk(), file);
    } catch (IOException e) {
      unread = true;
      setAside(e.toString());
      return;
    }
    var looked = all.stream().limit(most).toList();
    var good = looked.stream().filter(line).toList();
    if (good.size() == looked.size()) {
      return;
    }
    unkept = true;
    keep((looked.size() - good.size()) + " of " + all.size() + " lines of " + file);
    if (!unkept) {
      put(good); // The next start has nothing to tell.
    }
  }

  /// The file as it is gets a second name. Until it has one, nothing is written over it.
  private void keep(String what) {
    Path aside = aside();
    try {
      os.disk().link(file, aside);
      unkept = false;
      LOG.warn(
          "{} are damaged: the others hold, and the file as it was is kept as {}", what, aside);
    } catch (IOException e) {
      LOG.warn(
          "{} are damaged: the others hold; the file as it was cannot be kept under another name"
              + " ({}), so it stays, and what is learned is not written",
          what,
          e.toString());
    }
  }

  private void setAside(String why) {
    Path aside = aside();
    try {
      os.disk().move(file, aside);
      unread = false;
      LOG.warn(
          "{} cannot be read ({}): it was set aside as {}, and what was learned there is learned"
              + " anew",
          file,
          why,
          aside);
    } catch (IOException e) {
      LOG.warn(
          "{} cannot be read ({}), nor be set aside ({}): what is learned there is not kept",
          file,
          why,
          e.toString());
    }
  }

  private Path aside() {
    return file.resolveSibling(file.getFileName() + DAMAGED + WHEN.format(os.time().now()));
  }

  /// The files that were set aside and are still there, a sentence for each.
  ///
  /// @param data where they are
  public static List<String> concerns(Disk disk, Path data) {
    try {
      return disk.list(data).stream()
          .filter(file -> isSetAside(file.getFileName().toString()))
          .map(
              file ->
                  file
                      + " was damaged when the relay read it: some of what was learned there is"
                      + " learned anew; look at it, bring it back if you can, and remove it")
          .toList();
    } catch (IOException _) {
      return List.of(); // Of that others tell.
    }
  }

  private static boolean isSetAside(String name) {
    int dot = name.indexOf(DAMAGED);
    return dot > 0 && Learned.FILES.contains(name.substring(0, dot));
  }

  /// The lines that were written last; none when there is no such file, or it cannot be read, which
  /// the program's log then says. For commands, which leave it as it is.
  public static List<String> read(Disk disk, Path file) {
    try {
      return lines(disk, file);
    } catch (IOException e) {
      LOG.warn("{} cannot be read: {}", file, e.toString());
      return List.of();
    }
  }

  private static List<String> lines(Disk disk, Path file) throws IOException {
    return disk.size(file) == 0
        ? List.of()
        : new String(disk.read(file), StandardCharsets.UTF_8).lines().toList();
  }

  /// Whether a text can stand in a line, also with tabs between such texts.
  public static boolean fits(String text) {
    return text.chars().allMatch(c -> c >= ' ' && c != 0x7f);
  }

  /// Something is different from what was written. Costs next to nothing.
  public void changed() {
    changed.set(true);
    if (!awaited.get() && awaited.compareAndSet(false, true)) {
      os.tasks().platform("ledger-" + file.getFileName(), this::writeLater);
    }
  }

  private void writeLater() {
    boolean end;
    try {
      end = closing.await(pause);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      end = true;
    }
    awaited.set(false);
    write();
    if (!end && changed.get()) {
      changed(); // The disk was full: maybe it is not the next time.
    }
  }

  /// Writes what has changed. What cannot be written is tried again later.
  ///
  /// @return whether all that was learned before is on the disk now
  public synchronized boolean write() {
    if (!changed.get()) {
      return true;
    }
    if (unread) {
      setAside("as said before");
    }
    if (unkept) {
      keep("Lines of " + file);
    }
    if (unread || unkept) {
      pause = PAUSE;
      return false;
    }
    changed.set(false);
    long began = os.time().nanos();
    boolean good = put(lines.get());
    rest(good ? Duration.ofNanos(os.time().nanos() - began).multipliedBy(REST) : PAUSE);
    return good;
  }

  private void rest(Duration wanted) {
    var most = wanted.compareTo(PAUSE) < 0 ? wanted : PAUSE;
    pause = most.compareTo(least) < 0 ? least : most;
  }

  private boolean put(List<String> all) {
    var text = new StringBuilder();
    all.forEach(line -> text.append(line).append('\n'));
    try {
      os.disk().replace(file, text.toString().getBytes(StandardCharsets.UTF_8), true);
      return true;
    } catch (IOException e) {
      changed.set(true);
      LOG.warn("{} cannot be written: {}", file, e.toString());
      return false;
    }
  }

  /// Writes what is left.
  @Override
  public void close() {
    closing.raise();
    write();
  }
}
