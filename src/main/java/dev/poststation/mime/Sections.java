package dev.poststation.mime;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.nio.charset.Charset;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.james.mime4j.util.CharsetUtil;
import org.jspecify.annotations.Nullable;

/// The sections of a parameter with `*` in its name (RFC 2231 3 and 4), gathered in any order and
/// put together by their numbers. Where one is missing, the others still follow each other: the end
/// of a name tells what kind of file it is. Confined to one thread.
final class Sections {
  /// Numbers have three digits at most: a header of 1 MiB makes no more of them than fit.
  private static final String NUMBER = "0|[1-9][0-9]{0,2}";

  private record Section(String value, boolean encoded) {}

  private final TreeMap<Integer, Section> sections = new TreeMap<>();
  private @Nullable Section whole;

  /// Another one; of two with the same number, the first one counts.
  ///
  /// @param form behind the first `*`: empty, a number, or a number and `*`
  void add(String form, String value) {
    boolean encoded = form.isEmpty() || form.endsWith("*");
    String number = form.endsWith("*") ? form.substring(0, form.length() - 1) : form;
    if (form.isEmpty()) {
      whole = whole == null ? new Section(value, true) : whole;
    } else if (number.matches(NUMBER)) {
      sections.putIfAbsent(Integer.valueOf(number), new Section(value, encoded));
    }
  }

  /// Whether a part of it is encoded, so that its charset is known.
  boolean isEncoded() {
    return whole != null || sections.values().stream().anyMatch(Section::encoded);
  }

  /// All of it; empty: there is none.
  Optional<String> text() {
    if (whole != null) {
      sections.clear();
      sections.put(0, whole);
    }
    if (sections.isEmpty()) {
      return Optional.empty();
    }
    var octets = new ByteArrayOutputStream();
    String charset = "";
    boolean first = true;
    for (Section section : sections.values()) {
      String value = section.value;
      if (first && section.encoded) {
        String[] told = value.split("'", 3); // Charset, language, and the text.
        charset = told.length == 3 ? told[0] : "";
        value = told[told.length == 3 ? 2 : 0];
      }
      octets.writeBytes(section.encoded ? decoded(value) : value.getBytes(ISO_8859_1));
      first = false;
    }
    return Optional.of(text(octets, charset));
  }

  private static String text(ByteArrayOutputStream octets, String name) {
    Charset charset = name.isBlank() ? null : CharsetUtil.lookup(name.strip());
    return charset == null
        ? FieldText.characters(octets.toString(ISO_8859_1))
        : octets.toString(charset);
  }

  /// Without `%XX`, and without anything else undone: `+` is one.
  private static byte[] decoded(String value) {
    var octets = new ByteArrayOutputStream(value.length());
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      int high = c == '%' && i + 2 < value.length() ? digit(value.charAt(i + 1)) : -1;
      int low = high >= 0 ? digit(value.charAt(i + 2)) : -1;
      if (low >= 0) {
        octets.write(16 * high + low);
        i += 2;
      } else {
        octets.write(c);
      }
    }
    return octets.toByteArray();
  }

  private static int digit(char c) {
    return c < 128 ? Character.digit(c, 16) : -1;
  }
}
