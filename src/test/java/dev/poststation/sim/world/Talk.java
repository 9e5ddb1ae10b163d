package dev.poststation.sim.world;

import dev.poststation.os.Connection;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/// Lines and octets over a connection, for the peers of a simulated world. Confined to one thread.
final class Talk {
  private final Connection connection;
  private final byte[] buffer = new byte[4096];
  private int from;
  private int to;

  Talk(Connection connection) {
    this.connection = connection;
  }

  Connection connection() {
    return connection;
  }

  void say(String line) throws IOException {
    send(line + "\r\n");
  }

  void send(String text) throws IOException {
    byte[] octets = text.getBytes(StandardCharsets.US_ASCII);
    connection.write(octets, 0, octets.length);
  }

  private int octet() throws IOException {
    if (from == to) {
      to = connection.read(buffer, 0, buffer.length);
      from = 0;
      if (to < 0) {
        to = 0;
        throw new EOFException("the other end has closed");
      }
    }
    return buffer[from++];
  }

  /// A line without its end.
  String line(Duration atMost) throws IOException {
    connection.deadline(atMost);
    var line = new ByteArrayOutputStream();
    for (int octet = octet(); octet != '\n'; octet = octet()) {
      line.write(octet);
    }
    String text = line.toString(StandardCharsets.US_ASCII);
    return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
  }

  /// So many octets.
  String octets(int count, Duration atMost) throws IOException {
    connection.deadline(atMost);
    var octets = new ByteArrayOutputStream();
    for (int i = 0; i < count; i++) {
      octets.write(octet());
    }
    return octets.toString(StandardCharsets.US_ASCII);
  }

  /// A reply: its last line.
  String reply(Duration atMost) throws IOException {
    while (true) {
      String line = line(atMost);
      if (line.length() < 4 || line.charAt(3) != '-') {
        return line;
      }
    }
  }
}
