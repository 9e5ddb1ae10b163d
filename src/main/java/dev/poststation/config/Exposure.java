package dev.poststation.config;

import dev.poststation.config.Problem.Severity;
import dev.poststation.os.Disk;
import dev.poststation.os.Others;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Predicate;

/// What others than the relay's user and root can do with files that it goes by, as warnings: who
/// reads a secret has it, and who writes one, or the configuration, has the relay. Says nothing of
/// what is not there or may not be looked at. Looks at the directories above a file as it is named,
/// not at those to which links lead. Safe for any thread.
public final class Exposure {
  private final Disk disk;

  /// Touches nothing before it is asked.
  public Exposure(Disk disk) {
    this.disk = disk;
  }

  /// That others can read a secret.
  ///
  /// @param what how it is called, with its name
  public Optional<Problem> readable(Origin origin, String what, Path file) {
    return look(file, Others::canRead)
        .map(
            others ->
                warning(origin, what + " can be read by others (" + others + ")", "600", file));
  }

  /// That others can write a secret, which nobody else needs to read either.
  public Optional<Problem> writable(Origin origin, String what, Path file) {
    return writable(origin, what, file, "600");
  }

  /// That others can write a file that may be read.
  Optional<Problem> changeable(Origin origin, String what, Path file) {
    return writable(origin, what, file, "go-w");
  }

  private Optional<Problem> writable(Origin origin, String what, Path file, String mode) {
    return look(file, Others::canWrite)
        .map(
            others ->
                warning(origin, what + " can be written by others (" + others + ")", mode, file));
  }

  /// That others can read what a service manager has handed out. The group root is nobody else:
  /// systemd gives credentials to it, and to the user of the service by an access control list.
  Optional<Problem> handed(Origin origin, String what, Path file) {
    return look(file, Others::canReadBesideRoot)
        .map(
            others ->
                new Problem(
                    origin,
                    what + " can be read by others (" + file + ": " + others + ")",
                    "let systemd hand it out (LoadCredential=), or run: chmod 600 " + file,
                    Severity.WARNING));
  }

  /// That others can put a file of theirs in the place of one in its directory.
  public Optional<Problem> replaceable(Origin origin, Path file) {
    return directory(origin, file.toAbsolutePath().resolveSibling(""));
  }

  /// The same of any in a directory, or of one above it, in the place of which they can put another
  /// one; the nearest is told. Its words do not name the file, so that it is told once.
  public Optional<Problem> directory(Origin origin, Path named) {
    for (Path path = named.toAbsolutePath().normalize(); path != null; path = path.getParent()) {
      var found = openDirectory(origin, path);
      if (found.isPresent()) {
        return found;
      }
    }
    return Optional.empty();
  }

  private Optional<Problem> openDirectory(Origin origin, Path directory) {
    return look(directory, Others::canReplace)
        .map(
            others ->
                warning(
                    origin,
                    "others can put files into the directory "
                        + directory
                        + ", in the place of those there ("
                        + others
                        + ")",
                    "go-w",
                    directory));
  }

  private Optional<Others> look(Path path, Predicate<Others> exposed) {
    try {
      return Optional.of(disk.others(path)).filter(exposed);
    } catch (IOException _) {
      return Optional.empty(); // It is not there, or whoever asks may not know.
    }
  }

  private static Problem warning(Origin origin, String message, String mode, Path path) {
    return new Problem(origin, message, "run: chmod " + mode + " " + path, Severity.WARNING);
  }
}
