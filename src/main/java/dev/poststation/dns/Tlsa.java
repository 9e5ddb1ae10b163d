package dev.poststation.dns;

import java.util.HexFormat;

/// A TLSA record (RFC 6698 2): what a host's certificate must be. Immutable.
///
/// @param usage 2: an authority; 3: the host's own; 0 and 1 are of no use to SMTP (RFC 7672 3.1.3)
/// @param selector 0: the certificate; 1: its public key
/// @param matching 0: the whole; 1: its SHA-256; 2: its SHA-512
/// @param data in hexadecimal digits, lower case
public record Tlsa(int usage, int selector, int matching, String data) {
  private static final int SHOWN = 16;
  private static final int SHA_256_DIGITS = 64;
  private static final int SHA_512_DIGITS = 128;

  /// What we can do something with; others are as if they said: "encrypt, with any certificate".
  public boolean usable() {
    boolean known = (usage == 2 || usage == 3) && (selector == 0 || selector == 1);
    return known
        && switch (matching) {
          case 0 -> !data.isEmpty();
          case 1 -> data.length() == SHA_256_DIGITS;
          case 2 -> data.length() == SHA_512_DIGITS;
          default -> false;
        };
  }

  /// The octets of the data.
  public byte[] octets() {
    return HexFormat.of().parseHex(data);
  }

  /// As in a zone.
  public String record() {
    return usage + " " + selector + " " + matching + " " + data;
  }

  /// As in a zone, long data cut: `3 1 1 9f86d081884c7d65…`.
  @Override
  public String toString() {
    String shown = data.length() > SHOWN ? data.substring(0, SHOWN) + "…" : data;
    return usage + " " + selector + " " + matching + " " + shown;
  }
}
