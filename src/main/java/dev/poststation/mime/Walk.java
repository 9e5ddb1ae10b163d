package dev.poststation.mime;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.poststation.config.MimeLimits;
import dev.poststation.message.HeaderFields;
import dev.poststation.message.Octets;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Finds the parts of a mail in one pass over its octets. Confined to one thread.
///
/// A line is a delimiter when it is the boundary of a multipart that is open and nothing but white
/// space follows, as Thunderbird, Python and Go take it; one of an outer multipart ends all that is
/// open within (RFC 2046 5.1.2). What never ends, ends with the mail.
final class Walk {
  /// RFC 2046 allows 70; no mail program makes more than this.
  private static final int BOUNDARY_MAX = 1000;

  private static final String MESSAGE = "message/rfc822";
  private static final String TEXT = "text/plain";

  private final Octets whole;
  private final MimeLimits limits;
  private final List<Open> open = new ArrayList<>();
  private final ByteArrayOutputStream header = new ByteArrayOutputStream();
  private int parts;
  private int headers;

  /// A part whose end is not seen yet.
  private static final class Open {
    private final String path;
    private final long start;
    private byte[] header = {};
    private long body = -1;
    private Part.Labels labels = Part.Labels.NONE;
    private String type;
    private @Nullable String boundary;
    private boolean closed;
    private final List<Part> parts = new ArrayList<>();

    /// @param type where none is written
    Open(String path, long start, String type) {
      this.path = path;
      this.start = start;
      this.type = type;
    }

    boolean inHeader() {
      return body < 0;
    }

    /// Not before what is in it: one that begins at the very delimiter that ends this one, too.
    Part end(long end) {
      long least = parts.isEmpty() ? body : parts.getLast().end();
      return new Part(path, header, start, body, Math.max(least, end), labels, type, parts);
    }
  }

  Walk(Octets whole, MimeLimits limits) {
    this.whole = whole;
    this.limits = limits;
  }

  /// @param first the header of the mail, which is known
  /// @param body where its body begins
  Part run(byte[] first, long body) throws IOException, TooComplexException {
    open.add(new Open("", 0, TEXT));
    begin(first, body);
    if (delimited() || top().inHeader()) {
      var lines = new Lines(whole, body);
      while (lines.next(keep())) {
        line(lines);
      }
      while (top().inHeader()) {
        bodyAt(whole.size());
      }
    }
    while (open.size() > 1) {
      close(whole.size());
    }
    return top().end(whole.size());
  }

  private Open top() {
    return open.getLast();
  }

  private boolean delimited() {
    return open.stream().anyMatch(each -> each.boundary != null);
  }

  private int keep() {
    return top().inHeader() ? Math.max(BOUNDARY_MAX, limits.headers()) + 8 : BOUNDARY_MAX + 8;
  }

  private void line(Lines lines) throws TooComplexException {
    byte[] line = lines.beginning();
    if (line.length > 2 && line[0] == '-' && line[1] == '-' && delimiter(lines, line)) {
      return;
    }
    if (top().inHeader()) {
      headerLine(lines, line);
    }
  }

  // --- Delimiters
  // ----------------------------------------------------------------------------------

  private boolean delimiter(Lines lines, byte[] line) throws TooComplexException {
    String text = new String(line, ISO_8859_1).stripTrailing();
    for (int i = open.size() - 1; i >= 0; i--) {
      String boundary = open.get(i).boundary;
      if (boundary == null || open.get(i).closed || !text.startsWith(boundary, 2)) {
        continue;
      }
      String rest = text.substring(2 + boundary.length());
      if (rest.isEmpty() || rest.equals("--")) {
        delimiter(i, rest.isEmpty(), lines);
        return true;
      }
    }
    return false;
  }

  /// @param of the number of the open multipart to which it belongs
  private void delimiter(int of, boolean more, Lines lines) throws TooComplexException {
    long end = lines.start() - lines.lineEndBefore();
    while (open.size() > of + 1) {
      while (top().inHeader()) {
        bodyAt(Math.max(top().start, end)); // The last line end is of the delimiter.
      }
      close(end);
    }
    var multipart = open.get(of);
    if (more) {
      String number = Integer.toString(multipart.parts.size() + 1);
      String path = multipart.path.isEmpty() ? number : multipart.path + "." + number;
      String unlabelled = multipart.type.equals("multipart/digest") ? MESSAGE : TEXT;
      add(new Open(path, lines.end(), unlabelled));
    } else {
      multipart.closed = true;
    }
  }

  private void add(Open part) throws TooComplexException {
    if (open.size() > limits.depth()) {
      throw new TooComplexException("its parts nest deeper than limits.mime.depth");
    }
    if (++parts > limits.parts()) {
      throw new TooComplexException("it has more parts than limits.mime.parts");
    }
    open.add(part);
  }

  /// Ends the innermost part.
  private void close(long end) {
    var part = open.removeLast();
    top().parts.add(part.end(end));
  }

  // --- Headers
  // ----------------------------------------------------------------------------------

  /// A line of the header of the innermost part, or the first one of its body: as for
  /// [HeaderFields].
  private void headerLine(Lines lines, byte[] line) throws TooComplexException {
    boolean empty = line.length == lines.lineEnd();
    if (empty) {
      bodyAt(lines.end());
    } else if (belongs(line)) {
      header.writeBytes(line);
      if (headers + header.size() > limits.headers()) {
        throw new TooComplexException(
            "the headers of its parts are larger than limits.mime.headers");
      }
    } else {
      bodyAt(lines.start());
      line(lines); // Of a message that begins here, it may be the first line of the header.
    }
  }

  private boolean belongs(byte[] line) {
    if (line[0] == ' ' || line[0] == '\t') {
      return header.size() > 0;
    }
    String name = new String(line, 0, Math.min(5, line.length), ISO_8859_1);
    return (header.size() == 0 && name.equalsIgnoreCase("from "))
        || !HeaderFields.of(line, true).fields().isEmpty();
  }

  private void bodyAt(long body) throws TooComplexException {
    headers += header.size();
    byte[] fields =
        Arrays.copyOf(header.toByteArray(), (int) Math.min(header.size(), body - top().start));
    header.reset();
    begin(fields, body);
  }

  /// The header of the innermost part is over.
  private void begin(byte[] fields, long body) throws TooComplexException {
    var part = top();
    part.header = fields;
    part.body = body;
    part.labels = Part.Labels.of(fields);
    var type = part.labels.contentType();
    if (!type.value().isEmpty()) {
      part.type = type.value();
    }
    String encoding = part.labels.encoding();
    boolean plain = Transfer.isKnown(encoding) && !Transfer.encodes(encoding);
    if (part.type.startsWith("multipart/")) {
      // RFC 2045 6.4 forbids to encode them; where it is written all the same, nobody heeds it.
      part.boundary =
          type.parameter("boundary").map(String::stripTrailing).filter(Walk::usable).orElse(null);
    } else if (plain && (part.type.equals(MESSAGE) || part.type.equals("message/global"))) {
      add(new Open(part.path, body, TEXT));
    }
  }

  private static boolean usable(String boundary) {
    return !boundary.isEmpty() && boundary.length() <= BOUNDARY_MAX;
  }
}
