package dev.poststation.config;

import java.nio.file.Path;

/// Keeps a copy of each mail in a maildir, with its settings. Immutable.
///
/// @param copy which one
/// @param directory which one
public record MaildirService(Copy copy, Path directory) implements KeepingService {
  public MaildirService {
    directory = directory.toAbsolutePath().normalize();
  }
}
