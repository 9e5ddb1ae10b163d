package dev.poststation.backup;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// Copies a stream and says what went through: how much, and its checksum. Confined to one thread.
final class Copying {
  private static final int BUFFER = 64 * 1024;

  private final MessageDigest digest;
  private long octets;

  private Copying(MessageDigest digest) {
    this.digest = digest;
  }

  /// Where a copy goes: what fails there is another matter than what fails at its source.
  interface Destination {
    void write(byte[] octets, int length) throws IOException;
  }

  static Copying copy(InputStream from, Destination to) throws IOException {
    var copying = new Copying(sha256());
    byte[] buffer = new byte[BUFFER];
    for (int read = from.read(buffer); read >= 0; read = from.read(buffer)) {
      to.write(buffer, read);
      copying.digest.update(buffer, 0, read);
      copying.octets += read;
    }
    return copying;
  }

  static Copying copy(InputStream from, OutputStream to) throws IOException {
    return copy(from, (octets, length) -> to.write(octets, 0, length));
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // Every Java has it.
    }
  }

  /// What was copied, as a backup names it.
  Manifest.Entry entry(String name) {
    return new Manifest.Entry(name, octets, HexFormat.of().formatHex(digest.digest()));
  }
}
