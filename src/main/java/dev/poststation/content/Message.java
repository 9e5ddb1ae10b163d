package dev.poststation.content;

import dev.poststation.config.MimeLimits;
import dev.poststation.message.Edit;
import dev.poststation.message.HeaderFields;
import dev.poststation.message.Octets;
import dev.poststation.mime.Mime;
import dev.poststation.mime.Splice;
import dev.poststation.mime.TooComplexException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/// The content of a mail while services look at it: its header in memory, and its body. Immutable;
/// a service that changes something makes another one, in which all that stays is the same octets.
///
/// @param header the fields with the end of each line, those that this relay puts in front
///   included; not to be changed by the caller
/// @param gap the empty line between header and body; empty when the mail has no body, or one that
///   follows its header without it
public record Message(byte[] header, byte[] gap, Octets body) {
  private static final byte[] NOTHING = {};
  private static final byte[] EMPTY_LINE = {'\r', '\n'};

  /// Reads where the header ends.
  ///
  /// @param front fields that this relay puts in front
  /// @param content what came
  /// @param headerMax no header that came is longer
  /// @throws IOException when the spool cannot read it
  public static Message of(byte[] front, Octets content, int headerMax) throws IOException {
    if (endsWithEmptyLine(front)) { // What came has no header.
      byte[] fields = Arrays.copyOf(front, front.length - EMPTY_LINE.length);
      return new Message(fields, EMPTY_LINE, content);
    }
    byte[] begin = content.slice(0, Math.min(content.size(), headerMax + 2L)).bytes();
    var fields = HeaderFields.of(begin, begin.length == content.size()).fields();
    int end = fields.isEmpty() ? 0 : fields.getLast().end();
    int gap = gap(begin, end);
    var header = new ByteArrayOutputStream(front.length + end);
    header.writeBytes(front);
    header.write(begin, 0, end);
    return new Message(
        header.toByteArray(),
        gap == 0 ? NOTHING : Arrays.copyOfRange(begin, end, end + gap),
        content.slice((long) end + gap, content.size()));
  }

  /// Whether fields end with an empty line, because what follows them has no header.
  public static boolean endsWithEmptyLine(byte[] fields) {
    int length = fields.length;
    return length >= 4
        && fields[length - 4] == '\r'
        && fields[length - 3] == '\n'
        && fields[length - 2] == '\r'
        && fields[length - 1] == '\n';
  }

  private static int gap(byte[] octets, int at) {
    if (at < octets.length && octets[at] == '\n') {
      return 1;
    }
    return at + 1 < octets.length && octets[at] == '\r' && octets[at + 1] == '\n' ? 2 : 0;
  }

  /// Where the fields of the header are.
  public HeaderFields fields() {
    return HeaderFields.of(header, true);
  }

  /// Octets of all of it.
  public long size() {
    return header.length + gap.length + body.size();
  }

  /// All of it.
  public Octets octets() {
    return Octets.joined(List.of(Octets.of(header), Octets.of(gap), body));
  }

  /// The same with another header.
  public Message withHeader(byte[] other) {
    return new Message(other, gap, body);
  }

  /// The same with another body.
  public Message withBody(Octets other) {
    return new Message(header, EMPTY_LINE, other);
  }

  /// The same with fields in front.
  ///
  /// @param fields with CRLF at the end of each line
  public Message withFront(byte[] fields) {
    byte[] all = Arrays.copyOf(fields, fields.length + header.length);
    System.arraycopy(header, 0, all, fields.length, header.length);
    return withHeader(all);
  }

  /// Its parts.
  ///
  /// @throws TooComplexException when it has more than the limits allow
  /// @throws IOException when the spool cannot read it
  public Mime mime(MimeLimits limits) throws IOException, TooComplexException {
    return Mime.of(header, gap, body, limits);
  }

  /// The same with some octets changed.
  ///
  /// @param splices of [#octets], none across the end of the header; those in the header are small
  /// @throws IOException when octets that are put into the header cannot be read
  public Message changed(List<Splice> splices) throws IOException {
    long behind = (long) header.length + gap.length;
    List<Edit> fields = new ArrayList<>();
    List<Splice> others = new ArrayList<>();
    for (Splice splice : splices) {
      if (splice.start() < behind) {
        fields.add(new Edit((int) splice.start(), (int) splice.end(), splice.octets().bytes()));
      } else {
        long from = splice.start() - behind;
        others.add(new Splice(from, splice.end() - behind, splice.octets()));
      }
    }
    fields.sort(Comparator.comparingInt(Edit::start));
    var same = fields.isEmpty() ? this : withHeader(Edit.apply(fields, header, 0));
    return others.isEmpty() ? same : same.withBody(Splice.apply(body, others));
  }
}
