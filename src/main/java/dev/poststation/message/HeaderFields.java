package dev.poststation.message;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// The fields of a header (RFC 5322 2.2) with the places of their octets, so that one can be
/// changed and all the others stay as they are. Immutable.
///
/// The header ends at the first empty line, or at the first line that cannot belong to one. LF ends
/// a line, with CR before it or without: whoever reads the mail may take it so.
///
/// @param fields in their order
/// @param whole whether the end of the header was seen
public record HeaderFields(List<Field> fields, boolean whole) {
  /// A field.
  ///
  /// @param name in lower case
  /// @param start of its name
  /// @param value behind the colon
  /// @param end behind its last line end, if it has one
  public record Field(String name, int start, int value, int end) {
    /// All that stands behind the colon, with its line ends; one octet a character.
    ///
    /// @param header in which it is
    public String raw(byte[] header) {
      return new String(header, value, end - value, StandardCharsets.ISO_8859_1);
    }
  }

  public HeaderFields {
    fields = List.copyOf(fields);
  }

  /// Reads the header that these octets begin with.
  ///
  /// @param atEnd whether no more octets follow
  public static HeaderFields of(byte[] octets, boolean atEnd) {
    List<Field> fields = new ArrayList<>();
    int at = 0;
    while (at < octets.length) {
      int next = lineEnd(octets, at);
      if (!atEnd && octets[next - 1] != '\n') {
        return new HeaderFields(fields, false);
      }
      int colon = colon(octets, at, next);
      if (octets[at] == ' ' || octets[at] == '\t') {
        if (fields.isEmpty()) {
          return new HeaderFields(fields, true);
        }
        var folded = fields.removeLast();
        fields.add(new Field(folded.name, folded.start, folded.value, next));
      } else if (colon > 0) {
        fields.add(new Field(name(octets, at, colon), at, colon + 1, next));
      } else if (!fields.isEmpty() || !isMailboxLine(octets, at)) {
        return new HeaderFields(fields, true);
      }
      at = next;
    }
    return new HeaderFields(fields, atEnd);
  }

  private static int lineEnd(byte[] octets, int from) {
    int at = from;
    while (at < octets.length && octets[at] != '\n') {
      at++;
    }
    return Math.min(octets.length, at + 1);
  }

  /// White space before the colon is obsolete but legal (RFC 5322 4.5.1).
  ///
  /// @return where it stands; 0 when the line begins no field
  private static int colon(byte[] octets, int from, int to) {
    int at = from;
    while (at < to && octets[at] > ' ' && octets[at] < 127 && octets[at] != ':') {
      at++;
    }
    boolean named = at > from;
    while (at < to && (octets[at] == ' ' || octets[at] == '\t')) {
      at++;
    }
    return named && at < to && octets[at] == ':' ? at : 0;
  }

  private static String name(byte[] octets, int from, int colon) {
    return new String(octets, from, colon - from, StandardCharsets.US_ASCII)
        .strip()
        .toLowerCase(Locale.ROOT);
  }

  /// The line `From …` that a mailbox file puts on top of a mail.
  private static boolean isMailboxLine(byte[] octets, int at) {
    return octets.length - at > 5
        && new String(octets, at, 5, StandardCharsets.US_ASCII).equalsIgnoreCase("from ");
  }

  /// The octets of a text that has one per character, taken for UTF-8.
  static String utf8(String octets) {
    return octets.chars().allMatch(c -> c < 128)
        ? octets
        : new String(octets.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
  }
}
