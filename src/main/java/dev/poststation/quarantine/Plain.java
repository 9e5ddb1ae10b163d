package dev.poststation.quarantine;

import java.util.regex.Pattern;

/// Makes what strangers wrote fit to be read in a mail and on a page of ours. Pure functions.
public final class Plain {
  private static final Pattern SCHEME = Pattern.compile("(?i)\\bhttp(?=s?:)");

  /// A dot by which a mail program would take a word for a host.
  private static final Pattern DOT = Pattern.compile("(?<=[\\p{L}\\p{N}-])\\.(?=[\\p{L}\\p{N}])");

  /// A word that is an address and nothing else may stay what it is.
  private static final Pattern ADDRESS =
      Pattern.compile("(?U)[<(\"',]*+(?!(?i).*\\bwww\\.)[\\w.+=~'-]+@[\\w.-]+[>)\"',;.]*");

  private Plain() {}

  /// On one line, and cut; without controls, and without characters that cannot be seen or turn the
  /// direction of writing.
  public static String line(String text, int most) {
    var out = new StringBuilder();
    for (int i = 0; i < text.length() && out.length() < most; ) {
      int c = text.codePointAt(i);
      i += Character.charCount(c);
      switch (Character.getType(c)) {
        case Character.FORMAT -> {}
        case Character.CONTROL, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR ->
            out.append(' ');
        case Character.SURROGATE, Character.UNASSIGNED, Character.PRIVATE_USE -> out.append('?');
        default -> out.appendCodePoint(c);
      }
    }
    String clean = out.toString().replaceAll("\\s+", " ").strip();
    return text.length() > most ? clean + "..." : clean;
  }

  /// The same, and no program makes a link of it: a digest is a mail that people trust.
  public static String unlinked(String text, int most) {
    var out = new StringBuilder();
    for (String word : SCHEME.matcher(line(text, most)).replaceAll("hxxp").split(" ", -1)) {
      out.append(out.isEmpty() ? "" : " ");
      out.append(ADDRESS.matcher(word).matches() ? word : DOT.matcher(word).replaceAll("[.]"));
    }
    return out.toString();
  }

  /// As text in HTML, and in an attribute in double quotes.
  public static String html(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("'", "&#39;");
  }
}
