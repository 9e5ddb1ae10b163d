package dev.poststation.config;

import dev.poststation.os.IpText;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.regex.Pattern;

/// Reads addresses, networks, and hosts with their ports. Never asks the DNS: what is no numeric
/// address is a name.
final class Addresses {
  private static final Pattern IPV4 = Pattern.compile("(?:(?:0|[1-9][0-9]{0,2})(?:\\.(?!$)|$)){4}");
  private static final Pattern IPV6 = Pattern.compile("[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*");
  private static final Pattern PORT = Pattern.compile("[0-9]{1,5}");

  private static final int NO_PORT = -1;

  private Addresses() {}

  /// A numeric address, without brackets; empty when it is none.
  static Optional<InetAddress> numeric(String text) {
    if (!IPV4.matcher(text).matches() && !IPV6.matcher(text).matches()) {
      return Optional.empty();
    }
    try {
      return Optional.of(InetAddress.ofLiteral(text));
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }

  /// A numeric address to bind to or to ask.
  static Parsed<InetAddress> address(String text) {
    return numeric(text)
        .map(Parsed::good)
        .orElseGet(
            () ->
                Parsed.bad(
                    "is no numeric address", "write one like 192.0.2.1 or 2001:db8::1, no name"));
  }

  /// A numeric address with a port: `0.0.0.0:25`, `[::1]:53`.
  ///
  /// @param port the port when none is written
  /// @param example what to write instead of one that is none
  static Parsed<InetSocketAddress> socket(String text, int port, String example) {
    return numeric(split(text, port), example);
  }

  /// The same where nobody else should get to: the port must be written.
  ///
  /// @param usual the port that is the default
  static Parsed<InetSocketAddress> local(String text, int usual) {
    if (PORT.matcher(text).matches()) {
      return Parsed.bad("has no address", "write it before the port: 127.0.0.1:" + text);
    }
    var split = split(text, NO_PORT, "[::1]:" + usual);
    if (split instanceof Parsed.Good<HostPort>(HostPort(_, int number)) && number == NO_PORT) {
      return Parsed.bad("has no port", "write it behind a colon, as in " + text + ":" + usual);
    }
    return numeric(split, "127.0.0.1:" + usual + " or [::1]:" + usual);
  }

  private static Parsed<InetSocketAddress> numeric(Parsed<HostPort> split, String example) {
    return switch (split) {
      case Parsed.Bad<HostPort>(String fault, String remedy) -> Parsed.bad(fault, remedy);
      case Parsed.Good<HostPort>(HostPort(String host, int number)) ->
          numeric(host)
              .map(address -> Parsed.good(new InetSocketAddress(address, number)))
              .orElseGet(
                  () ->
                      Parsed.bad(
                          "does not begin with a numeric address",
                          "write ADDRESS:PORT, as in " + example));
    };
  }

  /// A host and its port as they were written, the brackets of an IPv6 address taken off.
  record HostPort(String host, int port) {}

  /// Separates host and port.
  ///
  /// @param port the port when none is written
  static Parsed<HostPort> split(String text, int port) {
    return split(text, port, "[2001:db8::1]:25");
  }

  private static Parsed<HostPort> split(String text, int port, String inBrackets) {
    String host = text;
    String number = "";
    int bracket = text.startsWith("[") ? text.indexOf(']') : -1;
    int colon = text.indexOf(':', Math.max(bracket, 0));
    if (text.startsWith("[") && bracket < 0) {
      return Parsed.bad("lacks a closing bracket", "write [ADDRESS]:PORT");
    }
    if (bracket < 0 && colon >= 0 && text.indexOf(':', colon + 1) >= 0) {
      return Parsed.bad(
          "has more than one colon", "put an IPv6 address into brackets: " + inBrackets);
    }
    if (colon >= 0) {
      number = text.substring(colon + 1);
      host = text.substring(0, colon);
    }
    if (bracket >= 0) {
      if (host.length() > bracket + 1) {
        return Parsed.bad("has something between bracket and port", "write [ADDRESS]:PORT");
      }
      host = host.substring(1, bracket);
    }
    if (colon < 0) {
      return Parsed.good(new HostPort(host, port));
    }
    if (!PORT.matcher(number).matches() || Integer.parseInt(number) > 65535) {
      return Parsed.bad("has no valid port", "write a number up to 65535 behind the colon");
    }
    return Parsed.good(new HostPort(host, Integer.parseInt(number)));
  }

  /// A network: `10.0.0.0/8`, `2001:db8::/32`, or one address.
  static Parsed<Cidr> network(String text) {
    int slash = text.indexOf('/');
    Optional<InetAddress> found = numeric(slash < 0 ? text : text.substring(0, slash));
    if (text.contains(" ")) {
      return Parsed.bad("has a space", "put a comma between two networks");
    }
    if (found.isEmpty()) {
      return Parsed.bad("is no network", "write ADDRESS/BITS, as in 10.0.0.0/8, or one address");
    }
    InetAddress address = found.get();
    byte[] octets = address.getAddress();
    if (octets.length == 4 && text.indexOf(':') >= 0) {
      return Parsed.bad("is an IPv4 network written as IPv6", "write it as IPv4: ADDRESS/BITS");
    }
    String length = slash < 0 ? String.valueOf(octets.length * 8) : text.substring(slash + 1);
    if (!PORT.matcher(length).matches() || Integer.parseInt(length) > octets.length * 8) {
      return Parsed.bad(
          "has no valid prefix length", "write 0 to " + octets.length * 8 + " behind the slash");
    }
    int bits = Integer.parseInt(length);
    InetAddress first = masked(octets, bits);
    return first.equals(address)
        ? Parsed.good(new Cidr(address, bits))
        : Parsed.bad(
            "is an address within a network, not a network",
            "write " + IpText.of(first) + "/" + bits + ", or the address alone");
  }

  private static InetAddress masked(byte[] octets, int bits) {
    byte[] masked = octets.clone();
    for (int i = 0; i < masked.length; i++) {
      int kept = Math.clamp(bits - 8L * i, 0, 8);
      masked[i] &= (byte) (0xff00 >> kept);
    }
    try {
      return InetAddress.getByAddress(masked);
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e); // Four or sixteen octets went in.
    }
  }
}
