package dev.poststation.os;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;

/// A directory is where a file is wanted. Immutable.
public final class DirectoryException extends FileSystemException {
  private static final long serialVersionUID = 1;

  DirectoryException(Path path, IOException cause) {
    super(path.toString(), null, FileFault.DIRECTORY);
    initCause(cause);
  }
}
