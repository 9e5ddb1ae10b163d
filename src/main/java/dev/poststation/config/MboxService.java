package dev.poststation.config;

import java.nio.file.Path;

/// Keeps a copy of each mail in mboxes, one for each day, with its settings. Immutable.
///
/// @param copy which one
/// @param directory where
public record MboxService(Copy copy, Path directory) implements KeepingService {
  public MboxService {
    directory = directory.toAbsolutePath().normalize();
  }
}
