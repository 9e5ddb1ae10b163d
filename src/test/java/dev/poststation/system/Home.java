package dev.poststation.system;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// A temporary directory of one peer, that its unprivileged users can enter (those of JUnit are
/// closed to them).
final class Home implements AutoCloseable {
  private final Path path;

  private Home(Path path) {
    this.path = path;
  }

  static Home create(String name) {
    try {
      Path path = Files.createTempDirectory("poststation-" + name + "-");
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
      return new Home(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Path path() {
    return path;
  }

  /// A directory in it that belongs to a user of this machine.
  Path directoryOf(String user, String name) {
    try {
      Path directory = Files.createDirectory(path.resolve(name));
      var users = directory.getFileSystem().getUserPrincipalLookupService();
      Files.setOwner(directory, users.lookupPrincipalByName(user));
      return directory;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Writes a text into it, each @NAME@ replaced.
  Path write(String name, String text, Map<String, String> values) {
    String filled = text;
    for (var value : values.entrySet()) {
      filled = filled.replace("@" + value.getKey() + "@", value.getValue());
    }
    try {
      return Files.writeString(path.resolve(name), filled);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// What a file in it says; nothing while it does not exist.
  String read(String name) {
    return readFile(path.resolve(name));
  }

  static String readFile(Path file) {
    try {
      return Files.exists(file)
          ? Files.readString(file, java.nio.charset.StandardCharsets.ISO_8859_1)
          : "";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The files of a directory in it, by name.
  List<Path> list(String directory) {
    if (!Files.isDirectory(path.resolve(directory))) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(path.resolve(directory))) {
      return files.sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    try (Stream<Path> files = Files.walk(path)) {
      files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(java.io.File::delete);
    } catch (IOException | UncheckedIOException e) {
      // A daemon that is just ending may remove files at the same time; what is left is in the
      // temporary directory.
    }
  }
}
