package dev.poststation.delivery;

/// Whether octets that come piece by piece are well-formed UTF-8 (RFC 3629). Confined to one
/// thread.
final class Utf8Check {
  private int expected;
  private int lowest = 0x80;
  private int highest = 0xbf;
  private boolean valid = true;

  void add(byte[] octets, int from, int to) {
    for (int i = from; i < to && valid; i++) {
      add(octets[i] & 255);
    }
  }

  private void add(int octet) {
    if (expected > 0) {
      valid = octet >= lowest && octet <= highest;
      lowest = 0x80;
      highest = 0xbf;
      expected--;
    } else if (octet >= 0xc2 && octet <= 0xdf) {
      expected = 1;
    } else if (octet >= 0xe0 && octet <= 0xef) {
      expected = 2;
      lowest = octet == 0xe0 ? 0xa0 : 0x80; // Not longer than need be.
      highest = octet == 0xed ? 0x9f : 0xbf; // No surrogates.
    } else if (octet >= 0xf0 && octet <= 0xf4) {
      expected = 3;
      lowest = octet == 0xf0 ? 0x90 : 0x80;
      highest = octet == 0xf4 ? 0x8f : 0xbf; // Not above U+10FFFF.
    } else {
      valid = octet < 0x80;
    }
  }

  /// Whether all so far is well-formed and complete.
  boolean valid() {
    return valid && expected == 0;
  }
}
