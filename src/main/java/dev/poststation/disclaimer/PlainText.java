package dev.poststation.disclaimer;

import dev.poststation.config.DisclaimerService.Position;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Finds the place in a plain text, and writes the lines as that text is written: with its line
/// ends, and flowed where it flows (RFC 3676). Pure functions.
final class PlainText {
  /// RFC 3676 4.2: lines are broken before the 79th character.
  private static final int FLOWED_MAX = 78;

  /// RFC 5322 2.1.1.
  private static final int LINE_MAX = 990;

  /// How mail programs begin what they quote; the longest parts are bounded, so that no text makes
  /// it slow.
  private static final List<Pattern> QUOTES =
      List.of(
          quote(
              "^-{2,30} ?(?:Original[ -]Message|Original[ -]?Nachricht|Urspr.{1,2}ngliche Nachricht"
                  + "|Weitergeleitete Nachricht|Forwarded [Mm]essage.{0,40}|Message d'origine"
                  + "|Mensaje original|Messaggio originale) ?-{2,30}"),
          quote("^_{20,80}[ \\t]*\\r?\\n(?:\\r?\\n)?\\*?(?:Von|From|De|Da): ?\\*?"),
          quote(
              "^\\*?(?:Von|From|De|Da):\\*? [^\\n]{1,500}\\r?\\n"
                  + "\\*?(?:Gesendet|Sent|Date|Datum|Envoy|Enviado|Inviato)[^\\n:]{0,20}:"),
          quote(
              "^(?:On|Am|Le|Il|El|Op|Em|Den|[0-9])[^\\n]{1,200}(?:\\r?\\n[^\\n]{0,200}){0,2}"
                  + "(?:wrote|schrieb|a .{1,2}crit|ha scritto|escribi)[^\\n]{0,80}:[ \\t]*\\r?\\n"
                  + "(?:[ \\t]*\\r?\\n)?>"),
          quote(
              "^[^\\n>]{1,200}(?:wrote|writes|schrieb)[^\\n]{0,80}:[ \\t]*\\r?\\n"
                  + "(?:[ \\t]*\\r?\\n)?>"),
          quote("^>"));

  private PlainText() {}

  private static Pattern quote(String form) {
    return Pattern.compile(form, Pattern.MULTILINE);
  }

  /// @param view the text; of one in an ASCII-compatible charset its octets
  /// @param flowed whether it is format=flowed
  /// @param delSp whether the space at a soft line break is deleted (RFC 3676 4.1)
  static Insertion of(String view, String words, Position position, boolean flowed, boolean delSp) {
    String end = view.contains("\n") && !view.contains("\r\n") ? "\n" : "\r\n";
    String lines = String.join(end, written(words, flowed, delSp));
    int quote = position == Position.ABOVE_QUOTE ? firstQuote(view) : -1;
    if (position == Position.START) {
      return new Insertion(0, lines + end + end);
    }
    if (quote >= 0) {
      return new Insertion(quote, gap(view, quote, end, flowed) + lines + end + end);
    }
    String last = view.endsWith("\n") ? end : "";
    return new Insertion(view.length(), gap(view, view.length(), end, flowed) + lines + last);
  }

  /// What stands between the text before and the words: an empty line.
  private static String gap(String view, int at, String end, boolean flowed) {
    String before = view.substring(0, at);
    if (before.isBlank()) {
      return "";
    }
    var gap = new StringBuilder();
    if (!before.endsWith("\n")) {
      gap.append(end);
    }
    String bare = before.stripTrailing();
    boolean empty = before.substring(bare.length()).chars().filter(c -> c == '\n').count() > 1;
    String line = before.endsWith("\n") ? before.replaceAll("\\r?\\n\\z", "") : before;
    boolean flows = flowed && line.endsWith(" ") && !line.endsWith("-- ");
    if (flows) {
      gap.append(end); // The first one is taken for the rest of the paragraph.
    }
    return empty && !flows ? gap.toString() : gap.append(end).toString();
  }

  private static int firstQuote(String view) {
    int first = -1;
    for (Pattern form : QUOTES) {
      Matcher found = form.matcher(view);
      if (found.find() && (first < 0 || found.start() < first)) {
        first = found.start();
      }
    }
    return first;
  }

  private static List<String> written(String words, boolean flowed, boolean delSp) {
    List<String> written = new ArrayList<>();
    for (String line : words.split("\n", -1)) {
      String rest = line.equals("-- ") ? line : line.stripTrailing();
      int most = flowed ? FLOWED_MAX : LINE_MAX;
      while (rest.length() > most) {
        int space = rest.lastIndexOf(' ', most - 2);
        space = space > 0 ? space : rest.indexOf(' ', most - 1); // A word that is long itself.
        boolean soft = space > 0 && space < LINE_MAX;
        if (!soft && rest.length() <= LINE_MAX) {
          break;
        }
        String piece = rest.substring(0, soft ? space + 1 : LINE_MAX);
        rest = rest.substring(piece.length());
        boolean flows = soft && flowed;
        written.add(stuffed(flows ? piece + (delSp ? " " : "") : piece.stripTrailing(), flowed));
      }
      written.add(stuffed(rest, flowed));
    }
    return written;
  }

  /// RFC 3676 4.4.
  private static String stuffed(String line, boolean flowed) {
    boolean special = line.startsWith(" ") || line.startsWith(">") || line.startsWith("From ");
    return flowed && special ? " " + line : line;
  }
}
