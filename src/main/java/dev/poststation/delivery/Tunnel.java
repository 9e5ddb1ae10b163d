package dev.poststation.delivery;

import dev.poststation.config.Connector;
import dev.poststation.config.Proxy;
import dev.poststation.os.Connection;
import dev.poststation.os.IpText;
import dev.poststation.smtp.PeerText;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;

/// Asks a proxy to connect us onward: SOCKS5 (RFC 1928, 1929), or HTTP CONNECT (RFC 9110 9.3.6).
/// What the proxy says of itself, or of us, is a [ProxyException]; what it says of the next hop is
/// as if the next hop could not be reached. Not an octet is read of what comes after its answer.
/// Used once; confined to one thread.
final class Tunnel {
  private static final int HEADER_MAX = 16 * 1024;
  private static final int TEXT_LENGTH = 200;
  private static final int VERSION = 5;
  private static final int ANONYMOUS = 0;
  private static final int BY_PASSWORD = 2;
  private static final int NONE_ACCEPTABLE = 0xff;

  private final Connection connection;
  private final Connector connector;
  private final Proxy proxy;
  private final Duration patience;

  /// Whether the proxy has been asked for the next hop: who is silent then waits for it.
  private boolean asked;

  /// @param patience for each answer
  Tunnel(Connection connection, Connector connector, Proxy proxy, Duration patience) {
    this.connection = connection;
    this.connector = connector;
    this.proxy = proxy;
    this.patience = patience;
  }

  /// Has the proxy connect us to a next hop.
  void to(InetSocketAddress hop) throws IOException {
    try {
      switch (proxy.scheme()) {
        case SOCKS5 -> socks(hop);
        case HTTP -> http(hop);
      }
    } catch (ProxyException | BeyondProxyException e) {
      throw e;
    } catch (SocketTimeoutException _) {
      throw asked ? beyond("no answer in time") : trouble("does not answer in time");
    } catch (EOFException _) {
      throw asked ? beyond("hung up") : trouble("hung up");
    } catch (IOException e) {
      String what = "broke off: " + PeerText.of(String.valueOf(e.getMessage()));
      throw asked ? beyond(what) : trouble(what);
    }
  }

  private ProxyException trouble(String what) {
    return new ProxyException(connector, proxy, what);
  }

  /// What the proxy says of the next hop.
  private BeyondProxyException beyond(String what) {
    return new BeyondProxyException(proxy, what);
  }

  private void socks(InetSocketAddress hop) throws IOException {
    byte[] user = proxy.user().getBytes(StandardCharsets.UTF_8);
    boolean known = user.length > 0;
    say(known ? new byte[] {VERSION, 2, ANONYMOUS, BY_PASSWORD} : new byte[] {VERSION, 1, 0});
    byte[] method = hear(2);
    if (method[0] != VERSION) {
      throw trouble("speaks no SOCKS5");
    }
    switch (method[1] & 0xff) {
      case ANONYMOUS -> {}
      case BY_PASSWORD -> logIn(user);
      case NONE_ACCEPTABLE ->
          throw trouble(
              known
                  ? "takes no login by password (RFC 1929)"
                  : "lets nobody in without a login: write its user into proxy");
      default -> throw trouble("speaks no SOCKS5");
    }
    byte[] address = hop.getAddress().getAddress();
    var request = new ByteArrayOutputStream();
    request.writeBytes(new byte[] {VERSION, 1, 0, (byte) (address.length == 4 ? 1 : 4)});
    request.writeBytes(address);
    request.write(hop.getPort() >> 8);
    request.write(hop.getPort());
    say(request.toByteArray());
    asked = true;
    byte[] reply = hear(4);
    if (reply[0] != VERSION) {
      throw trouble("speaks no SOCKS5");
    }
    if (reply[1] != 0) {
      throw beyond(meaning(reply[1] & 0xff));
    }
    int length =
        switch (reply[3]) {
          case 1 -> 4;
          case 3 -> hear(1)[0] & 0xff;
          case 4 -> 16;
          default -> throw trouble("speaks no SOCKS5");
        };
    hear(length + 2); // Its own address and port.
  }

