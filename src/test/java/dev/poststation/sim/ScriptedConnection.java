package dev.poststation.sim;

import dev.poststation.os.Connection;
import dev.poststation.os.TlsFacts;
import dev.poststation.os.TlsStart;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A connection whose peer says what a script says, in the packets of the script, and then closes.
/// A read never crosses the border of a packet. What is written is kept. Confined to one thread.
public final class ScriptedConnection implements Connection {
  private final Deque<byte[]> packets = new ArrayDeque<>();
  private final ByteArrayOutputStream written = new ByteArrayOutputStream();
  private final List<Duration> deadlines = new ArrayList<>();
  private byte[] packet = {};
  private int position;
  private boolean closed;

  private ScriptedConnection() {}

  /// A peer that sends these packets.
  public static ScriptedConnection of(byte[]... packets) {
    var connection = new ScriptedConnection();
    for (byte[] packet : packets) {
      if (packet.length > 0) {
        connection.packets.add(packet);
      }
    }
    return connection;
  }

  /// A peer that sends these packets, whose characters are octets.
  public static ScriptedConnection of(String... packets) {
    byte[][] octets = new byte[packets.length][];
    for (int i = 0; i < packets.length; i++) {
      octets[i] = packets[i].getBytes(StandardCharsets.ISO_8859_1);
    }
    return of(octets);
  }

  /// A peer that sends `octets` in packets of `size` octets.
  public static ScriptedConnection inPackets(byte[] octets, int size) {
    byte[][] packets = new byte[(octets.length + size - 1) / size][];
    for (int i = 0; i < packets.length; i++) {
      packets[i] = Arrays.copyOfRange(octets, i * size, Math.min(octets.length, (i + 1) * size));
    }
    return of(packets);
  }

  /// What was written so far; its characters are octets.
  public String written() {
    return written.toString(StandardCharsets.ISO_8859_1);
  }

  /// The deadlines that were set.
  public List<Duration> deadlines() {
    return List.copyOf(deadlines);
  }

  /// Whether it was closed from our end.
  public boolean closed() {
    return closed;
  }

  @Override
  public InetSocketAddress local() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 25);
  }

  @Override
  public InetSocketAddress remote() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 50_000);
  }

  @Override
  public void deadline(Duration fromNow) {
    deadlines.add(fromNow);
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws EOFException {
    Objects.checkFromIndexSize(offset, length, buffer.length);
    if (closed) {
      throw new EOFException("closed");
    }
    if (length == 0) {
      throw new IllegalArgumentException("a read of nothing");
    }
    if (position == packet.length) {
      var next = packets.poll();
      if (next == null) {
        return -1;
      }
      packet = next;
      position = 0;
    }
    int count = Math.min(length, packet.length - position);
    System.arraycopy(packet, position, buffer, offset, count);
    position += count;
    return count;
  }

  @Override
  public void write(byte[] buffer, int offset, int length) {
    written.write(buffer, offset, length);
  }

  @Override
  public int available() {
    int rest = packet.length - position;
    return rest > 0 ? rest : packets.isEmpty() ? 0 : packets.element().length;
  }

  @Override
  public TlsFacts startTls(TlsStart how) {
    throw new UnsupportedOperationException("a scripted peer knows no TLS");
  }

  @Override
  public @Nullable TlsFacts tls() {
    return null;
  }

  @Override
  public void close() {
    closed = true;
  }
}
