package dev.poststation.admin;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.github.difflib.DiffUtils;
import com.github.difflib.patch.AbstractDelta;
import dev.poststation.config.MimeLimits;
import dev.poststation.config.Units;
import dev.poststation.content.Message;
import dev.poststation.mime.Mime;
import dev.poststation.mime.Part;
import dev.poststation.mime.TooComplexException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.apache.james.mime4j.util.CharsetUtil;

/// What services made of a mail, for people: what went, with `-`, and what came, with `+`.
/// Immutable.
///
/// @param header fields of its header; empty: it is as it was
/// @param body its parts, and the lines of texts as people read them; empty: it is as it was, to
///   the octet
record ContentChanges(List<String> header, List<String> body) {
  /// Of texts that are longer, or of which more lines changed, only is told how long they are.
  private static final int TEXT_MAX = 256 * 1024;

  private static final int LINES_MAX = 200;

  ContentChanges {
    header = List.copyOf(header);
    body = List.copyOf(body);
  }

  /// A part that has no others.
  ///
  /// @param hash of its header and its octets
  private record Leaf(Mime mime, Part part, String hash) {
    @Override
    public boolean equals(Object other) {
      return other instanceof Leaf leaf && leaf.hash.equals(hash);
    }

    @Override
    public int hashCode() {
      return hash.hashCode();
    }

    String describe() {
      String name = part.names().isEmpty() ? "" : " \"" + part.names().getFirst() + "\"";
      String path = part.path().isEmpty() ? "" : "part " + part.path() + ", ";
      return path + part.type() + name + ", " + Units.show(part.end() - part.body());
    }
  }

  /// Compares two.
  static ContentChanges between(Message was, Message is, MimeLimits limits) {
    return new ContentChanges(lines(fields(was), fields(is)), body(was, is, limits));
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
  private static List<String> body(Message was, Message is, MimeLimits limits) {
    if (was.body() == is.body()) {
      return List.of();
    }
    try {
      var changes = parts(leaves(was.mime(limits)), leaves(is.mime(limits)));
      String sizes = "! " + was.body().size() + " octets before, " + is.body().size() + " now";
      return changes.isEmpty() || changes.size() > LINES_MAX ? List.of(sizes) : changes;
    } catch (TooComplexException e) {
      return List.of("! not compared: " + e.reason());
    } catch (IOException e) {
      return List.of("! not compared, it cannot be read: " + e.getMessage());
    }
  }

  private static List<Leaf> leaves(Mime mime) throws IOException {
    List<Leaf> leaves = new ArrayList<>();
    for (var part : mime.parts()) {
      if (part.parts().isEmpty()) {
        // The header of the mail itself is compared field by field.
        boolean alone = part.equals(mime.root());
        var octets = alone ? mime.body(part) : mime.whole(part);
        try (var in = octets.open()) {
          leaves.add(new Leaf(mime, part, hash(in)));
        }
      }
    }
    return leaves;
  }

  private static String hash(InputStream in) throws IOException {
    try {
      var digest = MessageDigest.getInstance("SHA-256");
      byte[] window = new byte[8192];
      for (int count = in.read(window); count >= 0; count = in.read(window)) {
        digest.update(window, 0, count);
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // Every JDK has it.
    }
  }

  private static List<String> parts(List<Leaf> was, List<Leaf> is) throws IOException {
    List<String> changes = new ArrayList<>();
    for (AbstractDelta<Leaf> delta : DiffUtils.diff(was, is).getDeltas()) {
      var gone = new ArrayList<>(delta.getSource().getLines());
      for (Leaf now : delta.getTarget().getLines()) {
        int same = sameText(gone, now);
        if (same >= 0) {
          changes.add("! " + now.describe());
          changes.addAll(lines(text(gone.remove(same)), text(now)));
        } else {
          changes.add("+ " + now.describe());
        }
      }
      gone.forEach(leaf -> changes.add("- " + leaf.describe()));
    }
    return changes;
  }

  /// Which of those that went is the text that a part was before; -1: none.
  private static int sameText(List<Leaf> gone, Leaf now) {
    for (int i = 0; i < gone.size(); i++) {
      var part = gone.get(i).part;
      boolean text = part.type().startsWith("text/") && part.type().equals(now.part.type());
      long longest = Math.max(part.end() - part.body(), now.part.end() - now.part.body());
      if (text && longest <= TEXT_MAX) {
        return i;
      }
    }
    return -1;
  }

  private static List<String> text(Leaf leaf) throws IOException {
    var name = leaf.part.contentType().parameter("charset").orElse("us-ascii");
    Charset charset = CharsetUtil.lookup(name.strip());
    byte[] content = leaf.mime.content(leaf.part);
    return new String(content, charset == null ? UTF_8 : charset).lines().toList();
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
