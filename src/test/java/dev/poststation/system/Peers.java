package dev.poststation.system;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The programs of others that `system/peers` has unpacked. Safe for any thread.
///
/// Each one that is asked for leaves a mark in `target/peers/used`, from which `system/summary`
/// tells which peers the tests really met.
final class Peers {
  private static final Path HOME = Path.of("target", "peers").toAbsolutePath();

  private Peers() {}

  /// The program of that name; a missing one fails the test.
  static String program(String name) {
    Path file = HOME.resolve("bin").resolve(name);
    if (!Files.isExecutable(file)) {
      throw new AssertionError("the peer " + name + " is missing: run system/peers");
    }
    mark(name);
    return file.toString();
  }

  /// Starts a program of Debian 13, which sees the directory as `/here`; `mark` is its package.
  static Program newer(Home home, String mark, String... command) {
    if (!Files.isDirectory(HOME.resolve("trixie/usr/share/doc").resolve(mark))) {
      throw new AssertionError("the peer " + mark + " of Debian 13 is missing: run system/peers");
    }
    mark(mark);
    List<String> whole = new ArrayList<>(List.of("system/private-trixie", home.path().toString()));
    whole.addAll(List.of(command));
    return Program.start(whole);
  }

  /// A file of an unpacked package, below the root of the unpacked tree.
  static Path file(String path) {
    return HOME.resolve("root").resolve(path);
  }

  /// A library of an unpacked package, below the directory of those of this machine's processor.
  static Path library(String path) {
    return file("usr/lib")
        .resolve(System.getProperty("os.arch").replace("amd64", "x86_64") + "-linux-gnu")
        .resolve(path);
  }

  /// Leaves the mark of a peer that is no program, as nodemailer.
  static void mark(String name) {
    try {
      Path used = HOME.resolve("used");
      Files.createDirectories(used);
      Files.write(used.resolve(name), new byte[0]);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
