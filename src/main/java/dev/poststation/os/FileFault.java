package dev.poststation.os;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/// Says why a file cannot be used: Java's own message is its name alone where it is not there, or
/// may not be read. Pure functions.
public final class FileFault {
  /// What there is to do where a directory is named instead of a file.
  public static final String NAME_A_FILE = "name a file in it";

  static final String DIRECTORY = "it is a directory";

  private FileFault() {}

  /// A clause without the name of the file.
  public static String why(IOException e) {
    return switch (e) {
      case NoSuchFileException _ -> "it does not exist";
      case AccessDeniedException _ -> "this user may not read it";
      case FileSystemException file when file.getReason() != null -> file.getReason();
      default -> String.valueOf(e.getMessage());
    };
  }

  /// What there is to do about it.
  ///
  /// @param otherwise where it is no directory
  public static String remedy(IOException e, String otherwise) {
    return e instanceof DirectoryException ? NAME_A_FILE : otherwise;
  }
}
