package dev.poststation.smime;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;

/// Texts with octets in them (RFC 7468). Pure functions.
final class Pem {
  static final String CERTIFICATE = "CERTIFICATE";
  static final String ENCRYPTED_KEY = "ENCRYPTED PRIVATE KEY";

  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]{1,40})-----([A-Za-z0-9+/=\\s]*+)-----END \\1-----");

  private static final Base64.Encoder ENCODER = Base64.getMimeEncoder(64, new byte[] {'\n'});

  private Pem() {}

  /// A block.
  ///
  /// @param label what it is
  record Block(String label, byte[] octets) {}

  static List<Block> read(byte[] text) throws IOException {
    List<Block> blocks = new ArrayList<>();
    var found = BLOCK.matcher(new String(text, ISO_8859_1));
    while (found.find()) {
      try {
        blocks.add(new Block(found.group(1), Base64.getMimeDecoder().decode(found.group(2))));
      } catch (IllegalArgumentException e) {
        throw new IOException("a block of " + found.group(1) + " is damaged", e);
      }
    }
    return blocks;
  }

  static String of(String label, byte[] octets) {
    return "-----BEGIN %1$s-----\n%2$s\n-----END %1$s-----\n"
        .formatted(label, new String(ENCODER.encode(octets), ISO_8859_1));
  }
}
