package dev.poststation.content;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.poststation.mime.Mime;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// OpenPGP in the text of a mail, as it was done before RFC 3156. Only what is the whole text
/// counts: what stands around it, or between its lines, is neither encrypted nor signed, and
/// readers cannot tell. Pure functions.
final class InlinePgp {
  private static final int GLANCE = 500;
  private static final String BEGIN = "-----BEGIN PGP ";

  /// BEGIN in base64.
  private static final String BEGIN_64 = "LS0tLS1CRUdJTiBQR1Ag";

  /// RFC 9580 7: in front of the text, the only field, and only by names of digests.
  private static final Pattern HASH =
      Pattern.compile("Hash: *(?:MD5|RIPEMD160|SHA[0-9-]{1,6})(?:, *SHA[0-9-]{1,6}){0,5}");

  /// What is in the armor of a message is gone when that is decrypted.
  private static final Pattern FIELD = Pattern.compile("[A-Za-z-]{1,40}:.*");

  /// Fields of a signature are not signed, and readers see them.
  private static final Pattern NONE = Pattern.compile("(?!)");

  private static final Pattern BASE64 = Pattern.compile("[A-Za-z0-9+/=]*");

  private static final Pattern CHARSET =
      Pattern.compile("(?i)(?:^|\n)Charset: *([A-Za-z0-9._-]{2,40}) *\r?\n");

  private InlinePgp() {}

  /// A text with a signature around it (RFC 9580 7).
  ///
  /// @param text what is signed, with CRLF
  record Signed(byte[] text, byte[] signature) {}

  /// Whether it may be there, at a glance.
  static boolean mayBe(Message message, Enclosure.Type type) throws IOException {
    if (!type.media().equals("text/plain")) {
      return false;
    }
    byte[] head = message.body().slice(0, Math.min(GLANCE, message.body().size())).bytes();
    String text = new String(head, ISO_8859_1).stripLeading();
    return text.startsWith(BEGIN) || text.startsWith(BEGIN_64);
  }

  /// What is encrypted; empty: nothing, or there is anything else.
  static byte[] encrypted(Mime mime) throws IOException {
    var lines = lines(mime);
    return isArmor(lines, "MESSAGE", FIELD) ? octets(lines) : new byte[0];
  }

  /// What is signed, with its signature; empty: nothing, or there is anything else.
  static Optional<Signed> signed(Mime mime) throws IOException {
    var lines = lines(mime);
    int begin = lines.indexOf(BEGIN + "SIGNATURE-----");
    if (begin < 0 || !lines.getFirst().equals(BEGIN + "SIGNED MESSAGE-----")) {
      return Optional.empty();
    }
    int gap = behindFields(lines, HASH);
    var signature = lines.subList(begin, lines.size());
    if (gap >= begin || !lines.get(gap).isEmpty() || !isArmor(signature, "SIGNATURE", NONE)) {
      return Optional.empty();
    }
    List<String> text = new ArrayList<>();
    for (String line : lines.subList(gap + 1, begin)) {
      boolean escaped = line.startsWith("- ");
      if (!escaped && line.startsWith("-")) {
        return Optional.empty(); // RFC 9580 7.1: it is no text.
      }
      text.add(escaped ? trimmed(line.substring(2)) : line);
    }
    return Optional.of(new Signed(octets(text), octets(signature)));
  }

  private static byte[] octets(List<String> lines) {
    return String.join("\r\n", lines).getBytes(ISO_8859_1);
  }

  /// Those of the text, without blank ones around it and blanks at their ends, which nobody signs
  /// (RFC 9580 7.2).
  private static List<String> lines(Mime mime) throws IOException {
    return new String(mime.content(mime.root()), ISO_8859_1)
        .strip()
        .lines()
        .map(line -> line.startsWith("- ") ? line : trimmed(line))
        .toList();
  }

  private static String trimmed(String line) {
    int end = line.length();
    while (end > 0 && (line.charAt(end - 1) == ' ' || line.charAt(end - 1) == '\t')) {
      end--;
    }
    return line.substring(0, end);
  }

  /// Where the first line stands that is no field; the first of all is what begins the block.
  private static int behindFields(List<String> lines, Pattern field) {
    int at = 1;
    while (at < lines.size() && field.matcher(lines.get(at)).matches()) {
      at++;
    }
    return at;
  }

  /// Whether they are one block of armor, and nothing else (RFC 9580 6.2).
  private static boolean isArmor(List<String> lines, String of, Pattern field) {
    int gap = behindFields(lines, field);
    int last = lines.size() - 1;
    return gap < last
        && lines.getFirst().equals(BEGIN + of + "-----")
        && lines.get(gap).isEmpty()
        && lines.get(last).equals("-----END PGP " + of + "-----")
        && lines.subList(gap, last).stream().allMatch(line -> BASE64.matcher(line).matches());
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
