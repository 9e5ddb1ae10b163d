package dev.poststation.system;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// A disk of a few megabytes: a tmpfs of this machine, which only root can mount.
final class SmallDisk implements AutoCloseable {
  private final Path path;

  private SmallDisk(Path path) {
    this.path = path;
  }

  /// Mounts one there.
  static SmallDisk mount(Path path, int megabytes) throws IOException {
    Files.createDirectories(path);
    Program.run(
        List.of("mount", "-t", "tmpfs", "-o", "size=" + megabytes + "m", "tmpfs", path.toString()));
    return new SmallDisk(path);
  }

  Path path() {
    return path;
  }

  /// Gives it another size.
  void grow(int megabytes) {
    Program.run(List.of("mount", "-o", "remount,size=" + megabytes + "m", path.toString()));
  }

  /// Writes to it until it is full.
  void fill() throws IOException {
    fill(-1);
  }

  /// Writes to it until no more megabytes are left than that.
  void fill(int megabytes) throws IOException {
    try (var out = Files.newOutputStream(path.resolve("filler"))) {
      byte[] block = new byte[64 * 1024];
      while (path.toFile().getUsableSpace() > ((long) megabytes << 20)) {
        out.write(block);
      }
    } catch (IOException e) {
      if (!isFull().equals(e.getMessage())) {
        throw e;
      }
    }
  }

  /// What the system says when it is full.
  String isFull() {
    return "No space left on device";
  }

  /// Removes what `fill` has written.
  void empty() throws IOException {
    Files.delete(path.resolve("filler"));
  }

  /// What others have written to it.
  List<String> files() throws IOException {
    try (var files = Files.list(path)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> !name.equals("filler"))
          .toList();
    }
  }

  @Override
  public void close() {
    Program.run(List.of("umount", path.toString()));
  }
}
