package dev.poststation.smtp;

import org.jspecify.annotations.Nullable;

/// One line of a reply (RFC 5321 4.2.1), taken apart: code, whether it is the last, enhanced
/// status, text. Reused for line after line; confined to the thread of its [ReplyReader].
final class ReplyLine {
  private static final int EXCERPT = 80;

  private int code;
  private boolean last;
  private @Nullable EnhancedStatus status;
  private int statusAt;
  private int textAt;

  int code() {
    return code;
  }

  /// Whether the reply ends with this line.
  boolean last() {
    return last;
  }

  @Nullable EnhancedStatus status() {
    return status;
  }

  /// The text after code and status, made harmless.
  String text(byte[] octets, int end) {
    return PeerText.of(octets, textAt, end);
  }

  /// The same for a further line of a reply: its status is taken off only if it is that of the
  /// first line.
  String text(byte[] octets, int end, @Nullable EnhancedStatus first) {
    boolean same = status != null && status.equals(first);
    return PeerText.of(octets, same ? textAt : statusAt, end);
  }

  void parse(byte[] octets, int from, int end) throws MalformedReplyException {
    int length = end - from;
    code = length < 3 ? -1 : number(octets, from, from + 3);
    // A code alone on its line is allowed (RFC 5321 4.2.1: clients must accept it).
    byte separator = length > 3 ? octets[from + 3] : (byte) ' ';
    if (code < 200 || code > 599 || (separator != ' ' && separator != '-')) {
      String excerpt = PeerText.of(octets, from, Math.min(end, from + EXCERPT));
      throw new MalformedReplyException("no SMTP reply: \"" + excerpt + "\"");
    }
    last = separator == ' ';
    statusAt = Math.min(from + 4, end);
    textAt = statusAt;
    status = null;
    parseStatus(octets, end);
  }

  /// RFC 2034 4: the class must be that of the code; anything else is just text.
  private void parseStatus(byte[] octets, int end) {
    int klass = code / 100;
    if (klass == 3
        || end - statusAt < 5
        || octets[statusAt] != '0' + klass
        || octets[statusAt + 1] != '.') {
      return;
    }
    int dot = digits(octets, statusAt + 2, end);
    if (dot < 0 || dot >= end || octets[dot] != '.') {
      return;
    }
    int after = digits(octets, dot + 1, end);
    if (after < 0 || (after < end && octets[after] != ' ')) {
      return;
    }
    status =
        new EnhancedStatus(
            klass, number(octets, statusAt + 2, dot), number(octets, dot + 1, after));
    textAt = Math.min(after + 1, end);
  }

  /// Where the digits end that begin at `at`: one to three of them; else -1.
  private static int digits(byte[] octets, int at, int end) {
    int i = at;
    while (i < end && octets[i] >= '0' && octets[i] <= '9') {
      i++;
    }
    return i == at || i - at > 3 ? -1 : i;
  }

  private static int number(byte[] octets, int from, int to) {
    int value = 0;
    for (int i = from; i < to; i++) {
      if (octets[i] < '0' || octets[i] > '9') {
        return -1;
      }
      value = value * 10 + (octets[i] - '0');
    }
    return value;
  }
}
