package dev.poststation.profile;

import java.util.List;
import java.util.Locale;
import java.util.Set;

/// Makes of what a device says what it always says: versions, numbers and random letters become
/// signs for them. Peers choose what goes in; what comes out is short, and printable ASCII. Pure
/// functions.
final class Forms {
  /// Whatever is longer ends there.
  static final int LENGTH_MAX = 100;

  private static final int LOOKED_AT_MAX = 300;
  private static final int WORD_MIN = 4;
  private static final int WORD_MAX = 16;
  private static final int HEX_MIN = 8;
  private static final Set<String> CALENDAR =
      Set.of(
          "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec", "mon",
          "tue", "wed", "thu", "fri", "sat", "sun");

  /// Fields that come and go with the single mail.
  private static final Set<String> PASSING =
      Set.of(
          "received",
          "return-path",
          "cc",
          "bcc",
          "reply-to",
          "in-reply-to",
          "references",
          "x-priority",
          "priority",
          "importance",
          "x-msmail-priority",
          "thread-topic",
          "thread-index",
          "sender",
          "disposition-notification-to",
          "auto-submitted");

  private Forms() {}

  /// A text as it is, made harmless.
  static String plain(String text) {
    var out = new StringBuilder(Math.min(text.length(), LENGTH_MAX));
    for (int i = 0; i < text.length() && out.length() < LENGTH_MAX; i++) {
      char c = text.charAt(i);
      out.append(c < ' ' || c > '~' ? '?' : c);
    }
    return out.toString();
  }

