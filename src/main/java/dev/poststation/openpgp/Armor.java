package dev.poststation.openpgp;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import org.bouncycastle.bcpg.ArmoredOutputStream;
import org.bouncycastle.openpgp.PGPKeyRing;
import org.bouncycastle.openpgp.PGPSignature;

/// OpenPGP as text (RFC 9580 6.2), without fields that tell which program made it. Pure functions.
final class Armor {
  private Armor() {}

  /// What is written into it.
  @FunctionalInterface
  private interface Writing {
    void to(OutputStream out) throws IOException;
  }

  private static String of(Writing writing) throws IOException {
    var out = new ByteArrayOutputStream();
    try (var armor = ArmoredOutputStream.builder().clearHeaders().build(out)) {
      writing.to(armor);
    }
    return out.toString(StandardCharsets.US_ASCII).replaceAll("\r?\n", "\n");
  }

  /// A key, with lines as files have them.
  static String of(PGPKeyRing ring) throws IOException {
    return of(ring::encode);
  }

  /// Signatures, with lines as mail has them.
  static String of(Collection<PGPSignature> signatures) throws IOException {
    return of(out -> {
          for (var each : signatures) {
            each.encode(out);
          }
        })
        .replace("\n", "\r\n");
  }
}
