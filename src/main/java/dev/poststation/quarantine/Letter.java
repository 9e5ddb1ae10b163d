package dev.poststation.quarantine;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.poststation.config.Limits;
import dev.poststation.content.Message;
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
import org.apache.james.mime4j.codec.DecodeMonitor;
import org.apache.james.mime4j.codec.DecoderUtil;
import org.apache.james.mime4j.util.CharsetUtil;
import org.jsoup.Jsoup;

/// What people see of a mail that is stored. All of it was written by strangers. Immutable.
///
/// @param from its author, as the header says
/// @param header its fields, one each, folded lines joined
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

  private static final int PARTS_MAX = 50;

  public Letter {
    header = List.copyOf(header);
    parts = List.copyOf(parts);
  }

  /// Its header only.
  ///
  /// @throws IOException when it cannot be read
  public static Letter header(Spool spool, Mail mail, Limits limits) throws IOException {
    return of(message(spool, mail, limits), "", List.of(), "");
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
          parts.add(name + part.type());
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
      header.add(raw.replaceAll("\\r?\\n[ \\t]*", " ").strip());
    }
    return new Letter(
        field(message, "from"),
        field(message, "subject"),
        header,
        text,
        parts.size() > PARTS_MAX ? parts.subList(0, PARTS_MAX) : parts,
        problem);
  }

  /// Decoded, in one line.
  private static String field(Message message, String name) {
    for (var field : message.fields().fields()) {
      if (field.name().equals(name)) {
        String raw =
            new String(message.header(), field.value(), field.end() - field.value(), UTF_8);
        return decoded(raw.replaceAll("\\r?\\n", "")).replaceAll("\\s+", " ").strip();
      }
    }
    return "";
  }

  private static String decoded(String raw) {
    return DecoderUtil.decodeEncodedWords(raw, DecodeMonitor.SILENT);
  }

  private static String text(Mime mime, Part part) throws IOException {
    String name = part.contentType().parameter("charset").orElse("us-ascii");
    var charset = Optional.ofNullable(CharsetUtil.lookup(name.strip())).orElse(UTF_8);
    try (var in = mime.decoded(part)) {
      return new String(in.readNBytes(READ_MAX), charset);
    }
  }

  private static String seen(String html) {
    var document = Jsoup.parse(html);
    document.select("script, style, head").remove();
    document.select("br, p, div, tr, li, h1, h2, h3, h4").forEach(it -> it.before("\n"));
    return document
        .wholeText()
        .replace('\u00a0', ' ')
        .replaceAll("[ \\t]+", " ")
        .replaceAll(" ?\n[ \n]*", "\n");
  }

  private static String shortened(String text) {
    String clean = text.replace("\r\n", "\n").strip();
    if (clean.length() <= TEXT_MAX) {
      return clean;
    }
    int end = Character.isHighSurrogate(clean.charAt(TEXT_MAX - 1)) ? TEXT_MAX - 1 : TEXT_MAX;
    return clean.substring(0, end) + "\n[...]";
  }
}
