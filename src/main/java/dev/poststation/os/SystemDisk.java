package dev.poststation.os;

import java.io.Closeable;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileNotFoundException;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The machine's file systems. Safe for any thread.
final class SystemDisk implements Disk {
  private static final FileAttribute<Set<PosixFilePermission>> OWNER_AND_GROUP =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r-----"));

  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rw-------");

  @Override
  public byte[] read(Path file) throws IOException {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw Files.isDirectory(file) ? new DirectoryException(file, e) : e;
    }
  }

  @Override
  public void replace(Path file, byte[] content, boolean ownerOnly) throws IOException {
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    Files.deleteIfExists(fresh);
    if (ownerOnly) {
      Files.createFile(fresh, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
    }
    try (var out = new FileOutputStream(fresh.toFile())) {
      out.write(content);
      out.getFD().sync();
    }
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    syncDirectoryOf(file);
  }

  @Override
  public void renew(Path file, byte[] content) throws IOException {
    Path real = file.toRealPath();
    var is = Files.readAttributes(real, PosixFileAttributes.class);
    Path fresh = real.resolveSibling(real.getFileName() + ".new");
    Files.deleteIfExists(fresh);
    Files.createFile(fresh, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
    try {
      var view = Files.getFileAttributeView(fresh, PosixFileAttributeView.class);
      var now = view.readAttributes();
      if (!now.owner().equals(is.owner()) || !now.group().equals(is.group())) {
        view.setOwner(is.owner());
        view.setGroup(is.group());
      }
      view.setPermissions(is.permissions());
      try (var out = new FileOutputStream(fresh.toFile())) {
        out.write(content);
        out.getFD().sync();
      }
      Files.move(fresh, real, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(fresh);
    }
    syncDirectoryOf(real);
  }

  private static void syncDirectoryOf(Path file) throws IOException {
    Path directory = file.toAbsolutePath().getParent();
    if (directory == null) {
      return;
    }
    try (var channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  @Override
  public OutputStream append(Path file) throws IOException {
    try {
      Files.createFile(file, OWNER_AND_GROUP);
    } catch (IOException _) {
      // It is there, or what is wrong is said when it is opened.
    }
    try {
      return new FileOutputStream(file.toFile(), true);
    } catch (FileNotFoundException e) {
      // Its message is the path, and the reason in brackets.
      String text = String.valueOf(e.getMessage());
      int bracket = text.lastIndexOf(" (");
      throw new IOException(bracket < 0 ? text : text.substring(bracket + 2, text.length() - 1), e);
    }
  }

  @Override
  public GrowingFile grow(Path file) throws IOException {
    if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      create(file).close();
    }
    return LockedFile.open(file);
  }

  @Override
  public InputStream open(Path file) throws IOException {
    return new FileInputStream(file.toFile());
  }

  @Override
  public OutputStream create(Path file) throws IOException {
    Files.createFile(file, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
    return new FileOutputStream(file.toFile()) {
      @Override
      public void close() throws IOException {
        if (!getFD().valid()) {
          return;
        }
        try {
          getFD().sync();
        } finally {
          super.close();
        }
        syncDirectoryOf(file);
      }
    };
  }

  @Override
  public OutputStream standardOutput() {
    return new FileOutputStream(FileDescriptor.out) {
      @Override
      public void close() {
        // The descriptor belongs to the process, not to us.
      }
    };
  }

  @Override
  public Optional<String> identity(Path file) throws IOException {
    try {
      return Optional.of(
          String.valueOf(Files.readAttributes(file, BasicFileAttributes.class).fileKey()));
    } catch (NoSuchFileException _) {
      return Optional.empty();
    }
  }

  @Override
  public long size(Path file) throws IOException {
    try {
      return Files.size(file);
    } catch (NoSuchFileException _) {
      return 0;
    }
  }

  @Override
  public Optional<Instant> modified(Path file) throws IOException {
    try {
      return Optional.of(Files.getLastModifiedTime(file).toInstant());
    } catch (NoSuchFileException _) {
      return Optional.empty();
    }
  }

  @Override
  public boolean isDirectory(Path path) {
    return Files.isDirectory(path);
  }

  @Override
  public boolean isWritable(Path path) {
    return Files.isWritable(path);
  }

  @Override
  public boolean isReadable(Path path) {
    return Files.isReadable(path);
  }

  @Override
  public boolean isLink(Path path) {
    return Files.isSymbolicLink(path);
  }

  @Override
  public String owner(Path path) throws IOException {
    return Files.getOwner(path).getName();
  }

  @Override
  public Others others(Path path) throws IOException {
    var is = Files.readAttributes(path, "unix:mode,owner,group");
    return new Others(
        String.valueOf(is.get("owner")), String.valueOf(is.get("group")), mode(is.get("mode")));
  }

  /// Some look at this with each request: it asks nobody, such as a directory that may hang, what
  /// owner and group are called.
  @Override
  public boolean readableByOthers(Path file) throws IOException {
    return new Others("", "", mode(Files.getAttribute(file, "unix:mode"))).canRead();
  }

  /// Without what kind of a file it is.
  private static int mode(@Nullable Object attribute) throws IOException {
    if (attribute instanceof Integer mode) {
      return mode & 07777;
    }
    throw new IOException("this file system has no modes");
  }

  @Override
  public void makeDirectory(Path directory) throws IOException {
    List<Path> made = new ArrayList<>();
    for (Path at = directory.toAbsolutePath();
        at != null && !Files.isDirectory(at);
        at = at.getParent()) {
      made.add(at);
    }
    if (!made.isEmpty()) {
      Files.createDirectories(
          directory,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      for (Path each : made.reversed()) { // Each is an entry of the one above.
        syncDirectoryOf(each);
      }
    }
  }

  @Override
  public long usableBytes(Path path) throws IOException {
    return Files.getFileStore(path).getUsableSpace();
  }

  @Override
  public Optional<Closeable> lock(Path file) throws IOException {
    var channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
    try {
      if (channel.tryLock() != null) {
        return Optional.of(channel);
      }
    } catch (OverlappingFileLockException _) {
      // Held by this very process: as good as by another.
    } catch (IOException e) {
      channel.close();
      throw e;
    }
    channel.close();
    return Optional.empty();
  }

  @Override
  public List<Path> list(Path directory) throws IOException {
    try (var entries = Files.list(directory)) {
      return entries.sorted().toList();
    } catch (NoSuchFileException _) {
      return List.of();
    } catch (UncheckedIOException e) {
      throw e.getCause(); // What goes wrong on the way through the directory.
    }
  }

  @Override
  public void link(Path file, Path second) throws IOException {
    try {
      Files.createLink(second, file);
    } catch (UnsupportedOperationException | FileSystemException _) {
      // No hard links on this file system, or not to there; whatever else is wrong stops the copy.
      Files.copy(file, second, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  @Override
  public void move(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    syncDirectoryOf(to);
  }

  @Override
  public void moveAll(Map<Path, Path> moves) throws IOException {
    Map<Path, Path> oneOfEach = new LinkedHashMap<>();
    for (var move : moves.entrySet()) {
      Files.move(move.getKey(), move.getValue(), StandardCopyOption.ATOMIC_MOVE);
      oneOfEach.put(move.getValue().resolveSibling(""), move.getValue());
    }
    for (Path file : oneOfEach.values()) {
      syncDirectoryOf(file);
    }
  }

  @Override
  public void remove(Path path) throws IOException {
    if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
      for (Path entry : list(path)) {
        remove(entry);
      }
    }
    Files.deleteIfExists(path);
  }
}
