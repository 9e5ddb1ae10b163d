package dev.poststation.spool;

import dev.poststation.os.Os;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Which format the spool has. It says so itself, in a record; but a program that does not know the
/// format must not even open it, so a file beside it says the same. Before there was this file, all
/// had format 1.
///
/// A program that changes the format writes the file first and the record last: then an older one
/// refuses also what was changed by half.
public final class Format {
  /// What this program writes, and the last one it can read; it reads all before. With 2 the states
  /// of recipients have a schedule, and may be to be returned; with 3 a mail has the user who sent
  /// it; with 4 connectors may hold recipients; with 5 the clock of a recipient may have stood
  /// still; with 6 a mail may have a time before which it is not sent; with 7 it may demand TLS on
  /// all of its way; with 8 it may have to be delivered by a time; with 9 it may be in quarantine.
  public static final int KNOWN = 9;

  /// Where it is said, in `data`.
  public static final String FILE = "spool.format";

  private static final Logger LOG = LoggerFactory.getLogger(Format.class);
  private static final int DIGITS_MAX = 9;

  private Format() {}

  /// The format of the spool in this directory, as the file says.
  ///
  /// @throws SpoolException when it cannot be read
  public static int of(Os os, Path data) throws SpoolException {
    Path file = data.resolve(FILE);
    try {
      if (os.disk().identity(file).isEmpty()) {
        return 1;
      }
      String text = new String(os.disk().read(file), StandardCharsets.US_ASCII).strip();
      if (text.matches("[0-9]{1," + DIGITS_MAX + "}")) {
        return Integer.parseInt(text);
      }
      LOG.error("The file {} is damaged: the spool itself says which format it has", file);
      return 1;
    } catch (IOException e) {
      throw new SpoolException("The file " + file + " cannot be read: " + e.getMessage(), false, e);
    }
  }

  /// Refuses a spool that a newer program wrote.
  ///
  /// @param what it is called
  /// @throws SpoolException when this program does not know the format
  public static void check(int format, String what) throws SpoolException {
    if (format < 1 || format > KNOWN) {
      throw new SpoolException(
          what
              + " has format "
              + format
              + ", which this program does not know (it knows 1 to "
              + KNOWN
              + "): use the program that wrote it, or a newer one",
          false);
    }
  }

  /// Notes the format of this program, after the spool was opened with it. That this fails is no
  /// reason not to use the spool, which says it, too.
  static void note(Os os, Path data) {
    Path file = data.resolve(FILE);
    byte[] text = (KNOWN + "\n").getBytes(StandardCharsets.US_ASCII);
    try {
      boolean noted =
          os.disk().identity(file).isPresent()
              && java.util.Arrays.equals(os.disk().read(file), text);
      if (!noted) {
        os.disk().replace(file, text, true);
      }
    } catch (IOException e) {
      LOG.warn("The file {} cannot be written: {}", file, e.getMessage());
    }
  }
}
