package dev.poststation.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.sim.MemoryConnection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// A client within memory, driven by the thread of the test. It reads only what is there when the
/// relay has come to rest.
final class Caller {
  private final World world;
  private final MemoryConnection connection;
  private final StringBuilder unread = new StringBuilder();
  private boolean ended;
  private boolean gone;

  Caller(World world, MemoryConnection connection) {
    this.world = world;
    this.connection = connection;
  }

  MemoryConnection connection() {
    return connection;
  }

  void say(String line) {
    write((line + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
  }

  void write(byte[] octets) {
    try {
      for (int from = 0; from < octets.length; from += 16_000) {
        connection.write(octets, from, Math.min(16_000, octets.length - from));
        world.settle(); // The relay reads it, or there would be no room for more.
      }
    } catch (IOException _) {
      gone = true; // As it may be: what was said before shows why.
    }
  }

  /// All that the relay has said and nobody has looked at, without waiting.
  private void hear() {
    world.settle();
    byte[] buffer = new byte[8192];
    try {
      while (!ended && connection.readable()) {
        int count = connection.read(buffer, 0, buffer.length);
        if (count < 0) {
          ended = true;
          return;
        }
        unread.append(new String(buffer, 0, count, StandardCharsets.UTF_8));
        world.settle();
      }
    } catch (IOException _) {
      ended = true;
    }
  }

  /// The complete lines that came.
  List<String> lines() {
    hear();
    List<String> lines = new ArrayList<>();
    int end = unread.indexOf("\r\n");
    while (end >= 0) {
      lines.add(unread.substring(0, end));
      unread.delete(0, end + 2);
      end = unread.indexOf("\r\n");
    }
    return lines;
  }

  /// Whether the relay has ended the connection.
  boolean over() {
    hear();
    return ended || gone;
  }

  /// The last line of what came, which must begin so.
  String expect(String beginning) {
    var lines = lines();
    assertThat(lines).as("expected: " + beginning).isNotEmpty();
    assertThat(lines.getLast()).startsWith(beginning);
    return lines.getLast();
  }

  void close() {
    connection.close();
  }
}
