package dev.poststation.delivery;

import dev.poststation.message.Content;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/// Walks through the structure of a mail (RFC 2046) from front to end, with bounded memory, and
/// shows its pieces to a visitor; put together again in order they are the mail, octet by octet.
/// Confined to one thread.
///
/// Lines end with CRLF and with nothing else: a bare CR or LF, as BINARYMIME allows, is an octet
/// like others.
final class MimeWalk {
  private static final int PIECE = 8192;
  private static final int HEADER_MAX = 512 * 1024;
  private static final int DEPTH_MAX = 64;
  private static final int PARTS_MAX = 10_000;
  private static final byte[] CRLF = {'\r', '\n'};

  /// Sees the pieces.
  interface Visitor<E extends Exception> {
    /// A header was read; the body follows.
    void header(MimePart part) throws E;

    /// Octets of the body of a leaf or an opaque part.
    void body(MimePart part, byte[] octets, int from, int to) throws E;

    /// The body of a leaf or an opaque part is over.
    ///
    /// @param atEnd whether the mail ends here, too
    void bodyEnd(MimePart part, boolean atEnd) throws E;

    /// Octets that belong to no part: delimiters, and what stands before the first and after the
    /// last.
    void between(byte[] octets, int from, int to) throws E;
  }

  /// A mail that is too large or too deep in structure.
  static final class TooComplexException extends Exception {
    TooComplexException(String message) {
      super(message);
    }
  }

  private enum State {
    HEADER,
    BODY,
    BETWEEN
  }

  private record Level(String delimiter, boolean digest) {}

  private final Content content;
  private final Deque<Level> levels = new ArrayDeque<>();
  private final byte[] line = new byte[PIECE];
  private int length;
  private boolean lineStart = true;

  private State state = State.HEADER;
  private final StringBuilder header = new StringBuilder(1024);
  private boolean messageHeader = true;
  private boolean digest;
  private int parts;
  private @Nullable MimePart part;

  /// The line end before a delimiter belongs to the delimiter: it is kept back until the next line
  /// is known.
  private boolean crlfHeld;

  MimeWalk(Content content) {
    this.content = content;
  }

  <E extends Exception> void run(Visitor<E> visitor)
      throws E, UnreadableContentException, TooComplexException {
    for (int i = 0; i < content.chunks(); i++) {
      for (byte b : Payload.chunk(content, i)) {
        if (length == PIECE) {
          // A CR at the very end may be the first half of a line end.
          int keep = line[length - 1] == '\r' ? 1 : 0;
          piece(visitor, length - keep, false);
          line[0] = '\r';
          length = keep;
          lineStart = false;
        }
        line[length++] = b;
        if (b == '\n' && length > 1 && line[length - 2] == '\r') {
          piece(visitor, length, true);
          length = 0;
          lineStart = true;
        }
      }
    }
    if (length > 0) {
      piece(visitor, length, false);
    }
    end(visitor);
  }

  private <E extends Exception> void piece(Visitor<E> visitor, int size, boolean ends)
      throws E, TooComplexException {
    if (lineStart
        && size > 2
        && line[0] == '-'
        && line[1] == '-'
        && isDelimiter(visitor, size, ends)) {
      return;
    }
    switch (state) {
      case HEADER -> headerLine(visitor, size, ends);
      case BODY -> bodyPiece(visitor, size, ends);
      case BETWEEN -> visitor.between(line, 0, size);
    }
  }

  private <E extends Exception> void headerLine(Visitor<E> visitor, int size, boolean ends)
      throws E, TooComplexException {
    if (lineStart && ends && size == 2) {
      headerEnd(visitor, true);
      return;
    }
    if (lineStart && !isHeaderLine(size)) {
      headerEnd(visitor, false);
      piece(visitor, size, ends);
      return;
    }
    if (header.length() + size > HEADER_MAX) {
      throw new TooComplexException("a header of a part is larger than " + HEADER_MAX + " octets");
    }
    header.append(new String(line, 0, size, StandardCharsets.ISO_8859_1));
  }

