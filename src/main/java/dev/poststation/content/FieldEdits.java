package dev.poststation.content;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.poststation.message.HeaderFields;
import java.io.ByteArrayOutputStream;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import org.apache.james.mime4j.codec.EncoderUtil;

/// Changes of the header of a mail, gathered, and then made at once. Places are those of the header
/// as it was; all fields that are not named stay as they are, to the octet. Confined to one thread.
final class FieldEdits {
  private static final int LINE = 76;

  /// Of a line, in characters (RFC 5322 2.1.1): of a longer word the rest is cut off.
  private static final int TEXT_MAX = 900;

  private static final byte[] CRLF = {'\r', '\n'};

  private final Message message;
  private final List<HeaderFields.Field> fields;
  private final BitSet removed = new BitSet();

  /// By the place before which they come.
  private final TreeMap<Integer, String> added = new TreeMap<>();

  FieldEdits(Message message) {
    this.message = message;
    this.fields = message.fields().fields();
  }

  /// Whether a field can have this name (RFC 5322 2.2).
  static boolean isName(String name) {
    return !name.isEmpty()
        && name.length() <= LINE
        && name.chars().allMatch(c -> c > ' ' && c < 127 && c != ':');
  }

  /// Removes all fields of a name.
  void remove(String name) {
    remove(name, 0);
  }

  /// Removes one of those that have a name.
  ///
  /// @param which 1: the first; -1: the last; 0: all
  void remove(String name, int which) {
    String wanted = name.toLowerCase(Locale.ROOT);
    var found = new BitSet();
    for (int i = 0; i < fields.size(); i++) {
      if (fields.get(i).name().equals(wanted)) {
        found.set(i);
      }
    }
    int count = found.cardinality();
    int number = which < 0 ? count + which : which - 1;
    if (which == 0) {
      removed.or(found);
    } else if (number >= 0 && number < count) {
      removed.set(found.stream().skip(number).findFirst().orElseThrow());
    }
  }

  /// Adds a field.
  ///
  /// @param place before which one; 0: in front; -1: behind the last one
  void add(String name, String value, int place) {
    int at = Math.clamp(place < 0 ? fields.size() + 1 + place : place, 0, fields.size());
    added.merge(at, field(name, value), String::concat);
  }

  /// Makes the fields of a name this one, in the place of the first one, or in front.
  void replace(String name, String value) {
    String wanted = name.toLowerCase(Locale.ROOT);
    int first = 0;
    while (first < fields.size() && !fields.get(first).name().equals(wanted)) {
      first++;
    }
    remove(name);
    add(name, value, first == fields.size() ? 0 : first);
  }

  boolean isEmpty() {
    return removed.isEmpty() && added.isEmpty();
  }

  /// The mail with these changes; the same one without any.
  Message apply() {
    if (isEmpty()) {
      return message;
    }
    byte[] header = message.header();
    var changed = new ByteArrayOutputStream(header.length + 256);
    int from = 0;
    for (int i = 0; i < fields.size(); i++) {
      var field = fields.get(i);
      changed.writeBytes(added.getOrDefault(i, "").getBytes(UTF_8));
      if (removed.get(i)) {
        changed.write(header, from, field.start() - from);
        from = field.end();
      } else {
        changed.write(header, from, field.end() - from);
        from = field.end();
      }
    }
    changed.write(header, from, header.length - from);
    byte[] last = added.getOrDefault(fields.size(), "").getBytes(UTF_8);
    boolean kept = !fields.isEmpty() && !removed.get(fields.size() - 1);
    if (last.length > 0 && kept && header[header.length - 1] != '\n') {
      changed.writeBytes(CRLF); // By BDAT a mail may end within its header.
    }
    changed.writeBytes(last);
    return message.withHeader(changed.toByteArray());
  }

  /// A text of any characters for a field: octets above 127 would demand SMTPUTF8 of the next hop
  /// (RFC 2047).
  static String encoded(String name, String text) {
    return EncoderUtil.encodeIfNecessary(
        text.strip(), EncoderUtil.Usage.TEXT_TOKEN, name.length() + 2);
  }

  /// A field as it stands in the header. Where its text has lines they stay; a long text without
  /// any gets some, where it has spaces.
  static String field(String name, String value) {
    String text = lines(name.length() + 2, value);
    if (text.indexOf('\n') < 0 && name.length() + text.length() + 2 > LINE) {
      text = folded(name.length() + 2, text);
    }
    return name + ": " + text + "\r\n";
  }

  /// With CRLF and white space between two lines, and nothing else that ends one. A line that is
  /// too long for a header is folded.
  private static String lines(int begun, String value) {
    var text = new StringBuilder();
    for (String line : value.strip().split("\r\n|\r|\n", -1)) {
      String clean = line.replaceAll("[\\x00-\\x08\\x0a-\\x1f\\x7f]", "").stripTrailing();
      if (!clean.isBlank()) {
        if (clean.length() > TEXT_MAX) {
          clean = folded(text.isEmpty() ? begun : 1, clean.strip());
        }
        boolean begins = clean.startsWith(" ") || clean.startsWith("\t");
        text.append(text.isEmpty() ? "" : begins ? "\r\n" : "\r\n\t").append(clean);
      }
    }
    return text.toString();
  }

  private static String folded(int begun, String text) {
    var folded = new StringBuilder();
    int column = begun;
    for (String word : text.split(" ", -1)) {
      boolean fits = column + 1 + word.length() <= LINE;
      if (!folded.isEmpty() && word.isEmpty() && !fits) {
        continue; // No line is white space alone.
      }
      if (!folded.isEmpty()) {
        folded.append(fits ? " " : "\r\n ");
        column = fits ? column + 1 : 1;
      }
      folded.append(word, 0, Math.min(word.length(), TEXT_MAX));
      column += word.length();
    }
    return folded.toString();
  }
}
