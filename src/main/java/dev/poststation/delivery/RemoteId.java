package dev.poststation.delivery;

import dev.poststation.smtp.Reply;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Finds the queue id that a next hop gave a mail, in its reply to the end of the content. There is
/// no standard; these are the forms in use. Pure functions.
final class RemoteId {
  private static final int LENGTH_MAX = 100;

  /// Words that stand before the id, in lower case; the first that is found decides.
  private static final String[] BEFORE = {
    "queued as ", // Postfix, Poststation, many that follow them
    "internalid=", // Exchange, Microsoft 365
    "ids=", // KumoMTA
    " id=", // Exim, GMX
    "queued (", // Haraka
    " qp ", // qmail
  };

  /// What follows the id at the beginning of the text: Sendmail, OpenSMTPD, Zimbra.
  private static final String AFTER = " message accepted for delivery";

  private RemoteId() {}

  /// The id, or null where none is found.
  static @Nullable String in(Reply reply) {
    for (String line : reply.lines()) {
      String id = in(line);
      if (id != null) {
        return id;
      }
    }
    return null;
  }

  private static @Nullable String in(String line) {
    if (line.length() < 6) {
      return null;
    }
    String text = line.toLowerCase(Locale.ROOT);
    for (String words : BEFORE) {
      int at = text.indexOf(words);
      if (at >= 0) {
        String id = token(line, at + words.length());
        if (id != null && isClosed(line, words, at + words.length() + id.length())) {
          return id;
        }
      }
    }
    int space = text.indexOf(' ');
    if (space > 0 && text.startsWith(AFTER, space)) {
      return token(line, 0);
    }
    if (text.startsWith("ok ")) {
      return afterOk(line, text);
    }
    return null;
  }

  /// "Queued (0.016 seconds)" holds no id.
  private static boolean isClosed(String line, String words, int end) {
    return !words.endsWith("(") || (end < line.length() && line.charAt(end) == ')');
  }

  /// Gmail: `OK 1700000000 id - gsmtp`; Amazon SES: `Ok id`.
  private static @Nullable String afterOk(String line, String text) {
    int at = skipSpaces(text, 2);
    String first = token(line, at);
    if (first == null) {
      return null;
    }
    if (text.endsWith(" - gsmtp")) {
      return token(line, skipSpaces(text, at + first.length()));
    }
    return first.length() >= 20 && at + first.length() == line.length() ? first : null;
  }

  private static int skipSpaces(String text, int from) {
    int i = from;
    while (i < text.length() && text.charAt(i) == ' ') {
      i++;
    }
    return i;
  }

  /// The run of letters, digits and a few signs that begins at `from`, with a digit in it; else
  /// null.
  private static @Nullable String token(String line, int from) {
    int end = from;
    boolean digit = false;
    while (end < line.length() && isPart(line.charAt(end))) {
      digit |= line.charAt(end) >= '0' && line.charAt(end) <= '9';
      end++;
    }
    while (end > from && line.charAt(end - 1) == '.') {
      end--;
    }
    return digit && end - from <= LENGTH_MAX ? line.substring(from, end) : null;
  }

  private static boolean isPart(char c) {
    return (c >= '0' && c <= '9')
        || (c >= 'A' && c <= 'Z')
        || (c >= 'a' && c <= 'z')
        || c == '-'
        || c == '_'
        || c == '.'
        || c == '/'
        || c == ':';
  }
}
