package dev.poststation.openpgp;

import java.io.IOException;
import java.util.concurrent.Callable;

/// Around whatever reads what a stranger has made. Stateless.
final class Hostile {
  private Hostile() {}

  /// Reads.
  ///
  /// @param fails begins the message of the exception: a clause
  /// @throws IOException when it cannot be read, whatever the library says of it
  static <T> T read(String fails, Callable<T> reading) throws IOException {
    try {
      return reading.call();
    } catch (Exception e) { // Packets that contradict themselves end in any exception there is.
      throw new IOException(fails + ": " + why(e), e);
    }
  }

  private static String why(Exception e) {
    String message = e.getMessage();
    return message == null ? e.getClass().getSimpleName() : message;
  }
}
