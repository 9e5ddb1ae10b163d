package dev.poststation.dkim;

import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.EnumMap;
import java.util.Map;

/// The SHA-256 hash of a body in one of its canonical forms (RFC 6376 3.4.3, 3.4.4), made while the
/// body passes in pieces of any size. Only CR and LF together end a line. Confined to one thread.
///
/// The same hash serves all signatures of a mail that have that form, and seals of ARC.
public final class BodyHash {
  private static final int PIECE = 16 * 1024;

  private final boolean relaxed;
  private final MessageDigest digest = sha256();
  private final byte[] ready = new byte[PIECE];
  private int count;

  /// Line ends that count only if more than line ends follows.
  private long lineEnds;

  private boolean space;
  private boolean carriageReturn;
  private boolean some;

  /// A hash of nothing yet.
  public BodyHash(Form form) {
    this.relaxed = form == Form.RELAXED;
  }

  /// The hashes of a body in these forms; the body is read once.
  ///
  /// @throws IOException when it cannot be read
  public static Map<Form, byte[]> of(Octets body, Collection<Form> forms) throws IOException {
    Map<Form, BodyHash> hashes = new EnumMap<>(Form.class);
    forms.forEach(form -> hashes.computeIfAbsent(form, BodyHash::new));
    byte[] piece = new byte[PIECE];
    try (var in = body.open()) {
      for (int length = in.read(piece); length >= 0; length = in.read(piece)) {
        for (var hash : hashes.values()) {
          hash.update(piece, 0, length);
        }
      }
    }
    Map<Form, byte[]> all = new EnumMap<>(Form.class);
    hashes.forEach((form, hash) -> all.put(form, hash.digest()));
    return all;
  }

  /// The next piece.
  public void update(byte[] octets, int offset, int length) {
    int end = offset + length;
    for (int i = offset; i < end; i++) {
      byte octet = octets[i];
      if (carriageReturn) {
        carriageReturn = false;
        if (octet == '\n') {
          lineEnds++;
          space = false;
          continue;
        }
        content((byte) '\r');
      }
      if (octet == '\r') {
        carriageReturn = true;
      } else if (relaxed && (octet == ' ' || octet == '\t')) {
        space = true;
      } else if (lineEnds == 0 && !space && count < PIECE) {
        ready[count++] = octet; // Most octets.
        some = true;
      } else {
        content(octet);
      }
    }
  }

  private void content(byte octet) {
    for (; lineEnds > 0; lineEnds--) {
      write((byte) '\r');
      write((byte) '\n');
    }
    if (space) {
      write((byte) ' ');
      space = false;
    }
    write(octet);
    some = true;
  }

  private void write(byte octet) {
    if (count == PIECE) {
      digest.update(ready, 0, count);
      count = 0;
    }
    ready[count++] = octet;
  }

  /// The hash; the body has ended.
  public byte[] digest() {
    if (carriageReturn) {
      content((byte) '\r');
      carriageReturn = false;
    }
    if (some || !relaxed) { // RFC 6376 3.4.4: a relaxed body of nothing is nothing.
      write((byte) '\r');
      write((byte) '\n');
    }
    digest.update(ready, 0, count);
    count = 0;
    return digest.digest();
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // Every Java has it.
    }
  }
}
