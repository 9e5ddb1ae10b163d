package dev.poststation.reporting;

import dev.poststation.os.Connection;
import dev.poststation.os.Network;
import dev.poststation.smtp.PeerText;
import dev.poststation.tls.ClientTls;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.regex.Pattern;

/// Posts over HTTPS to a host at an address that was looked at before. The JDK's client looks names
/// up by itself, and may then call another address than that. As much of HTTP/1.1 (RFC 9112) as a
/// report needs: of the answer only its status is read. Safe for any thread; blocks the calling
/// one.
///
/// @param timeout of all after the connection, and of that
record CheckedPost(Network network, ClientTls tls, Duration timeout) {
  private static final Pattern STATUS = Pattern.compile("HTTP/1\\.[01] ([1-5][0-9]{2})( .*)?");
  private static final int HEADER_MAX = 64 * 1024;

  /// Posts.
  ///
  /// @param host its name, which the certificate must have
  /// @return the status of the answer
  /// @throws IOException when there is none; the message is one clause that names the place
  int post(URI to, String host, InetAddress at, String type, byte[] body) throws IOException {
    int port = to.getPort() == -1 ? ReportSite.HTTPS : to.getPort();
    try (Connection connection = network.connect(new InetSocketAddress(at, port), null, timeout)) {
      connection.deadline(timeout);
      connection.startTls(tls.start(host, true));
      write(connection, header(to, type, body.length).getBytes(StandardCharsets.US_ASCII));
      write(connection, body);
      return status(connection);
    } catch (IOException e) {
      String why = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
      throw new IOException(
          to.getScheme() + "://" + to.getRawAuthority() + to.getRawPath() + ": " + PeerText.of(why),
          e);
    }
  }

  private static void write(Connection connection, byte[] octets) throws IOException {
    connection.write(octets, 0, octets.length);
  }

  private static String header(URI to, String type, int length) {
    String path = to.getRawPath().isEmpty() ? "/" : to.getRawPath();
    String query = to.getRawQuery() == null ? "" : "?" + to.getRawQuery();
    return "POST "
        + path
        + query
        + " HTTP/1.1\r\nHost: "
        + to.getRawAuthority()
        + "\r\nContent-Type: "
        + type
        + "\r\nContent-Length: "
        + length
        + "\r\nConnection: close\r\n\r\n";
  }

  private static int status(Connection connection) throws IOException {
    var header = new ByteArrayOutputStream();
    byte[] buffer = new byte[4096];
    while (true) {
      String text = header.toString(StandardCharsets.ISO_8859_1);
      int end = text.indexOf('\n');
      var line = STATUS.matcher(end < 0 ? "" : text.substring(0, end).strip());
      if (end >= 0 && !line.matches()) {
        throw new IOException("it does not speak HTTP");
      }
      int over = text.indexOf("\r\n\r\n");
      int status = end < 0 ? 0 : Integer.parseInt(line.group(1));
      if (status >= 200) {
        return status;
      }
      if (over >= 0) { // RFC 9110 15.2: what was announced follows.
        header.reset();
        header.writeBytes(text.substring(over + 4).getBytes(StandardCharsets.ISO_8859_1));
        continue;
      }
      int count = header.size() > HEADER_MAX ? -1 : connection.read(buffer, 0, buffer.length);
      if (count < 0) {
        throw new IOException("it gives no answer");
      }
      header.write(buffer, 0, count);
    }
  }
}
