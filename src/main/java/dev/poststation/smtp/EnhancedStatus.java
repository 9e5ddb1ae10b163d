package dev.poststation.smtp;

import java.util.Optional;

/// An enhanced mail system status code, `class.subject.detail` (RFC 3463).
public record EnhancedStatus(int klass, int subject, int detail) {
  public EnhancedStatus {
    if ((klass != 2 && klass != 4 && klass != 5)
        || subject < 0
        || subject > 999
        || detail < 0
        || detail > 999) {
      throw new IllegalArgumentException(
          "not an enhanced status: " + klass + "." + subject + "." + detail);
    }
  }

  /// Parses `2.1.5`; empty when the text is no status.
  public static Optional<EnhancedStatus> parse(String text) {
    int first = text.indexOf('.');
    int second = first < 0 ? -1 : text.indexOf('.', first + 1);
    if (first != 1 || second < 0 || text.length() - second > 4 || second - first > 4) {
      return Optional.empty();
    }
    int klass = number(text, 0, first);
    int subject = number(text, first + 1, second);
    int detail = number(text, second + 1, text.length());
    boolean valid = (klass == 2 || klass == 4 || klass == 5) && subject >= 0 && detail >= 0;
    return valid ? Optional.of(new EnhancedStatus(klass, subject, detail)) : Optional.empty();
  }

  private static int number(String text, int from, int to) {
    int value = 0;
    for (int i = from; i < to; i++) {
      char c = text.charAt(i);
      if (c < '0' || c > '9') {
        return -1;
      }
      value = value * 10 + (c - '0');
    }
    return from == to ? -1 : value;
  }

  @Override
  public String toString() {
    return klass + "." + subject + "." + detail;
  }
}
