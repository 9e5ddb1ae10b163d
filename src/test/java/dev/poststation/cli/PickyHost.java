package dev.poststation.cli;

import dev.poststation.os.Connection;
import dev.poststation.os.Network;
import dev.poststation.os.Os;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;

/// A next hop on the loopback interface that has an address of ours on a blocklist, and tells it so
/// at one command. Safe for any thread.
final class PickyHost implements Closeable {
  private final Network.Acceptor acceptor;
  private final String listed;
  private final String at;
  private final List<String> taken = new CopyOnWriteArrayList<>();

  /// @param listed who is refused
  /// @param at the command, or `GREETING`
  PickyHost(String listed, String at) throws IOException {
    this.listed = listed;
    this.at = at;
    var os = Os.real();
    acceptor = os.network().listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
    os.tasks()
        .platform(
            "picky",
            () -> {
              try {
                while (true) {
                  var connection = acceptor.accept();
                  os.tasks().virtual("picky", () -> serve(connection));
                }
              } catch (IOException _) {
                // Closed.
              }
            });
  }

  int port() {
    return acceptor.local().getPort();
  }

  /// From where each mail came that was taken.
  List<String> taken() {
    return taken;
  }

  private void serve(Connection connection) {
    String from = connection.remote().getAddress().getHostAddress();
    String no =
        "554 5.7.1 Service unavailable; Client host [" + from + "] blocked using zen.example";
    boolean refused = from.equals(listed);
    try (connection) {
      say(connection, refused && at.equals("GREETING") ? no : "220 picky.example");
      byte[] buffer = new byte[8192];
      var unread = new StringBuilder();
      boolean content = false;
      for (int count = 0; count >= 0; count = connection.read(buffer, 0, buffer.length)) {
        unread.append(new String(buffer, 0, count, StandardCharsets.US_ASCII));
        for (int end = unread.indexOf("\r\n"); end >= 0; end = unread.indexOf("\r\n")) {
          String line = unread.substring(0, end);
          unread.delete(0, end + 2);
          if (content && line.equals(".")) {
            content = false;
            taken.add(from);
            say(connection, "250 2.0.0 ok");
          } else if (!content) {
            String verb = line.split(" ", 2)[0].toUpperCase(Locale.ROOT);
            content = verb.equals("DATA");
            boolean unknown = verb.equals("RCPT") && line.contains("<unknown");
            say(
                connection,
                refused && verb.equals(at)
                    ? no
                    : unknown ? "550 5.1.1 no such user" : content ? "354 go" : "250 2.0.0 ok");
          }
        }
      }
    } catch (IOException _) {
      // It is gone.
    }
  }

  private static void say(Connection connection, String line) throws IOException {
    byte[] octets = (line + "\r\n").getBytes(StandardCharsets.US_ASCII);
    connection.write(octets, 0, octets.length);
  }

  @Override
  public void close() {
    acceptor.close();
  }
}