  /// RFC 1929.
  private void logIn(byte[] user) throws IOException {
    byte[] password = password().getBytes(StandardCharsets.UTF_8);
    if (password.length > 255) {
      throw trouble("takes no password that is so long (RFC 1929)");
    }
    var request = new ByteArrayOutputStream();
    request.write(1);
    request.write(user.length);
    request.writeBytes(user);
    request.write(password.length);
    request.writeBytes(password);
    say(request.toByteArray());
    if (hear(2)[1] != 0) {
      throw trouble("refuses user " + proxy.user() + " or the password");
    }
  }

  private String password() throws ProxyException {
    var secret = proxy.password();
    try {
      return secret == null ? "" : secret.reveal();
    } catch (IOException e) {
      throw trouble("gets no login: " + e.getMessage());
    }
  }

  /// RFC 1928 6.
  private static String meaning(int reply) {
    return switch (reply) {
      case 1 -> "general failure";
      case 2 -> "not allowed by its rules";
      case 3 -> "network unreachable";
      case 4 -> "host unreachable";
      case 5 -> "connection refused";
      case 6 -> "no answer in time";
      case 7 -> "it does not connect for others";
      case 8 -> "it does not know this family of addresses";
      default -> "failure " + reply;
    };
  }

  private void http(InetSocketAddress hop) throws IOException {
    String there = IpText.at(IpText.of(hop.getAddress()), hop.getPort());
    var request = new StringBuilder("CONNECT " + there + " HTTP/1.1\r\nHost: " + there + "\r\n");
    if (!proxy.user().isEmpty()) {
      byte[] login = (proxy.user() + ":" + password()).getBytes(StandardCharsets.UTF_8);
      request
          .append("Proxy-Authorization: Basic ")
          .append(Base64.getEncoder().encodeToString(login))
          .append("\r\n");
    }
    say(request.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
    asked = true;
    String header = header();
    String status = header.substring(0, header.indexOf("\r\n"));
    if (!status.matches("HTTP/1\\.[0-9] [0-9]{3}( .*)?")) {
      throw trouble("speaks no HTTP");
    }
    String said = PeerText.of(status.substring(9));
    switch (status.charAt(9)) {
      case '2' -> {}
      case '4' -> throw refused(said);
      case '5' -> throw said.startsWith("501") ? refused(said) : beyond(cut(said));
      default -> throw trouble("answers CONNECT with " + cut(said));
    }
  }

  private IOException refused(String said) {
    return switch (said.substring(0, 3)) {
      case "401", "407" -> // Tinyproxy says 401.
          trouble(
              proxy.user().isEmpty()
                  ? "lets nobody in without a login: write its user into proxy"
                  : "refuses user " + proxy.user() + " or the password");
      case "400", "405", "501" -> trouble("does no CONNECT: " + cut(said));
      default -> beyond(cut(said));
    };
  }

  private static String cut(String text) {
    return text.length() > TEXT_LENGTH ? text.substring(0, TEXT_LENGTH) + "…" : text;
  }

  /// Octet by octet: what comes after it is the next hop's.
  private String header() throws IOException {
    var header = new StringBuilder();
    while (header.indexOf("\r\n\r\n", Math.max(0, header.length() - 4)) < 0) {
      if (header.length() >= HEADER_MAX) {
        throw trouble("speaks no HTTP");
      }
      header.append((char) (hear(1)[0] & 0xff));
    }
    return header.toString();
  }

  private void say(byte[] octets) throws IOException {
    connection.deadline(patience);
    connection.write(octets, 0, octets.length);
  }

  private byte[] hear(int count) throws IOException {
    byte[] octets = new byte[count];
    int have = 0;
    while (have < count) {
      int more = connection.read(octets, have, count - have);
      if (more < 0) {
        throw new EOFException();
      }
      have += more;
    }
    return octets;
  }
}
