package dev.poststation.smtp;

import java.io.IOException;

/// Finds the end of DATA, removes dot-stuffing (RFC 5321 4.5.2), and looks at the content. Confined
/// to the session's thread.
///
/// The rule that keeps smugglers out: **what ends the data, and which dot is stuffing, is decided
/// on the octets as they came, and only CRLF begins a line there.** Making CRLF of bare CR or LF
/// happens behind that decision. So `<LF>.<LF>`, `<LF>.<CRLF>`, `<CR>.<CR>`, `<CRLF>.<LF>` and all
/// their relatives are content (RFC 5321 2.3.8, 4.1.1.4), and a dot behind a bare LF stays, whether
/// or not the client meant it as stuffing: a dot too many is a blemish, a lost one a changed mail.
final class DataDecoder {
  private static final byte[] CRLF = {'\r', '\n'};
  private static final byte CR = '\r';
  private static final byte LF = '\n';

  private final boolean normalise;
  private final ControlFinder finder = new ControlFinder();
  private ContentSink sink;

  private boolean ended;
  private boolean refused;
  private boolean normalised;

  /// CRLF, or nothing yet, came last.
  private boolean lineStart = true;

  /// A bare CR or LF came last.
  private boolean brokenLineStart;

  /// What lies before it has gone to the sink.
  private int run;

  /// Octets of the line under way that came with earlier calls.
  private int column;

  /// Where the line under way begins; may lie before the range of this call.
  private int lineBegin;

  private long size;
  private boolean dotLines;
  private boolean longLines;

  DataDecoder(DataMode mode, ContentSink sink) {
    this.normalise = mode == DataMode.NORMALISE;
    this.sink = sink;
  }

  /// Whether CRLF.CRLF was found.
  boolean ended() {
    return ended;
  }

  /// What was found, once it has ended.
  DataResult result() {
    if (refused) {
      return new DataResult.BareNewline();
    }
    var traits = new ContentTraits(size, finder.eightBit(), dotLines, longLines, false, true);
    return new DataResult.Complete(traits, normalised);
  }

  /// Takes what can be decided on, and returns where the rest begins: at most two octets, to be
  /// given again with what follows them; or, when the data has ended, where the next command
  /// begins.
  int decode(byte[] octets, int from, int to) throws IOException {
    run = from;
    lineBegin = from - column;
    int at = from;
    while (true) {
      if (lineStart) {
        at = beginLine(octets, at, to);
        if (ended) {
          return at;
        }
        if (lineStart) {
          break; // Too little to tell stuffing from the end.
        }
      } else if (brokenLineStart && at < to) {
        dotLines |= octets[at] == '.' || octets[at] == 0;
        brokenLineStart = false;
      }
      at = finder.next(octets, at, to);
      if (at == to || (octets[at] == CR && at + 1 == to)) {
        break;
      }
      if (octets[at] == CR && octets[at + 1] == LF) {
        longLines |= at - lineBegin > ContentTraits.LINE_MAX;
        lineStart = true;
        at += 2;
      } else {
        if (octets[at] == CR || octets[at] == LF) {
          bareNewline(octets, at);
        }
        at++;
      }
    }
    flush(octets, at);
    // A line may be longer than an int can count, but that it is too long is known long before.
    column = lineStart ? 0 : Math.min(at - lineBegin, ContentTraits.LINE_MAX + 1);
    return at;
  }

  /// Looks for a dot where a line begins, and returns where its content begins, or the next
  /// command.
  private int beginLine(byte[] octets, int at, int to) throws IOException {
    if (at == to) {
      return at;
    }
    int begin = at;
    if (octets[at] == '.') {
      int rest = to - at;
      if (rest == 1 || (rest == 2 && octets[at + 1] == CR)) {
        return at;
      }
      flush(octets, at);
      if (octets[at + 1] == CR && octets[at + 2] == LF) {
        ended = true;
        return at + 3;
      }
      begin = at + 1;
      run = begin;
    }
    dotLines |= octets[begin] == 0 || (begin > at && octets[begin] == '.');
    lineStart = false;
    lineBegin = begin;
    return begin;
  }

  /// Deals with a CR or LF that stands alone.
  private void bareNewline(byte[] octets, int at) throws IOException {
    if (normalise) {
      flush(octets, at);
      pass(CRLF, 0, 2);
      run = at + 1;
      longLines |= at - lineBegin > ContentTraits.LINE_MAX;
      lineBegin = at + 1;
      brokenLineStart = true;
      normalised = true;
    } else if (!refused) {
      flush(octets, at);
      refused = true;
      sink = (ignored, offset, length) -> {};
    }
  }

  /// Hands on the run, which ends at `to`.
  private void flush(byte[] octets, int to) throws IOException {
    if (run < to) {
      pass(octets, run, to - run);
      run = to;
    }
  }

  private void pass(byte[] octets, int offset, int length) throws IOException {
    size += length;
    sink.accept(octets, offset, length);
  }
}
