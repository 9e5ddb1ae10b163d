package dev.poststation.os;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/// What counts as one address, and which are seen in no Internet. Of IPv6 all that begin with the
/// same 64 bits are one, for behind them every host makes up addresses as it likes (RFC 4291 2.5.4,
/// RFC 8981). Pure functions.
public final class Networks {
  private static final int IPV6_OCTETS = 8;
  private static final String LENGTH = "/64";

  private Networks() {}

  /// Whether an address is used within networks only, and never seen in the Internet (RFC 1918, RFC
  /// 4193, RFC 6598).
  public static boolean isPrivate(InetAddress address) {
    byte[] octets = address.getAddress();
    boolean shared = octets.length == 4 && octets[0] == 100 && (octets[1] & 0xc0) == 64;
    boolean unique = octets.length == 16 && (octets[0] & 0xfe) == 0xfc;
    return shared
        || unique
        || address.isSiteLocalAddress()
        || address.isLinkLocalAddress()
        || address.isLoopbackAddress();
  }

  /// Whether an address is one of a host in the Internet: no address of a network of its own, of a
  /// group, for tests or of later times, nor one that stands for such an address in IPv4 (RFC 3056,
  /// RFC 4380, RFC 6052, RFC 6890).
  public static boolean isOfInternet(InetAddress address) {
    byte[] octets = address.getAddress();
    int first = octets[0] & 0xff;
    int second = octets[1] & 0xff;
    boolean special =
        octets.length == 4
            ? first == 0 || first >= 240 || (first == 198 && (second & 0xfe) == 18)
            : (first & 0xe0) != 0x20 // All of the Internet is 2000::/3.
                || (first == 0x20 && second == 2)
                || (first == 0x20 && second == 1 && octets[2] == 0 && octets[3] == 0);
    return !special
        && !isPrivate(address)
        && !address.isAnyLocalAddress()
        && !address.isMulticastAddress();
  }

  /// `192.0.2.1`, `2001:db8::/64`.
  public static String of(InetAddress address) {
    byte[] octets = address.getAddress();
    if (octets.length == 4) {
      return IpText.of(address);
    }
    Arrays.fill(octets, IPV6_OCTETS, octets.length, (byte) 0);
    try {
      return IpText.of(InetAddress.getByAddress(octets)) + LENGTH;
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e); // It has the length of one.
    }
  }

  /// An address as text of what `of` wrote: `2001:db8::` of `2001:db8::/64`. Another text stays as
  /// it is.
  public static String withoutLength(String text) {
    return text.endsWith(LENGTH) && text.indexOf(':') >= 0
        ? text.substring(0, text.length() - LENGTH.length())
        : text;
  }

  /// The same as a number, where it is asked for often.
  public static long key(InetAddress address) {
    var octets = ByteBuffer.wrap(address.getAddress());
    // Never the first half of an IPv6 address, for multicast is no source.
    return octets.remaining() == 4 ? -1L << Integer.SIZE | octets.getInt() : octets.getLong();
  }
}
