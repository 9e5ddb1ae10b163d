package dev.poststation.tls;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/// A block of a PEM file (RFC 7468). Immutable.
///
/// @param label such as `CERTIFICATE`
/// @param der empty when it has the header of a traditional encrypted key (RFC 1421)
/// @param encrypted whether it is an encrypted key
public record Pem(String label, byte[] der, boolean encrypted) {
  public static final String CERTIFICATE = "CERTIFICATE";
  public static final String KEY = "PRIVATE KEY";
  public static final String ENCRYPTED_KEY = "ENCRYPTED PRIVATE KEY";

  private static final String BEGIN = "-----BEGIN ";
  private static final String END = "-----END ";
  private static final String DASHES = "-----";
  private static final Base64.Encoder LINES = Base64.getMimeEncoder(64, new byte[] {'\n'});

  /// The blocks of a file, in order; text between them is ignored.
  ///
  /// @throws IllegalArgumentException with a reason when a block does not end or is no base 64
  public static List<Pem> read(byte[] file) {
    String text = new String(file, StandardCharsets.ISO_8859_1);
    List<Pem> blocks = new ArrayList<>();
    int at = text.indexOf(BEGIN);
    while (at >= 0) {
      int labelEnd = text.indexOf(DASHES, at + BEGIN.length());
      if (labelEnd < 0) {
        throw new IllegalArgumentException("it has a broken BEGIN line");
      }
      String label = text.substring(at + BEGIN.length(), labelEnd);
      int bodyStart = labelEnd + DASHES.length();
      int bodyEnd = text.indexOf(END + label + DASHES, bodyStart);
      if (bodyEnd < 0) {
        throw new IllegalArgumentException("its block " + label + " has no END line");
      }
      blocks.add(block(label, text.substring(bodyStart, bodyEnd)));
      at = text.indexOf(BEGIN, bodyEnd);
    }
    return blocks;
  }

  private static Pem block(String label, String body) {
    if (body.contains("ENCRYPTED")) {
      return new Pem(label, new byte[0], true);
    }
    try {
      return new Pem(label, Base64.getMimeDecoder().decode(body), label.equals(ENCRYPTED_KEY));
    } catch (IllegalArgumentException _) {
      throw new IllegalArgumentException("its block " + label + " is not base 64");
    }
  }

  /// A block as text, with its last line end.
  public static String of(String label, byte[] der) {
    String body = LINES.encodeToString(der);
    return BEGIN + label + DASHES + '\n' + body + '\n' + END + label + DASHES + '\n';
  }
}
