package dev.poststation.admin;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.github.difflib.DiffUtils;
import com.github.difflib.patch.AbstractDelta;
import dev.poststation.content.Message;
import dev.poststation.message.Octets;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// What services made of a mail, for people: lines that went, with `-`, and lines that came, with
/// `+`. Immutable.
///
/// @param header of its header; empty: it is as it was
/// @param body of its body; empty: it is as it was, to the octet
record ContentChanges(List<String> header, List<String> body) {
  /// Of a body that is longer, or of more lines, only is told how long it was and is.
  private static final int BODY_MAX = 256 * 1024;

  private static final int LINES_MAX = 200;

  ContentChanges {
    header = List.copyOf(header);
    body = List.copyOf(body);
  }

  /// Compares two.
  static ContentChanges between(Message was, Message is) {
    return new ContentChanges(lines(fields(was), fields(is)), body(was.body(), is.body()));
  }

  /// Each with all its lines, so that a folded one is seen whole.
  private static List<String> fields(Message message) {
    List<String> fields = new ArrayList<>();
    for (var field : message.fields().fields()) {
      int length = field.end() - field.start();
      fields.add(new String(message.header(), field.start(), length, UTF_8).strip());
    }
    return fields;
  }

  @SuppressWarnings("ReferenceEquality") // A body that nobody changed is the same one.
  private static List<String> body(Octets was, Octets is) {
    if (was == is) {
      return List.of();
    }
    String sizes = "! " + was.size() + " octets before, " + is.size() + " now";
    if (Math.max(was.size(), is.size()) > BODY_MAX) {
      return List.of(sizes);
    }
    try {
      var lines = lines(split(was), split(is));
      return lines.size() > LINES_MAX ? List.of(sizes) : lines;
    } catch (IOException e) {
      return List.of(sizes + ", which cannot be read: " + e.getMessage());
    }
  }

  private static List<String> split(Octets octets) throws IOException {
    return new String(octets.bytes(), UTF_8).lines().toList();
  }

  private static List<String> lines(List<String> was, List<String> is) {
    List<String> lines = new ArrayList<>();
    for (AbstractDelta<String> delta : DiffUtils.diff(was, is).getDeltas()) {
      delta.getSource().getLines().forEach(line -> lines.add("- " + line));
      delta.getTarget().getLines().forEach(line -> lines.add("+ " + line));
    }
    return lines;
  }
}
