package dev.poststation.milter;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.poststation.os.Connection;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.ProtocolException;
import java.util.Arrays;

/// Packets over a connection: their length in four octets, their letter, and what follows. What is
/// written is sent when we would wait for an answer. Confined to one thread.
final class Frames {
  /// No milter has to say more at once: libmilter sends at most 64 KB.
  static final int PACKET_MAX = 1024 * 1024;

  private static final int LENGTH = 4;
  private static final int FLUSH_AT = 64 * 1024;

  private final Connection connection;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream(1024);
  private final byte[] head = new byte[LENGTH];

  /// A packet.
  record Packet(char letter, byte[] content) {}

  Frames(Connection connection) {
    this.connection = connection;
  }

  void write(char letter, byte[]... parts) throws IOException {
    int length = 1;
    for (byte[] part : parts) {
      length += part.length;
    }
    for (int shift = 24; shift >= 0; shift -= 8) {
      out.write(length >>> shift);
    }
    out.write(letter);
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    if (out.size() >= FLUSH_AT) {
      flush();
    }
  }

  void flush() throws IOException {
    byte[] octets = out.toByteArray();
    out.reset();
    connection.write(octets, 0, octets.length);
  }

  /// Waits for the next packet.
  ///
  /// @throws ProtocolException when it is none
  Packet read() throws IOException {
    flush();
    fill(head);
    long length =
        (head[0] & 0xFFL) << 24 | (head[1] & 0xFF) << 16 | (head[2] & 0xFF) << 8 | head[3] & 0xFF;
    if (length < 1 || length > PACKET_MAX) {
      throw new ProtocolException(
          "the milter says that " + length + " octets follow: that is no milter's packet");
    }
    byte[] octets = new byte[(int) length];
    fill(octets);
    return new Packet((char) (octets[0] & 0xFF), Arrays.copyOfRange(octets, 1, octets.length));
  }

  private void fill(byte[] octets) throws IOException {
    for (int filled = 0; filled < octets.length; ) {
      int count = connection.read(octets, filled, octets.length - filled);
      if (count < 0) {
        throw new EOFException("the milter closed the connection");
      }
      filled += count;
    }
  }

  /// A text with its end.
  static byte[] string(String text) {
    return string(text.getBytes(UTF_8));
  }

  /// The same of octets. Nothing in it can be its end.
  static byte[] string(byte[] text) {
    byte[] octets = new byte[text.length + 1];
    for (int i = 0; i < text.length; i++) {
      octets[i] = text[i] == 0 ? (byte) ' ' : text[i];
    }
    return octets;
  }

  /// Where the text that begins at `from` ends.
  static int end(byte[] octets, int from) {
    int at = from;
    while (at < octets.length && octets[at] != 0) {
      at++;
    }
    return at;
  }

  /// The text that begins at `from`.
  static String text(byte[] octets, int from) {
    return from >= octets.length ? "" : new String(octets, from, end(octets, from) - from, UTF_8);
  }

  /// The same, one character for each octet.
  static String octets(byte[] octets, int from) {
    return from >= octets.length
        ? ""
        : new String(octets, from, end(octets, from) - from, ISO_8859_1);
  }
}
