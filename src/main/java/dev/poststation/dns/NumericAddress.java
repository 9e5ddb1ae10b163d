package dev.poststation.dns;

import dev.poststation.os.Networks;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// IP addresses written as text. Pure functions; they never ask anybody.
public final class NumericAddress {
  private static final String IPV6_TAG = "IPv6:";

  private NumericAddress() {}

  /// The address that is meant by `192.0.2.1`, `2001:db8::1`, or an address literal of RFC 5321
  /// 4.1.3, `[192.0.2.1]` or `[IPv6:2001:db8::1]`; empty when it is something else, such as a name.
  /// IPv4 needs all four numbers: `127.1` is no address. An IPv4-mapped IPv6 address is the IPv4
  /// address.
  public static Optional<InetAddress> parse(String text) {
    int last = text.length() - 1;
    if (last < 1) {
      return Optional.empty();
    }
    if (text.charAt(0) != '[') {
      return Optional.ofNullable(text.indexOf(':') < 0 ? parseV4(text) : parseV6(text));
    }
    if (text.charAt(last) != ']' || text.indexOf('%') >= 0) {
      return Optional.empty();
    }
    String inner = text.substring(1, last);
    if (inner.regionMatches(true, 0, IPV6_TAG, 0, IPV6_TAG.length())) {
      return Optional.ofNullable(parseV6(inner.substring(IPV6_TAG.length())));
    }
    return Optional.ofNullable(parseV4(inner));
  }

  /// The same of an address, or of what counts as one, as [Networks] writes it.
  public static Optional<InetAddress> parseNetwork(String text) {
    return parse(Networks.withoutLength(text));
  }

  /// What counts as one address with the one that is meant, as [Networks] writes it; a text that
  /// means none stays as it is.
  public static String network(String text) {
    return parseNetwork(text).map(Networks::of).orElse(text);
  }

  private static @Nullable InetAddress parseV4(String text) {
    byte[] octets = new byte[4];
    int part = 0;
    int value = 0;
    int digits = 0;
    for (int i = 0; i <= text.length(); i++) {
      char c = i < text.length() ? text.charAt(i) : '.';
      if (c == '.') {
        if (digits == 0 || part == 4) {
          return null;
        }
        octets[part++] = (byte) value;
        value = 0;
        digits = 0;
      } else if (c >= '0' && c <= '9') {
        value = value * 10 + (c - '0');
        if (++digits > 3 || value > 255) {
          return null;
        }
      } else {
        return null;
      }
    }
    return part == 4 ? ofOctets(octets) : null;
  }

  private static InetAddress ofOctets(byte[] octets) {
    try {
      return InetAddress.getByAddress(octets);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private static @Nullable InetAddress parseV6(String text) {
    if (text.indexOf(':') < 0) {
      return null;
    }
    try {
      return InetAddress.ofLiteral(text);
    } catch (IllegalArgumentException _) {
      return null;
    }
  }
}
