package dev.poststation.milter;

import dev.poststation.smtp.ContentReplies;
import dev.poststation.smtp.EnhancedStatus;
import dev.poststation.smtp.Reply;
import java.util.ArrayList;
import java.util.List;

/// Reads the replies that milters wish for (SMFIR_REPLYCODE). What is none, or none that refuses,
/// becomes one of ours. Pure functions.
final class ReplyCode {
  /// RFC 5321 4.5.3.1.5 has 512 with code, status and CRLF.
  private static final int LINE_MAX = 480;

  private static final int LINES_MAX = 32;

  private ReplyCode() {}

  /// The reply.
  ///
  /// @param text what the milter sent: `550 5.7.1 text`, of several lines with a code each
  static Answer.Refused read(String text) {
    int code = code(text);
    if (code == 0) {
      return new Answer.Refused(ContentReplies.MILTER_DEFERS, false);
    }
    EnhancedStatus status = null;
    List<String> lines = new ArrayList<>();
    for (String line : text.replace("\r\n", "\n").replace('\r', '\n').split("\n", LINES_MAX + 1)) {
      if (lines.size() == LINES_MAX || (line.isEmpty() && !lines.isEmpty())) {
        break;
      }
      String rest = withoutCode(line, code);
      int end = rest.indexOf(' ') < 0 ? rest.length() : rest.indexOf(' ');
      var seen = EnhancedStatus.parse(rest.substring(0, end)).orElse(null);
      if (seen != null) {
        rest = rest.substring(Math.min(rest.length(), end + 1));
        // RFC 2034 4: of the class of the code.
        status = status == null && seen.klass() == code / 100 ? seen : status;
      }
      lines.add(printable(rest));
    }
    if (lines.size() == 1 && lines.getFirst().isBlank()) {
      lines.set(0, ourOwn(code).lines().getFirst());
    }
    var said = status == null ? ourOwn(code).status() : status;
    return new Answer.Refused(new Reply(code, said, lines), code == 421);
  }

  private static Reply ourOwn(int code) {
    return code < 500 ? ContentReplies.MILTER_DEFERS : ContentReplies.MILTER_REFUSES;
  }

  /// The code.
  ///
  /// @return 400 to 599; 0: it is no code that refuses
  private static int code(String text) {
    if (text.length() < 3) {
      return 0;
    }
    int code = 0;
    for (int i = 0; i < 3; i++) {
      char c = text.charAt(i);
      if (c < '0' || c > '9') {
        return 0;
      }
      code = code * 10 + (c - '0');
    }
    boolean whole = text.length() == 3 || " -\r\n".indexOf(text.charAt(3)) >= 0;
    return whole && code >= 400 && code <= 599 ? code : 0;
  }

  private static String withoutCode(String line, int code) {
    boolean has =
        line.startsWith(Integer.toString(code))
            && (line.length() == 3 || line.charAt(3) == ' ' || line.charAt(3) == '-');
    return has ? line.substring(Math.min(line.length(), 4)) : line;
  }

  /// libmilter wants a percent sign written twice, for Sendmail takes it for a format.
  private static String printable(String line) {
    String text = line.replace("%%", "%");
    var plain = new StringBuilder(Math.min(text.length(), LINE_MAX));
    for (int i = 0; i < text.length() && i < LINE_MAX; i++) {
      char c = text.charAt(i);
      plain.append(c == '\t' ? ' ' : c < ' ' || c > 126 ? '?' : c);
    }
    return plain.toString().strip();
  }
}