  /// Whether it continues a field or begins one: name, colon.
  private boolean isHeaderLine(int size) {
    if (line[0] == ' ' || line[0] == '\t') {
      return header.length() > 0;
    }
    int i = 0;
    while (i < size && line[i] > ' ' && line[i] != ':' && line[i] < 127) {
      i++;
    }
    int name = i;
    while (i < size && (line[i] == ' ' || line[i] == '\t')) {
      i++;
    }
    return name > 0 && i < size && line[i] == ':';
  }

  private <E extends Exception> void headerEnd(Visitor<E> visitor, boolean blankLine)
      throws E, TooComplexException {
    if (parts == PARTS_MAX) {
      throw new TooComplexException("it has more than " + PARTS_MAX + " parts");
    }
    var fresh = new MimePart(parts++, header.toString(), messageHeader, digest, blankLine);
    header.setLength(0);
    part = fresh;
    visitor.header(fresh);
    crlfHeld = false;
    switch (fresh.kind()) {
      case LEAF, OPAQUE -> state = State.BODY;
      case MESSAGE -> {
        state = State.HEADER;
        messageHeader = true;
        digest = false;
      }
      case MULTIPART -> {
        if (levels.size() == DEPTH_MAX) {
          throw new TooComplexException("its parts are nested more than " + DEPTH_MAX + " deep");
        }
        levels.push(new Level("--" + fresh.boundary(), fresh.type().equals("multipart/digest")));
        state = State.BETWEEN;
      }
    }
  }

  private <E extends Exception> void bodyPiece(Visitor<E> visitor, int size, boolean ends)
      throws E {
    releaseCrlf(visitor);
    int to = ends ? size - 2 : size;
    if (to > 0) {
      visitor.body(current(), line, 0, to);
    }
    crlfHeld = ends;
  }

  private <E extends Exception> void releaseCrlf(Visitor<E> visitor) throws E {
    if (crlfHeld) {
      crlfHeld = false;
      visitor.body(current(), CRLF, 0, 2);
    }
  }

  /// If the line is a delimiter of any multipart that is open, the innermost first, all inside of
  /// that ends.
  private <E extends Exception> boolean isDelimiter(Visitor<E> visitor, int size, boolean ends)
      throws E, TooComplexException {
    int inner = 0;
    for (Iterator<Level> open = levels.iterator(); open.hasNext(); inner++) {
      Level level = open.next();
      int after = level.delimiter.length();
      if (!startsWith(level.delimiter, size)) {
        continue;
      }
      boolean last = after + 1 < size && line[after] == '-' && line[after + 1] == '-';
      if (!isPadding(last ? after + 2 : after, ends ? size - 2 : size)) {
        continue;
      }
      endInner(visitor);
      for (int i = 0; i < (last ? inner + 1 : inner); i++) {
        levels.pop();
      }
      visitor.between(line, 0, size);
      state = last ? State.BETWEEN : State.HEADER;
      messageHeader = false;
      digest = level.digest;
      return true;
    }
    return false;
  }

  private boolean startsWith(String delimiter, int size) {
    if (size < delimiter.length()) {
      return false;
    }
    for (int i = 0; i < delimiter.length(); i++) {
      if ((line[i] & 255) != delimiter.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private boolean isPadding(int from, int to) {
    for (int i = from; i < to; i++) {
      if (line[i] != ' ' && line[i] != '\t') {
        return false;
      }
    }
    return true;
  }

  private <E extends Exception> void endInner(Visitor<E> visitor) throws E, TooComplexException {
    switch (state) {
      case HEADER -> {
        // A part that ends within its header.
        headerEnd(visitor, false);
        if (state == State.BODY) {
          visitor.bodyEnd(current(), false);
        } else if (state == State.BETWEEN) {
          levels.pop();
        }
      }
      case BODY -> {
        visitor.bodyEnd(current(), false);
        if (crlfHeld) {
          crlfHeld = false;
          visitor.between(CRLF, 0, 2);
        }
      }
      case BETWEEN -> {}
    }
  }

  private <E extends Exception> void end(Visitor<E> visitor) throws E, TooComplexException {
    if (state == State.HEADER) {
      headerEnd(visitor, false);
    }
    if (state == State.BODY) {
      releaseCrlf(visitor);
      visitor.bodyEnd(current(), true);
    }
  }

  private MimePart current() {
    var known = part;
    if (known == null) {
      throw new IllegalStateException("a body before any header");
    }
    return known;
  }
}
