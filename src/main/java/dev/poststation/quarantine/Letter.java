package dev.poststation.quarantine;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.poststation.config.Limits;
import dev.poststation.content.Message;
import dev.poststation.message.FieldWatch;
import dev.poststation.message.Mail;
import dev.poststation.message.Octets;
import dev.poststation.mime.Mime;
import dev.poststation.mime.Part;
import dev.poststation.mime.TooComplexException;
import dev.poststation.spool.Spool;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.james.mime4j.util.CharsetUtil;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Element;
import org.jsoup.nodes.Node;
import org.jsoup.nodes.TextNode;
import org.jsoup.select.NodeFilter;

/// What people see of a mail that is stored. All of it was written by strangers, so there is a
/// bound to each of its parts. Immutable.
///
/// @param from its author, as the header says
/// @param header its fields, one each, folded lines joined; empty: not looked for
/// @param text the beginning of what there is to read, without markup; empty: not looked for, or
///   there is none
/// @param parts the files in it, by name and type
/// @param problem why it was not looked into; empty: it was
public record Letter(
    String from,
    String subject,
    List<String> header,
    String text,
    List<String> parts,
    String problem) {
  private static final int TEXT_MAX = 4000;

  /// Octets that are read of a text, markup included.
  private static final int READ_MAX = 256 * 1024;

  /// Octets in which author and subject are looked for where nothing else is.
  private static final int HEADER_READ_MAX = 64 * 1024;

  private static final int FIELD_MAX = 500;
  private static final int LINE_MAX = 2000;
  private static final int PARTS_MAX = 50;
  private static final Set<String> HIDDEN = Set.of("script", "style", "head");
  private static final Set<String> BREAKS =
      Set.of("br", "p", "div", "tr", "li", "h1", "h2", "h3", "h4");

  public Letter {
    header = List.copyOf(header);
    parts = List.copyOf(parts);
  }

  /// Its author and its subject only, so that many can be listed.
  ///
  /// @throws IOException when it cannot be read
  public static Letter brief(Spool spool, Mail mail) throws IOException {
    byte[] begin = {};
    if (!Message.endsWithEmptyLine(mail.trace())) { // Else what came has no header.
      long size = mail.envelope().traits().size();
      begin =
          Octets.of(spool.content(mail), size).slice(0, Math.min(size, HEADER_READ_MAX)).bytes();
    }
    var watch = watch(begin);
    return new Letter(first(watch, "from"), first(watch, "subject"), List.of(), "", List.of(), "");
  }

  /// With what there is to read.
  ///
  /// @throws IOException when it cannot be read
  public static Letter whole(Spool spool, Mail mail, Limits limits) throws IOException {
    var message = message(spool, mail, limits);
    try {
      var mime = message.mime(limits.mime());
      List<String> parts = new ArrayList<>();
      String text = "";
      String html = "";
      for (var part : mime.parts()) {
        if (!part.parts().isEmpty()) {
          continue;
        }
        if (part.isAttachment() || !part.type().startsWith("text/")) {
          String name = part.names().isEmpty() ? "" : "\"" + part.names().getFirst() + "\", ";
          parts.add(cut(name + part.type(), FIELD_MAX));
        } else if (part.type().equals("text/html")) {
          html = html.isEmpty() ? text(mime, part) : html;
        } else if (text.isEmpty()) {
          text = text(mime, part);
        }
      }
      return of(message, shortened(text.isBlank() ? seen(html) : text), parts, "");
    } catch (TooComplexException e) {
      return of(message, "", List.of(), e.reason());
    }
  }

  /// The mail itself, its body left in the spool.
  ///
  /// @throws IOException when it cannot be read
  public static Message message(Spool spool, Mail mail, Limits limits) throws IOException {
    var octets = Octets.of(spool.content(mail), mail.envelope().traits().size());
    return Message.of(mail.trace(), octets, limits.headerSize());
  }

  private static Letter of(Message message, String text, List<String> parts, String problem) {
    List<String> header = new ArrayList<>();
    for (var field : message.fields().fields()) {
      String raw = new String(message.header(), field.start(), field.end() - field.start(), UTF_8);
      header.add(cut(raw.replaceAll("\\r?\\n[ \\t]*", " ").strip(), LINE_MAX));
    }
    var watch = watch(message.header());
    return new Letter(
        first(watch, "from"),
        first(watch, "subject"),
        header,
        text,
        parts.size() > PARTS_MAX ? parts.subList(0, PARTS_MAX) : parts,
        problem);
  }

  private static FieldWatch watch(byte[] header) {
    var watch = new FieldWatch(List.of("from", "subject"));
    watch.feed(header, 0, header.length);
    watch.finish();
    return watch;
  }

  /// Decoded, in one line.
  private static String first(FieldWatch watch, String name) {
    var values = watch.values(name);
    return values.isEmpty()
        ? ""
        : cut(values.getFirst().replaceAll("\\s+", " ").strip(), FIELD_MAX);
  }

  private static String cut(String text, int max) {
    if (text.length() <= max) {
      return text;
    }
    int end = Character.isHighSurrogate(text.charAt(max - 1)) ? max - 1 : max;
    return text.substring(0, end) + "[...]";
  }

  private static String text(Mime mime, Part part) throws IOException {
    String name = part.contentType().parameter("charset").orElse("us-ascii");
    var charset = Optional.ofNullable(CharsetUtil.lookup(name.strip())).orElse(UTF_8);
    try (var in = mime.decoded(part)) {
      return new String(in.readNBytes(READ_MAX), charset);
    }
  }

  private static String seen(String html) {
    var seen = new StringBuilder();
    Jsoup.parse(html).filter((node, _) -> seen(node, seen));
    return seen.toString()
        .replace('\u00a0', ' ')
        .replaceAll("[ \\t]+", " ")
        .replaceAll(" ?\n[ \n]*", "\n");
  }

  private static NodeFilter.FilterResult seen(Node node, StringBuilder seen) {
    if (node instanceof TextNode text) {
      seen.append(text.getWholeText());
    } else if (node instanceof Element element) {
      if (HIDDEN.contains(element.normalName())) {
        return NodeFilter.FilterResult.SKIP_ENTIRELY;
      }
      seen.append(BREAKS.contains(element.normalName()) ? "\n" : "");
    }
    return NodeFilter.FilterResult.CONTINUE;
  }

  private static String shortened(String text) {
    String clean = text.replace("\r\n", "\n").strip();
    return cut(clean, TEXT_MAX);
  }
}
