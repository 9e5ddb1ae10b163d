package dev.poststation.sim;

import dev.poststation.os.Disk;
import dev.poststation.os.GrowingFile;
import dev.poststation.os.Others;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// A disk that holds files in memory. Nothing on it changes by itself; it never fails unless told.
/// Safe for any thread.
public final class MemoryDisk implements Disk {
  private static final String USER = "relay";
  private static final Others READABLE = new Others(USER, USER, 0644);

  private final TreeMap<Path, byte[]> files = new TreeMap<>();
  private final Map<Path, Integer> replaced = new HashMap<>();
  private final Set<Path> directories = new HashSet<>();
  private final Map<Path, Others> open = new HashMap<>();
  private final Set<Path> forbidden = new HashSet<>();
  private final Set<Path> locked = new HashSet<>();
  private long usableBytes = 1L << 40;
  private final ByteArrayOutputStream standardOutput = new ByteArrayOutputStream();

  /// Puts a file there that only its owner can read.
  public synchronized MemoryDisk with(String file, String text) {
    files.put(Path.of(file), text.getBytes(StandardCharsets.UTF_8));
    return this;
  }

  /// Takes a file away.
  public synchronized void vanish(String file) {
    files.remove(Path.of(file));
  }

  /// Puts a file there that others can read too.
  public synchronized MemoryDisk withReadable(String file, String text) {
    return with(file, text).with(file, READABLE);
  }

  /// Gives a file or a directory an owner, a group and a mode; without, only its owner can use it.
  public synchronized MemoryDisk with(String path, Others others) {
    open.put(Path.of(path), others);
    return this;
  }

  /// Puts a file there that cannot be read.
  public synchronized MemoryDisk withForbidden(String file) {
    forbidden.add(Path.of(file));
    return with(file, "");
  }

  /// A file that is there cannot be read any more, or can again.
  public synchronized void forbid(String file, boolean isForbidden) {
    if (isForbidden) {
      forbidden.add(Path.of(file));
    } else {
      forbidden.remove(Path.of(file));
    }
  }

  @Override
  public synchronized byte[] read(Path file) throws IOException {
    if (forbidden.contains(file)) {
      throw new AccessDeniedException(file.toString());
    }
    return existing(file).clone();
  }

  private byte[] existing(Path file) throws NoSuchFileException {
    byte[] content = files.get(file);
    if (content == null) {
      throw new NoSuchFileException(file.toString());
    }
    return content;
  }

  @Override
  public synchronized void replace(Path file, byte[] content, boolean ownerOnly) {
    files.put(file, content.clone());
    replaced.merge(file, 1, Integer::sum); // As by a rename: it is another file now.
    if (ownerOnly) {
      open.remove(file);
    } else {
      open.put(file, READABLE);
    }
  }

  @Override
  public synchronized OutputStream append(Path file) throws IOException {
    var out = new ByteArrayOutputStream();
    out.writeBytes(files.getOrDefault(file, new byte[0]));
    return new OutputStream() {
      @Override
      public void write(int octet) {
        write(new byte[] {(byte) octet}, 0, 1);
      }

      @Override
      public void write(byte[] octets, int offset, int length) {
        synchronized (MemoryDisk.this) {
          out.write(octets, offset, length);
          files.put(file, out.toByteArray());
        }
      }
    };
  }

  @Override
  public synchronized GrowingFile grow(Path file) {
    files.putIfAbsent(file, new byte[0]);
    return new GrowingFile() {
      private byte[] content() throws IOException {
        synchronized (MemoryDisk.this) {
          return existing(file);
        }
      }

      @Override
      public long size() throws IOException {
        return content().length;
      }

      @Override
      public int read(long at, byte[] into) throws IOException {
        byte[] content = content();
        int count = Math.clamp(content.length - at, 0, into.length);
        System.arraycopy(content, (int) Math.min(at, content.length), into, 0, count);
        return count;
      }

      @Override
      public void append(byte[] octets, int from, int count) throws IOException {
        MemoryDisk.this.append(file).write(octets, from, count);
      }

      @Override
      public void sync() {}

      @Override
      public void cut(long size) throws IOException {
        synchronized (MemoryDisk.this) {
          files.put(file, Arrays.copyOf(content(), (int) size));
        }
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public InputStream open(Path file) throws IOException {
    return new ByteArrayInputStream(read(file));
  }

  @Override
  public synchronized OutputStream create(Path file) throws IOException {
    if (files.containsKey(file)) {
      throw new FileAlreadyExistsException(file.toString());
    }
    files.put(file, new byte[0]);
    open.remove(file);
    return append(file);
  }

  @Override
  public OutputStream standardOutput() {
    return standardOutput;
  }

  @Override
  public synchronized Optional<String> identity(Path file) {
    boolean there = files.containsKey(file) || directories.contains(file);
    return there ? Optional.of(file + "#" + replaced.getOrDefault(file, 0)) : Optional.empty();
  }

  @Override
  public synchronized long size(Path file) {
    return files.getOrDefault(file, new byte[0]).length;
  }

  @Override
  public synchronized Optional<Instant> modified(Path file) {
    return Optional.ofNullable(files.get(file)).map(_ -> Instant.EPOCH);
  }

  @Override
  public synchronized boolean isDirectory(Path path) {
    return directories.contains(path) || !list(path).isEmpty();
  }

  @Override
  public boolean isWritable(Path path) {
    return true;
  }

  @Override
  public boolean isReadable(Path path) {
    return true;
  }

  @Override
  public boolean isLink(Path path) {
    return false;
  }

  @Override
  public synchronized String owner(Path path) {
    return USER;
  }

  @Override
  public synchronized Others others(Path path) throws IOException {
    var given = open.get(path);
    if (given != null) {
      return given;
    }
    if (isDirectory(path)) {
      return new Others(USER, USER, 0700);
    }
    existing(path);
    return new Others(USER, USER, 0600);
  }

  @Override
  public synchronized void makeDirectory(Path directory) {
    for (Path each = directory; each != null; each = each.getParent()) {
      directories.add(each);
    }
  }

  /// From now on so much is left.
  public synchronized void usableBytes(long octets) {
    usableBytes = octets;
  }

  @Override
  public synchronized long usableBytes(Path path) {
    return usableBytes;
  }

  @Override
  public synchronized Optional<Closeable> lock(Path file) {
    files.putIfAbsent(file, new byte[0]);
    return locked.add(file) ? Optional.of(() -> unlock(file)) : Optional.empty();
  }

  private synchronized void unlock(Path file) {
    locked.remove(file);
  }

  @Override
  public synchronized List<Path> list(Path directory) {
    return files.keySet().stream()
        .filter(file -> file.startsWith(directory) && !file.equals(directory))
        .map(file -> file.subpath(0, directory.getNameCount() + 1))
        .map(below -> directory.resolve(below.getFileName()))
        .distinct()
        .toList();
  }

  @Override
  public synchronized void link(Path file, Path second) throws IOException {
    files.put(second, existing(file));
  }

  @Override
  public synchronized void move(Path from, Path to) throws IOException {
    if (!directories.remove(from)) {
      files.put(to, existing(from));
      files.remove(from);
      return;
    }
    directories.add(to);
    for (Path file : List.copyOf(files.keySet())) {
      if (file.startsWith(from)) {
        files.put(to.resolve(from.relativize(file)), files.remove(file));
      }
    }
  }

  @Override
  public synchronized void remove(Path path) {
    files.keySet().removeIf(file -> file.startsWith(path));
  }
}
