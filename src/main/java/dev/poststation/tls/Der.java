package dev.poststation.tls;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/// The little of DER (X.690) that is needed to wrap the older forms of private keys into PKCS #8,
/// which is all that the JDK reads. Pure functions.
public final class Der {
  private static final int INTEGER = 0x02;
  private static final int OCTETS = 0x04;
  private static final int NULL = 0x05;
  private static final int OID = 0x06;
  private static final int SEQUENCE = 0x30;
  private static final int CONTEXT_0 = 0xa0;

  /// 1.2.840.113549.1.1.1
  private static final byte[] RSA = {
    0x2a, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xf7, 13, 1, 1, 1
  };

  /// 1.2.840.10045.2.1
  private static final byte[] EC = {0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 2, 1};

  private Der() {}

  /// PKCS #8 of an RSAPrivateKey (RFC 8017 A.1.2).
  public static byte[] pkcs8OfRsa(byte[] key) {
    return pkcs8(join(value(OID, RSA), value(NULL, new byte[0])), key);
  }

  /// PKCS #8 of an ECPrivateKey (RFC 5915 3).
  ///
  /// @throws IllegalArgumentException when it does not name its curve
  static byte[] pkcs8OfEc(byte[] key) {
    return pkcs8(join(value(OID, EC), curve(key)), key);
  }

  private static byte[] pkcs8(byte[] algorithm, byte[] key) {
    byte[] version = value(INTEGER, new byte[1]);
    byte[] body = join(join(version, value(SEQUENCE, algorithm)), value(OCTETS, key));
    return value(SEQUENCE, body);
  }

  /// The curve's name stands in the key as `[0] { OID }`, which an ECPrivateKey need not have.
  private static byte[] curve(byte[] key) {
    try {
      int at = contentStart(key, 0);
      while (at < key.length) {
        int start = contentStart(key, at);
        int end = start + length(key, at);
        if ((key[at] & 0xff) == CONTEXT_0) {
          return Arrays.copyOfRange(key, start, end);
        }
        at = end;
      }
    } catch (IndexOutOfBoundsException _) {
      throw new IllegalArgumentException("its key is damaged");
    }
    throw new IllegalArgumentException("its key does not name its curve");
  }

  private static int length(byte[] der, int at) {
    int first = der[at + 1] & 0xff;
    if (first < 0x80) {
      return first;
    }
    int value = 0;
    for (int i = 0; i < first - 0x80; i++) {
      value = value << 8 | (der[at + 2 + i] & 0xff);
    }
    if (value < 0 || value > der.length) {
      throw new IndexOutOfBoundsException(value);
    }
    return value;
  }

  private static int contentStart(byte[] der, int at) {
    int first = der[at + 1] & 0xff;
    return first < 0x80 ? at + 2 : at + 2 + first - 0x80;
  }

  private static byte[] value(int tag, byte[] content) {
    var out = new ByteArrayOutputStream(content.length + 5);
    out.write(tag);
    if (content.length < 0x80) {
      out.write(content.length);
    } else if (content.length < 0x100) {
      out.write(0x81);
      out.write(content.length);
    } else {
      out.write(0x82);
      out.write(content.length >>> 8);
      out.write(content.length);
    }
    out.writeBytes(content);
    return out.toByteArray();
  }

  private static byte[] join(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }
}
