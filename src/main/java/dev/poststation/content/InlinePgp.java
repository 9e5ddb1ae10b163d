package dev.poststation.content;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.poststation.mime.Mime;
import java.io.IOException;
import java.util.regex.Pattern;

/// OpenPGP in the text of a mail, as it was done before RFC 3156. Only what is the whole text
/// counts: what stands around it is neither encrypted nor signed, and readers cannot tell. Pure
/// functions.
final class InlinePgp {
  private static final int GLANCE = 500;
  private static final String BEGIN = "-----BEGIN PGP ";

  /// BEGIN in base64.
  private static final String BEGIN_64 = "LS0tLS1CRUdJTiBQR1Ag";

  private static final Pattern MESSAGE =
      Pattern.compile(
          "\\s*(-----BEGIN PGP MESSAGE-----.*?-----END PGP MESSAGE-----)\\s*", Pattern.DOTALL);
  private static final Pattern SIGNED =
      Pattern.compile(
          "\\s*(-----BEGIN PGP SIGNED MESSAGE-----.*?\n-----BEGIN PGP SIGNATURE-----"
              + ".*?-----END PGP SIGNATURE-----)\\s*",
          Pattern.DOTALL);
  private static final Pattern CHARSET =
      Pattern.compile("(?i)(?:^|\n)Charset: *([A-Za-z0-9._-]{2,40}) *\r?\n");

  private InlinePgp() {}

  /// Whether it may be there, at a glance.
  static boolean mayBe(Message message, Enclosure.Type type) throws IOException {
    if (!type.media().equals("text/plain")) {
      return false;
    }
    byte[] head = message.body().slice(0, Math.min(GLANCE, message.body().size())).bytes();
    String text = new String(head, ISO_8859_1).stripLeading();
    return text.startsWith(BEGIN) || text.startsWith(BEGIN_64);
  }

  private static String whole(Mime mime, Pattern pattern) throws IOException {
    try (var in = mime.decoded(mime.root())) {
      var found = pattern.matcher(new String(in.readAllBytes(), ISO_8859_1));
      return found.matches() ? found.group(1) : "";
    }
  }

  /// What is encrypted; empty: nothing, or there is text around it.
  static byte[] encrypted(Mime mime) throws IOException {
    return whole(mime, MESSAGE).getBytes(ISO_8859_1);
  }

  /// What is signed, with its signature; empty: nothing, or there is text around it.
  static byte[] signed(Mime mime) throws IOException {
    return whole(mime, SIGNED).getBytes(ISO_8859_1);
  }

  /// The charset of the text in it.
  static String charset(byte[] message, Enclosure.Type type) {
    var named = CHARSET.matcher(new String(message, ISO_8859_1));
    if (named.find()) {
      return named.group(1);
    }
    String outer = type.parameter("charset");
    boolean none = outer.isEmpty() || outer.equals("us-ascii") || !outer.matches("[a-z0-9._-]+");
    return none ? "utf-8" : outer;
  }
}
