package dev.poststation.os;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// How a TLS client introduces itself (RFC 8446 4.1.2): the choices of its library, which are the
/// same in each handshake. Written as JA4 writes them, in three parts: version, server name, counts
/// and ALPN; ciphers; extensions and signature algorithms. What differs between a first handshake
/// and one that resumes is left out, and so is GREASE (RFC 8701). Pure functions.
final class ClientHello {
  /// Octets of a TLS record that has not begun yet.
  static final int RECORD_HEADER = 5;

  static final int RECORD_MAX = 16_384 + 256;
  static final int HANDSHAKE = 22;

  private static final int CLIENT_HELLO = 1;
  private static final int RANDOM = 32;
  private static final int SERVER_NAME = 0;
  private static final int SIGNATURE_ALGORITHMS = 13;
  private static final int ALPN = 16;
  private static final int SUPPORTED_VERSIONS = 43;

  /// padding, session_ticket, pre_shared_key, early_data, cookie, psk_key_exchange_modes.
  private static final int[] PASSING = {21, 35, 41, 42, 44, 45};

  /// Nobody offers so many of anything.
  private static final int MOST = 512;

  private int version;
  private int[] ciphers = {};
  private int[] extensions = {};
  private int[] algorithms = {};
  private boolean named;
  private String protocol = "00";

  private ClientHello() {}

  /// The fingerprint of the client that sent this.
  ///
  /// @param record the first record of the connection, or what came of it
  /// @return null when it is no whole ClientHello
  static @Nullable String fingerprint(byte[] record) {
    try {
      var hello = new ClientHello();
      return hello.read(ByteBuffer.wrap(record)) ? hello.written() : null;
    } catch (BufferUnderflowException _) {
      return null; // It breaks off, or lies about a length; JSSE says so to the client.
    }
  }

  private boolean read(ByteBuffer in) {
    if (octet(in) != HANDSHAKE) {
      return false;
    }
    part(in, RECORD_HEADER - 1);
    if (octet(in) != CLIENT_HELLO) {
      return false;
    }
    var body = part(in, (octet(in) << 16) | number(in));
    version = number(body);
    part(body, RANDOM);
    part(body, octet(body));
    ciphers = numbers(part(body, number(body)));
    part(body, octet(body));
    var all = body.hasRemaining() ? part(body, number(body)) : body;
    int count = 0;
    int[] types = new int[MOST];
    while (all.hasRemaining()) {
      int type = number(all);
      extension(type, part(all, number(all)));
      if (!isGrease(type) && !passes(type)) {
        if (count == MOST) {
          return false;
        }
        types[count++] = type;
      }
    }
    extensions = Arrays.copyOf(types, count);
    return ciphers.length <= MOST && algorithms.length <= MOST;
  }

  private void extension(int type, ByteBuffer content) {
    switch (type) {
      case SERVER_NAME -> named = true;
      case SIGNATURE_ALGORITHMS -> algorithms = numbers(part(content, number(content)));
      case SUPPORTED_VERSIONS -> {
        for (int each : numbers(part(content, octet(content)))) {
          version = Math.max(version, each);
        }
      }
      case ALPN -> {
        var first = part(part(content, number(content)));
        if (first.hasRemaining()) {
          protocol = "" + shown(first.get(0)) + shown(first.get(first.limit() - 1));
        }
      }
      default -> {} // That it is there is enough.
    }
  }

  private static char shown(byte octet) {
    char c = (char) (octet & 0xff);
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ? c : '9';
  }

  private static int octet(ByteBuffer in) {
    return in.get() & 0xff;
  }

  private static int number(ByteBuffer in) {
    return in.getShort() & 0xffff;
  }

  private static ByteBuffer part(ByteBuffer in) {
    return part(in, octet(in));
  }

  private static ByteBuffer part(ByteBuffer in, int length) {
    if (length > in.remaining()) {
      throw new BufferUnderflowException();
    }
    var part = in.slice(in.position(), length);
    in.position(in.position() + length);
    return part;
  }

  /// Without GREASE.
  private static int[] numbers(ByteBuffer in) {
    int[] numbers = new int[in.remaining() / 2];
    int count = 0;
    for (int i = 0; i < numbers.length; i++) {
      int number = number(in);
      if (!isGrease(number)) {
        numbers[count++] = number;
      }
    }
    return Arrays.copyOf(numbers, count);
  }

  /// 0x0a0a, 0x1a1a … 0xfafa.
  private static boolean isGrease(int number) {
    return (number & 0x0f0f) == 0x0a0a && number >> 8 == (number & 0xff);
  }

  private static boolean passes(int type) {
    return Arrays.binarySearch(PASSING, type) >= 0;
  }

  private String written() {
    Arrays.sort(ciphers);
    Arrays.sort(extensions);
    var others = IntStream.of(extensions).filter(type -> type != SERVER_NAME && type != ALPN);
    String shown = list(others.toArray()) + (algorithms.length == 0 ? "" : "_" + list(algorithms));
    return "t"
        + version()
        + (named ? 'd' : 'i')
        + two(ciphers.length)
        + two(extensions.length)
        + protocol
        + "_"
        + digest(list(ciphers))
        + "_"
        + digest(shown);
  }

  private String version() {
    return switch (version) {
      case 0x0304 -> "13";
      case 0x0303 -> "12";
      case 0x0302 -> "11";
      case 0x0301 -> "10";
      default -> "00";
    };
  }

  private static String two(int number) {
    return number < 10 ? "0" + number : Integer.toString(Math.min(number, 99));
  }

  private static String list(int[] numbers) {
    return IntStream.of(numbers)
        .mapToObj(number -> HexFormat.of().toHexDigits((short) number))
        .collect(Collectors.joining(","));
  }

  private static String digest(String text) {
    try {
      var sha256 = MessageDigest.getInstance("SHA-256");
      byte[] digest = sha256.digest(text.getBytes(StandardCharsets.US_ASCII));
      return HexFormat.of().formatHex(digest, 0, 6);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
