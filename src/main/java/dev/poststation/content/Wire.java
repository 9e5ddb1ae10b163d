package dev.poststation.content;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.poststation.message.Octets;
import dev.poststation.os.Connection;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;

/// A connection to a service that speaks in lines and counted octets. What it says is read up to a
/// bound. Confined to one thread.
final class Wire {
  private static final int WINDOW = 64 * 1024;
  private static final int LINE_MAX = 16 * 1024;

  private final Connection connection;
  private final byte[] window = new byte[8 * 1024];
  private int at;
  private int filled;
  private boolean answered;

  Wire(Connection connection) {
    this.connection = connection;
  }

  Connection connection() {
    return connection;
  }

  /// Whether anything has come over it.
  boolean answered() {
    return answered;
  }

  /// Whether all that has come was read, as far as that is known: the next answer begins here.
  boolean isReadToItsEnd() {
    return at == filled;
  }

  void write(String text) throws IOException {
    write(text.getBytes(UTF_8));
  }

  void write(byte[] octets) throws IOException {
    connection.write(octets, 0, octets.length);
  }

  void write(byte[] octets, int count) throws IOException {
    connection.write(octets, 0, count);
  }

  /// Writes a mail, or a piece of one.
  ///
  /// @throws ServiceException when the spool cannot read it
  void write(Octets octets) throws IOException, ServiceException {
    byte[] piece = new byte[(int) Math.min(WINDOW, Math.max(1, octets.size()))];
    for (long from = 0; from < octets.size(); ) {
      int count = read(octets, from, piece, 0, piece.length);
      connection.write(piece, 0, count);
      from += count;
    }
  }

  /// Reads a piece of a mail.
  ///
  /// @throws ServiceException when the spool cannot read it
  static int read(Octets octets, long from, byte[] into, int offset, int length)
      throws ServiceException {
    try {
      return octets.read(from, into, offset, length);
    } catch (IOException e) {
      throw ServiceException.atThisMail("the mail cannot be read: " + e.getMessage());
    }
  }

  /// The next line, without its end; one octet a character.
  ///
  /// @throws EOFException when nothing comes any more
  String line() throws IOException {
    var line = new ByteArrayOutputStream(80);
    while (true) {
      int octet = next();
      if (octet < 0) {
        throw new EOFException("it closed the connection within its answer");
      }
      if (octet == '\n') {
        String text = line.toString(ISO_8859_1);
        return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
      }
      if (line.size() == LINE_MAX) {
        throw new IOException("its answer has a line that is too long");
      }
      line.write(octet);
    }
  }

  /// So many octets.
  byte[] exactly(int count) throws IOException {
    byte[] octets = new byte[count];
    for (int i = 0; i < count; ) {
      if (at == filled && !fill()) {
        throw new EOFException("it closed the connection within its answer");
      }
      int piece = Math.min(count - i, filled - at);
      System.arraycopy(window, at, octets, i, piece);
      at += piece;
      i += piece;
    }
    return octets;
  }

  /// All that comes.
  ///
  /// @param most octets
  byte[] rest(int most) throws IOException {
    var octets = new ByteArrayOutputStream();
    while (at < filled || fill()) {
      octets.write(window, at, filled - at);
      at = filled;
      if (octets.size() > most) {
        throw new IOException("its answer is too long");
      }
    }
    return octets.toByteArray();
  }

  private int next() throws IOException {
    return at < filled || fill() ? window[at++] & 0xFF : -1;
  }

  private boolean fill() throws IOException {
    at = 0;
    filled = Math.max(0, connection.read(window, 0, window.length));
    answered |= filled > 0;
    return filled > 0;
  }
}
