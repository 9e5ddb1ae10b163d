package dev.poststation.server;

import dev.poststation.dns.NumericAddress;
import dev.poststation.os.Connection;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;

/// What a balancer says before anything else about the client whose connection it passes on: the
/// header of the PROXY protocol, version 1 or 2 (HAProxy, proxy-protocol.txt).
///
/// Not one octet behind it is read, so that TLS or the first command may follow at once.
sealed interface ProxyHeader {
  /// The specification asks receivers to wait three seconds at least.
  static final Duration PATIENCE = Duration.ofSeconds(5);

  /// Octets of a line of version 1, CRLF included (2.1).
  static final int LINE_MAX = 107;

  /// Octets of the addresses and extensions of version 2; the extensions are passed over.
  static final int BLOCK_MAX = 16 * 1024;

  /// The address of a client that the balancer does not know: `UNKNOWN`, `UNSPEC`, a local socket.
  /// No rule of `clients` matches it.
  static final InetSocketAddress UNKNOWN =
      new InetSocketAddress(InetAddress.ofLiteral("0.0.0.0"), 0);

  /// How one of version 1 begins.
  static final String LINE = "PROXY ";

  /// How one of version 2 begins.
  static final String BLOCK = "\r\n\r\n\0\r\nQUIT\n";

  /// The connection is one of this client.
  record Client(InetSocketAddress address) implements ProxyHeader {}

  /// The connection is one of the balancer itself, such as a check of our health.
  record Local() implements ProxyHeader {}

  /// It is no header.
  ///
  /// @param fault why, for the log
  record Bad(String fault) implements ProxyHeader {}

  /// The balancer went away without a word, as one does that only looks whether the port is open.
  record Gone() implements ProxyHeader {}

  /// Reads it from a fresh connection.
  static ProxyHeader read(Connection from) {
    var reader = new Reader(from);
    from.deadline(PATIENCE);
    try {
      return reader.read();
    } catch (SocketTimeoutException _) {
      return new Bad("no PROXY header came within " + PATIENCE.toSeconds() + " s");
    } catch (IOException _) {
      return reader.length == 0 ? new Gone() : new Bad("the connection broke in a PROXY header");
    }
  }

  /// One header. Confined to the thread that reads it.
  final class Reader {
    private static final int SIGNATURE = 12;
    private static final int HEAD = 16;
    private static final int INET = 12;
    private static final int INET6 = 36;

    private final Connection from;
    private final byte[] octets = new byte[LINE_MAX];
    private int length;

    private Reader(Connection from) {
      this.from = from;
    }

    private ProxyHeader read() throws IOException {
      while (length < SIGNATURE) { // No header is shorter.
        if (!more(SIGNATURE - length)) {
          return length == 0 ? new Gone() : new Bad("the connection ended in a PROXY header");
        }
        if (!begins(LINE) && !begins(BLOCK)) {
          return new Bad("there is no PROXY header before what the client says");
        }
      }
      return begins(BLOCK) ? block() : line();
    }

    private boolean begins(String signature) {
      int both = Math.min(length, signature.length());
      String begun = new String(octets, 0, both, StandardCharsets.ISO_8859_1);
      return signature.startsWith(begun);
    }

    private boolean more(int atMost) throws IOException {
      int count = from.read(octets, length, atMost);
      length += Math.max(count, 0);
      return count > 0;
    }

    private boolean fill(int upTo) throws IOException {
      while (length < upTo) {
        if (!more(upTo - length)) {
          return false;
        }
      }
      return true;
    }

    /// Version 1: octet by octet, as its end is only known when it is there.
    private ProxyHeader line() throws IOException {
      while (octets[length - 1] != '\n') {
        if (length == LINE_MAX) {
          return new Bad("the PROXY line has more than " + LINE_MAX + " octets");
        }
        if (!more(1)) {
          return new Bad("the connection ended in a PROXY line");
        }
      }
      String text = new String(octets, 0, length, StandardCharsets.ISO_8859_1);
      if (!text.endsWith("\r\n") || text.indexOf('\n') < length - 1) {
        return new Bad("the PROXY line does not end with CRLF");
      }
      String[] words = text.substring(0, length - 2).split(" ", -1);
      if (words[1].equals("UNKNOWN")) {
        return new Client(UNKNOWN); // Whatever follows is to be ignored.
      }
      int family = words[1].equals("TCP4") ? 4 : words[1].equals("TCP6") ? 16 : 0;
      if (family == 0 || words.length != 6) {
        return new Bad("the PROXY line is not like PROXY TCP4 SOURCE DESTINATION PORT PORT");
      }
      var source = address(words[2], family);
      int port = port(words[4]);
      if (source.isEmpty() || address(words[3], family).isEmpty()) {
        return new Bad("the PROXY line has something else where an address should stand");
      }
      if (port < 0 || port(words[5]) < 0) {
        return new Bad("the PROXY line has something else where a port should stand");
      }
      return new Client(new InetSocketAddress(source.get(), port));
    }

    private static Optional<InetAddress> address(String text, int family) {
      return text.startsWith("[")
              || text.indexOf('%') >= 0
              || (text.indexOf(':') < 0) == (family > 4)
          ? Optional.empty()
          : NumericAddress.parse(text);
    }

    private static int port(String text) {
      boolean number = text.matches("0|[1-9][0-9]{0,4}");
      int port = number ? Integer.parseInt(text) : -1;
      return port <= 0xffff ? port : -1;
    }

    /// Version 2 (2.2).
    private ProxyHeader block() throws IOException {
      if (!fill(HEAD)) {
        return new Bad("the connection ended in a PROXY header");
      }
      int version = (octets[12] >> 4) & 0xf;
      int command = octets[12] & 0xf;
      int kind = octets[13] & 0xff;
      int rest = number(14);
      if (version != 2 || command > 1) {
        return new Bad("the PROXY header has version " + version + " and command " + command);
      }
      if (rest > BLOCK_MAX) {
        return new Bad("the PROXY header has more than " + BLOCK_MAX + " octets");
      }
      boolean local = command == 0;
      int wanted = local ? 0 : wanted(kind);
      if (wanted < 0) {
        return new Bad("the PROXY header is of no kind of connection that reaches this port");
      }
      if (rest < wanted) {
        return new Bad("the PROXY header is too short for its addresses");
      }
      if (!fill(HEAD + wanted) || !pass(rest - wanted)) {
        return new Bad("the connection ended in a PROXY header");
      }
      return local ? new Local() : new Client(wanted == 0 ? UNKNOWN : source(wanted));
    }

    /// How many octets of addresses matter; -1 where there can be none for TCP.
    private static int wanted(int kind) {
      return switch (kind) {
        case 0x11 -> INET;
        case 0x21 -> INET6;
        case 0x00, 0x31 -> 0;
        default -> -1;
      };
    }

    private InetSocketAddress source(int wanted) throws UnknownHostException {
      int size = wanted == INET ? 4 : 16;
      byte[] address = Arrays.copyOfRange(octets, HEAD, HEAD + size);
      return new InetSocketAddress(InetAddress.getByAddress(address), number(HEAD + 2 * size));
    }

    private int number(int at) {
      return ((octets[at] & 0xff) << 8) | (octets[at + 1] & 0xff);
    }

    /// Throws away extensions.
    private boolean pass(int count) throws IOException {
      byte[] thrown = new byte[Math.min(count, 512)];
      for (int left = count; left > 0; ) {
        int read = from.read(thrown, 0, Math.min(left, thrown.length));
        if (read < 0) {
          return false;
        }
        left -= read;
      }
      return true;
    }
  }
}
