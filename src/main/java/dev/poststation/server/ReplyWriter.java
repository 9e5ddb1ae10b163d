package dev.poststation.server;

import dev.poststation.os.Connection;
import dev.poststation.smtp.Reply;
import java.io.IOException;
import java.util.Arrays;

/// Collects replies and sends them together (RFC 2920 3.2): when we are about to wait for the
/// client, or when they have become many. Confined to the session's thread.
final class ReplyWriter {
  /// A client that does not read its replies is made to wait, not remembered for.
  private static final int COLLECTED_MAX = 4096;

  private final Connection connection;
  private byte[] collected = new byte[256];
  private int length;

  ReplyWriter(Connection connection) {
    this.connection = connection;
  }

  void add(Reply reply) throws IOException {
    byte[] wire = reply.wire();
    if (length > 0 && length + wire.length > COLLECTED_MAX) {
      flush();
    }
    if (length + wire.length > collected.length) {
      collected = Arrays.copyOf(collected, Math.max(collected.length * 2, length + wire.length));
    }
    System.arraycopy(wire, 0, collected, length, wire.length);
    length += wire.length;
  }

  void flush() throws IOException {
    if (length > 0) {
      int count = length;
      length = 0;
      connection.write(collected, 0, count);
    }
  }
}
