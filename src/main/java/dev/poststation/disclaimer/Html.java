package dev.poststation.disclaimer;

import dev.poststation.config.DisclaimerService.Position;
import java.util.BitSet;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.jsoup.nodes.Node;
import org.jsoup.parser.Parser;

/// Finds the place in HTML. The library tells where tags are; the markup itself stays as it is.
/// Pure functions.
final class Html {
  /// How mail programs begin what they quote: Outlook, its app and web, Gmail, Thunderbird, Apple
  /// Mail, Yahoo, Proton, Zimbra, K-9.
  private static final String QUOTES =
      "#divRplyFwdMsg, #appendonsend, #mail-editor-reference-message-container,"
          + " a[name=_MailOriginal], div.gmail_quote, div.gmail_quote_container,"
          + " div.moz-cite-prefix, div.moz-forward-container, blockquote[type=cite],"
          + " div.yahoo_quoted, div.protonmail_quote, #zwchr, hr[data-marker=__DIVIDER__],"
          + " div.k9mail-header, div.gmx_quote, div.AppleMailQuote, blockquote.gmail_quote,"
          + " div[style~=(?i)border:\\s*none;\\s*border-top:\\s*solid\\s*#(E1E1E1|B5C4DF)]";

  private static final String MARK = "poststation-end";

  private Html() {}

  /// @param view the markup; of one in an ASCII-compatible charset its octets
  static Insertion of(String view, String markup, Position position) {
    var document = Parser.htmlParser().setTrackPosition(true).parseInput(view, "");
    String end = view.contains("\n") && !view.contains("\r\n") ? "\n" : "\r\n";
    String lines = end + "<div>" + markup.replace("\n", end) + "</div>" + end;
    if (position == Position.START) {
      return new Insertion(start(document), lines);
    }
    int quote = position == Position.ABOVE_QUOTE ? quote(document) : -1;
    int at = quote >= 0 ? quote : end(document, view);
    boolean shown = at < view.length() || isShownAtEnd(view);
    return new Insertion(shown ? at : start(document), lines);
  }

  private static int start(Document document) {
    var body = document.body().sourceRange();
    if (!body.isImplicit()) {
      return body.endPos();
    }
    for (Node child : document.body().childNodes()) {
      if (child.sourceRange().isTracked()) {
        return child.sourceRange().startPos();
      }
    }
    return 0;
  }

  private static int quote(Document document) {
    Element quote = document.selectFirst(QUOTES);
    if (quote == null || !quote.sourceRange().isTracked()) {
      return -1;
    }
    Element before = quote.previousElementSibling();
    boolean outlook = quote.id().equals("divRplyFwdMsg");
    if (outlook && before != null && before.normalName().equals("hr")) {
      return before.sourceRange().startPos();
    }
    return quote.sourceRange().startPos();
  }

  /// Before the last end tag of body: there is more than one where a mail was put into another.
  private static int end(Document document, String view) {
    BitSet covered = null;
    for (String tag : new String[] {"</body", "</html"}) {
      for (int at = view.length() - tag.length(); at >= 0; at--) {
        // Not in lower case: that of some letters is longer than they are.
        if (view.charAt(at) == '<' && view.regionMatches(true, at, tag, 0, tag.length())) {
          covered = covered == null ? covered(document) : covered;
          if (!covered.get(at)) {
            return at;
          }
        }
      }
    }
    return view.length();
  }

  /// Whether what stands behind all of it is seen: not within a comment that is never closed.
  private static boolean isShownAtEnd(String view) {
    return Parser.htmlParser().parseInput(view + "<i id=" + MARK + ">", "").getElementById(MARK)
        != null;
  }

  /// The places within a comment, a script, a tag or the like.
  private static BitSet covered(Document document) {
    var covered = new BitSet();
    document
        .nodeStream()
        .map(Node::sourceRange)
        .filter(range -> range.isTracked() && range.endPos() > range.startPos())
        .forEach(range -> covered.set(range.startPos(), range.endPos()));
    return covered;
  }
}
