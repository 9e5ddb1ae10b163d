package dev.poststation.dns;

import java.text.Normalizer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Domain names in the one spelling in which they can be compared and looked up. Pure functions.
///
/// Limits: characters are mapped as IDNA 2008 and UTS 46 (non-transitional) do for practical names:
/// width and compatibility forms folded (NFKC), lower case, composed. So `straße.example` stays a
/// name of its own; the JDK's `java.net.IDN` (IDNA 2003) would make `strasse.example` of it, which
/// may belong to somebody else. Rules about which scripts may be mixed are left to the registries:
/// a name that they do not allow does not exist.
public final class DomainName {
  private static final int LABEL_MAX = 63;
  private static final int NAME_MAX = 253;

  private DomainName() {}

  /// The name with A-labels, in lower case, without dot at the end: `bücher.Example.` becomes
  /// `xn--bcher-kva.example`. Empty when it cannot be a domain name. An underscore is let through:
  /// some hosts have one.
  public static Optional<String> ascii(String name) {
    if (isPlain(name)) {
      return Optional.of(name);
    }
    String dotted = withAsciiDots(name);
    if (dotted.endsWith(".")) {
      dotted = dotted.substring(0, dotted.length() - 1);
    }
    if (dotted.isEmpty() || dotted.length() > NAME_MAX) {
      return Optional.empty();
    }
    var out = new StringBuilder(dotted.length() + 16);
    int start = 0;
    while (start <= dotted.length()) {
      int dot = dotted.indexOf('.', start);
      int end = dot < 0 ? dotted.length() : dot;
      String label = asciiLabel(dotted.substring(start, end));
      if (label == null) {
        return Optional.empty();
      }
      out.append(start == 0 ? "" : ".").append(label);
      start = end + 1;
    }
    return out.length() <= NAME_MAX ? Optional.of(out.toString()) : Optional.empty();
  }

  /// Whether it is already in that spelling: the common case, which costs no allocation.
  private static boolean isPlain(String name) {
    int labelStart = 0;
    int length = name.length();
    for (int i = 0; i < length; i++) {
      char c = name.charAt(i);
      if (c == '.') {
        if (i == labelStart || i - labelStart > LABEL_MAX) {
          return false;
        }
        labelStart = i + 1;
      } else if (!isLabelCharacter(c)) {
        return false;
      }
    }
    return labelStart < length && length - labelStart <= LABEL_MAX && length <= NAME_MAX;
  }

  private static boolean isLabelCharacter(int c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  }

  /// The full stops of Chinese and Japanese keyboards are dots too (RFC 3490 3.1).
  private static String withAsciiDots(String name) {
    return name.replace('\u3002', '.').replace('\uff0e', '.').replace('\uff61', '.');
  }

  private static @Nullable String asciiLabel(String label) {
    String mapped = isAscii(label) ? lowerCase(label) : map(label);
    if (mapped.isEmpty() || !isAllowed(mapped)) {
      return null;
    }
    String encoded = isAscii(mapped) ? mapped : "xn--" + Punycode.encode(mapped);
    return encoded.length() <= LABEL_MAX ? encoded : null;
  }

  private static String map(String label) {
    String folded = lowerCase(Normalizer.normalize(label, Normalizer.Form.NFKC));
    return Normalizer.normalize(folded, Normalizer.Form.NFKC);
  }

  /// Character by character: `String.toLowerCase` would make a final sigma by its place in the
  /// word. What IDNA maps to nothing is left out.
  private static String lowerCase(String text) {
    var out = new StringBuilder(text.length());
    text.codePoints()
        .filter(point -> !isIgnored(point))
        .map(Character::toLowerCase)
        .forEach(out::appendCodePoint);
    return out.toString();
  }

  /// Soft hyphen, zero-width space, variation selectors.
  private static boolean isIgnored(int point) {
    return point == 0xad || point == 0x200b || (point >= 0xfe00 && point <= 0xfe0f);
  }

  private static boolean isAllowed(String label) {
    return label.codePoints().allMatch(DomainName::isAllowed);
  }

  private static boolean isAllowed(int point) {
    if (point < 128) {
      return isLabelCharacter(point);
    }
    return switch (Character.getType(point)) {
      case Character.FORMAT ->
          point == 0x200c || point == 0x200d; // Joiners: IDNA 2008 lets them be.
      case Character.CONTROL,
          Character.SPACE_SEPARATOR,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED ->
          false;
      default -> true;
    };
  }

  private static boolean isAscii(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) >= 128) {
        return false;
      }
    }
    return true;
  }
}