  /// The name in EHLO: an address literal is one like the other, and numbers may vary.
  static String name(String name) {
    String text = plain(name).toLowerCase(Locale.ROOT);
    if (text.startsWith("[")) {
      return "[address]";
    }
    boolean numeric = !text.isEmpty();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      numeric &= digit(c) || c == '.';
    }
    return numeric ? "an address" : withoutNumbers(text);
  }

  /// Runs of digits become 0, and long hexadecimal words #.
  private static String withoutNumbers(String text) {
    var out = new StringBuilder(text.length());
    int at = 0;
    while (at < text.length()) {
      int end = at;
      boolean digits = false;
      while (end < text.length() && hex(text.charAt(end))) {
        digits |= digit(text.charAt(end));
        end++;
      }
      if (digits && end - at >= HEX_MIN) {
        out.append('#');
        at = end;
      } else if (digit(text.charAt(at))) {
        while (at < text.length() && digit(text.charAt(at))) {
          at++;
        }
        out.append('0');
      } else {
        out.append(text.charAt(at++));
      }
    }
    return out.toString();
  }

  /// The name of a program: whatever has a digit in it is a version, or a date, and so are the
  /// names of months and days.
  static String program(String text) {
    var out = new StringBuilder();
    int length = Math.min(text.length(), LOOKED_AT_MAX);
    int at = 0;
    while (at < length && out.length() < LENGTH_MAX) {
      int end = at;
      while (end < length && versionLike(text.charAt(end))) {
        end++;
      }
      if (end > at) {
        append(out, text.substring(at, end));
        at = end;
      } else {
        char c = text.charAt(at++);
        boolean space = c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == ',';
        if (!space) {
          out.append(c < ' ' || c > '~' ? '?' : c);
        } else if (!out.isEmpty() && out.charAt(out.length() - 1) != ' ') {
          out.append(' ');
        }
      }
    }
    String all = out.toString().strip();
    return all.length() > LENGTH_MAX ? all.substring(0, LENGTH_MAX) : all;
  }

  private static boolean versionLike(char c) {
    return letter(c) || digit(c) || c == '.' || c == '_' || c == '-' || c == ':' || c == '+';
  }

  private static void append(StringBuilder out, String word) {
    int digit = 0;
    while (digit < word.length() && !digit(word.charAt(digit))) {
      digit++;
    }
    boolean passing = digit < word.length() || CALENDAR.contains(word.toLowerCase(Locale.ROOT));
    if (!passing) {
      out.append(word);
      return;
    }
    int letters = digit < word.length() && digit >= 3 ? digit : 0;
    String kept = word.substring(0, letters);
    if (!kept.isEmpty() || !endsWithZero(out)) {
      out.append(kept).append('0');
    } else {
      out.setLength(out.length() - 1); // Of a row of numbers, one is left, without the space.
    }
  }

  private static boolean endsWithZero(StringBuilder out) {
    int length = out.length();
    return length >= 2 && out.charAt(length - 1) == ' ' && out.charAt(length - 2) == '0';
  }

  /// The form of something that is different each time: its punctuation and its words are kept;
  /// what else is in it becomes one letter: `d` decimal, `h` or `H` hexadecimal, `a`, `A` or `x`
  /// letters in small, in capital or in both, with digits.
  static String shape(String text) {
    int length = Math.min(text.length(), LOOKED_AT_MAX);
    char sign = sign(text, length);
    var out = new StringBuilder();
    int at = 0;
    while (at < length && out.length() < LENGTH_MAX) {
      char c = text.charAt(at);
      int end = at + 1;
      if (letter(c) || digit(c)) {
        while (end < length && (letter(text.charAt(end)) || digit(text.charAt(end)))) {
          end++;
        }
        if (isWord(text, at, end)) {
          out.append(text, at, end);
        } else {
          out.append(sign);
        }
      } else {
        while (end < length && text.charAt(end) == c) {
          end++;
        }
        char shown = c < ' ' || c > '~' ? '?' : c;
        out.append(shown);
        if (end - at > 1) {
          out.append(end - at > 3 ? '+' : shown);
        }
      }
      at = end;
    }
    return out.toString();
  }

  /// Letters, at least four of a kind after each capital: random ones are hardly ever so.
  private static boolean isWord(String text, int from, int to) {
    boolean beyondHex = false;
    int run = 0;
    for (int i = from; i < to; i++) {
      char c = text.charAt(i);
      if (!letter(c)) {
        return false;
      }
      beyondHex |= !hex(c);
      boolean begins = i > from && upper(c) && !upper(text.charAt(i - 1));
      boolean breaks = i > from && !upper(c) && upper(text.charAt(i - 1)) && run > 1;
      if (breaks || (begins && run < WORD_MIN)) {
        return false;
      }
      run = begins ? 1 : run + 1;
    }
    return beyondHex && run >= WORD_MIN && to - from <= WORD_MAX;
  }

  private static char sign(String text, int length) {
    boolean small = false;
    boolean capital = false;
    boolean other = false;
    int at = 0;
    while (at < length) {
      int end = at;
      while (end < length && (letter(text.charAt(end)) || digit(text.charAt(end)))) {
        end++;
      }
      if (end > at && !isWord(text, at, end)) {
        for (int i = at; i < end; i++) {
          char c = text.charAt(i);
          small |= letter(c) && !upper(c);
          capital |= letter(c) && upper(c);
          other |= letter(c) && !hex(c);
        }
      }
      at = Math.max(end, at + 1);
    }
    if (!small && !capital) {
      return 'd';
    }
    if (small && capital) {
      return 'x';
    }
    return other ? (small ? 'a' : 'A') : (small ? 'h' : 'H');
  }

  /// The form of a Message-ID.
  static String messageId(String text) {
    String id = text.strip();
    if (id.isEmpty()) {
      return "none";
    }
    int at = id.lastIndexOf('@');
    if (at < 0) {
      return shape(id);
    }
    String host = name(id.substring(at + 1));
    String all = shape(id.substring(0, at)) + "@" + (host.startsWith("[") ? "[address]" : host);
    return all.length() > LENGTH_MAX ? all.substring(0, LENGTH_MAX) : all;
  }

  /// The form of a date: whether there is a day of the week, seconds, and how the zone is written.
  static String date(String text) {
    String date = text.strip();
    if (date.isEmpty()) {
      return "none";
    }
    var words = List.of(plain(date.replaceAll("\\s", " ")).split(" +", 10));
    boolean weekday = words.getFirst().endsWith(",");
    int first = weekday ? 1 : 0;
    if (words.size() < first + 4) {
      return "unusual";
    }
    int colons = (int) words.get(first + 3).chars().filter(c -> c == ':').count();
    if (colons == 0 || colons > 2) {
      return "unusual";
    }
    String zone = words.size() > first + 4 ? zone(words.get(first + 4)) : "without zone";
    boolean comment = words.size() > first + 5;
    return (weekday ? "Ddd, " : "")
        + "D Mon "
        + (words.get(first + 2).length() == 2 ? "YY " : "YYYY ")
        + (colons == 2 ? "hh:mm:ss " : "hh:mm ")
        + zone
        + (comment ? " (name)" : "");
  }

  private static String zone(String word) {
    if (word.equals("-0000")) {
      return word;
    }
    return word.startsWith("+") || word.startsWith("-") ? "+hhmm" : "name";
  }

  /// How a day before the tenth is written; empty where the day is a later one.
  static String day(String date) {
    String text = date.strip();
    int comma = text.indexOf(',');
    String rest = comma < 0 || comma > 4 ? text : text.substring(comma + 1);
    int at = 0;
    while (at < rest.length() && rest.charAt(at) == ' ') {
      at++;
    }
    int end = at;
    while (end < rest.length() && digit(rest.charAt(end))) {
      end++;
    }
    return switch (end - at) {
      case 1 -> at > 1 ? "_D" : "D";
      case 2 -> rest.charAt(at) == '0' ? "0D" : "";
      default -> "";
    };
  }

  /// The type without its parameters; `none` where there is none.
  static String contentType(String field) {
    int end = field.indexOf(';');
    String type = plain(end < 0 ? field : field.substring(0, end)).strip();
    return type.isEmpty() ? "none" : type.toLowerCase(Locale.ROOT);
  }

  /// The form of the boundary; empty where the type has none.
  static String boundary(String field) {
    int at = field.toLowerCase(Locale.ROOT).indexOf("boundary=");
    if (at < 0) {
      return "";
    }
    String rest = field.substring(at + "boundary=".length());
    boolean quoted = rest.startsWith("\"");
    int from = quoted ? 1 : 0;
    int end = from;
    while (end < rest.length() && (quoted ? rest.charAt(end) != '"' : inToken(rest.charAt(end)))) {
      end++;
    }
    return (quoted ? "\"" : "") + shape(rest.substring(from, end));
  }

  private static boolean inToken(char c) {
    return c > ' ' && c != ';';
  }

  /// The fields of a header in their order and spelling, without those that come and go.
  static String order(List<String> names) {
    var out = new StringBuilder();
    int hash = 7;
    for (String name : names) {
      if (PASSING.contains(name.toLowerCase(Locale.ROOT))) {
        continue;
      }
      if (out.length() + name.length() < 2 * LENGTH_MAX) {
        out.append(out.isEmpty() ? "" : " ").append(plain(name));
      } else {
        hash = 31 * hash + name.hashCode();
      }
    }
    return hash == 7 ? out.toString() : out + " #" + Integer.toHexString(hash);
  }

  private static boolean digit(char c) {
    return c >= '0' && c <= '9';
  }

  private static boolean letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  }

  private static boolean upper(char c) {
    return c >= 'A' && c <= 'Z';
  }

  private static boolean hex(char c) {
    return digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
  }
}
