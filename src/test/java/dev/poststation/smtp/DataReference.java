package dev.poststation.smtp;

import java.util.Arrays;
import java.util.regex.Pattern;

/// What RFC 5321 4.1.1.4 and 4.5.2 say about DATA, written as simply as can be, to compare the
/// quick decoder with. Characters are octets.
///
/// @param end where the next command begins, or -1 if the data did not end
/// @param content without stuffing
record DataReference(int end, String content) {
  private static final Pattern BARE = Pattern.compile("\r(?!\n)|(?<!\r)\n");

  static DataReference of(String octets) {
    if (octets.startsWith(".\r\n")) {
      return new DataReference(3, "");
    }
    int dot = octets.indexOf("\r\n.\r\n");
    if (dot < 0) {
      return new DataReference(-1, "");
    }
    String stuffed = "\r\n" + octets.substring(0, dot + 2);
    return new DataReference(dot + 5, stuffed.replace("\r\n.", "\r\n").substring(2));
  }

  /// Whether CR or LF stands alone.
  static boolean hasBareNewline(String content) {
    return BARE.matcher(content).find();
  }

  /// With CRLF for each bare CR or LF.
  static String normalised(String content) {
    return BARE.matcher(content).replaceAll("\r\n");
  }

  /// The traits of content.
  static ContentTraits traits(String content) {
    String[] lines = content.split("\r\n", -1);
    return new ContentTraits(
        content.length(),
        content.chars().anyMatch(c -> c > 127),
        Arrays.stream(lines).anyMatch(line -> line.startsWith(".") || line.startsWith("\0")),
        Arrays.stream(lines).anyMatch(line -> line.length() > 998),
        hasBareNewline(content),
        content.isEmpty() || content.endsWith("\r\n"));
  }
}
