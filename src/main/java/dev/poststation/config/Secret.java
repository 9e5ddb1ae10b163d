package dev.poststation.config;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/// A secret that is named in the configuration and stands elsewhere: `file:PATH`, `env:NAME`,
/// `credential:NAME`, `exec:COMMAND`. Read anew at each use, so that a changed file, or what a
/// command prints, needs no restart. Never printed: `toString` gives `***`.
public interface Secret {
  /// The secret itself, without the newline at its end.
  ///
  /// @throws IOException with one sentence that says what is missing and where
  String reveal() throws IOException;

  /// Whether it is what a command prints. Nobody has tried that command yet: to read or check a
  /// configuration must not act on other systems.
  default boolean byCommand() {
    return false;
  }

  /// Whether it stays what it was when the service started, as the environment of a process does.
  default boolean untilRestart() {
    return false;
  }

  /// Whether a service manager hands it out: it is read anew like a file, but it is that manager
  /// who says when another one is there. systemd does at a start; from 260 on at a reload, if told
  /// to.
  default boolean handedOut() {
    return false;
  }

  /// The file that it stands in, which can be replaced; empty: it is no `file:`.
  default Optional<Path> file() {
    return Optional.empty();
  }

  /// Where the reference stands in the configuration.
  Origin origin();
}
