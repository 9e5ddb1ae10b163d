package dev.poststation.quarantine;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.poststation.config.DigestSettings;
import dev.poststation.message.MailDate;
import dev.poststation.message.QueueId;
import dev.poststation.mime.Transfer;
import dev.poststation.smtp.Address;
import java.io.ByteArrayOutputStream;
import java.time.Instant;
import java.util.List;
import java.util.SortedMap;
import java.util.regex.Pattern;
import org.apache.james.mime4j.codec.EncoderUtil;

/// A digest as it is sent: text, and the same in HTML, without a picture or anything that is
/// fetched. Immutable.
///
/// @param id its name in the queue
/// @param more mails that are not in it, and will be in the next one
/// @param hostname our name, for the Message-ID
/// @param boundary nobody can guess it
record DigestMail(
    DigestSettings settings,
    QueueId id,
    Instant when,
    Address to,
    List<Entry> entries,
    int more,
    String hostname,
    String boundary) {
  private static final String CRLF = "\r\n";

  /// Quoted-printable for a dot where it could not end a mail.
  private static final Pattern DOT_WITHIN_LINE = Pattern.compile("(?<=[^\n])=2E");

  private static final String BUTTON =
      "display:inline-block;margin:10px 8px 0 0;padding:7px 14px;border-radius:6px;"
          + "text-decoration:none;";

  DigestMail {
    entries = List.copyOf(entries);
  }

  /// A mail that was kept; what strangers wrote is fit to be read by now.
  ///
  /// @param score empty: none
  /// @param links where he may do what
  record Entry(
      QueueId id,
      Instant arrived,
      Instant until,
      String from,
      String subject,
      String reason,
      String score,
      SortedMap<DigestSettings.Action, String> links) {}

  private DigestWords words() {
    return DigestWords.of(settings.language());
  }

  /// Of all, also of those that are not in it.
  private int count() {
    return entries.size() + more;
  }

  String messageId() {
    return "<" + id + "@" + hostname + ">";
  }

  byte[] content() {
    var out = new ByteArrayOutputStream();
    out.writeBytes(header().getBytes(UTF_8));
    part(out, "text/plain", text());
    part(out, "text/html", html());
    out.writeBytes(("--" + boundary + "--" + CRLF).getBytes(US_ASCII));
    return out.toByteArray();
  }

  private String header() {
    String subject = settings.subject().isEmpty() ? words().subject() : settings.subject();
    String counted = subject.replace(DigestSettings.COUNT, String.valueOf(count()));
    return "Date: "
        + MailDate.at(when)
        + "\r\nFrom: <"
        + settings.from()
        + ">\r\nTo: <"
        + to
        + ">\r\nSubject: "
        + EncoderUtil.encodeIfNecessary(
            Plain.line(counted, 200), EncoderUtil.Usage.TEXT_TOKEN, "Subject: ".length())
        + "\r\nMessage-ID: "
        + messageId()
        // RFC 3834 5: nobody asked for it, and nobody's autoresponder shall answer it.
        + "\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0"
        + "\r\nContent-Type: multipart/alternative;\r\n boundary=\""
        + boundary
        + "\"\r\n\r\n";
  }

  private void part(ByteArrayOutputStream out, String type, String text) {
    String encoding = "quoted-printable";
    String head =
        "--%s\r\nContent-Type: %s; charset=utf-8\r\nContent-Transfer-Encoding: %s\r\n\r\n"
            .formatted(boundary, type, encoding);
    out.writeBytes(head.getBytes(US_ASCII));
    byte[] encoded = Transfer.encode(text.replace("\n", CRLF).getBytes(UTF_8), encoding);
    // It encodes every dot, and people do look at sources.
    String readable = DOT_WITHIN_LINE.matcher(new String(encoded, US_ASCII)).replaceAll(".");
    out.writeBytes(readable.getBytes(US_ASCII));
    out.writeBytes(CRLF.getBytes(US_ASCII));
  }

  private String opening() {
    return count() == 1 ? words().one().formatted(to) : words().many().formatted(count(), to);
  }

  private String help() {
    return settings.hasLinks() ? words().hint() : words().noLinks();
  }

  // --- Text
  // --------------------------------------------------------------------------------------

  private String text() {
    var w = words();
    var out = new StringBuilder(opening()).append('\n').append(w.until()).append('\n');
    int number = 0;
    for (var entry : entries) {
      out.append("\n%d. %s%n".formatted(++number, entry.subject()).replace(CRLF, "\n"));
      fact(out, w.from(), entry.from() + ", " + w.at(entry.arrived()));
      fact(out, w.reason(), reason(entry));
      fact(out, w.ends(), w.at(entry.until()) + " (" + entry.id() + ")");
      entry.links().forEach((action, link) -> fact(out, w.action(action), link));
    }
    if (more > 0) {
      out.append('\n').append(w.more().formatted(more)).append('\n');
    }
    return out.append('\n').append(help()).append("\n\n").append(hostname).append('\n').toString();
  }

  private static void fact(StringBuilder out, String name, String value) {
    out.append("   ").append(name).append(": ").append(value).append('\n');
  }

  private String reason(Entry entry) {
    return entry.score().isEmpty()
        ? entry.reason()
        : entry.reason() + ", " + words().score() + " " + entry.score();
  }

  // --- HTML
  // --------------------------------------------------------------------------------------

  private String html() {
    var w = words();
    var out = new StringBuilder(4000);
    out.append("<!DOCTYPE html>\n<html lang=\"").append(w.tag()).append("\"><head>\n");
    out.append("<meta charset=\"utf-8\"><title>").append(Plain.html(w.title()));
    out.append(
        "</title></head>\n<body style=\"margin:0;padding:20px;background:#eef0f3;color:#1b1f24;");
    out.append("font-family:Arial,Helvetica,sans-serif;font-size:15px;line-height:1.45\">\n");
    out.append(
        "<div style=\"max-width:640px;margin:0 auto\">\n<h1 style=\"font-size:18px;margin:0\">");
    out.append(Plain.html(opening())).append("</h1>\n");
    paragraph(out, w.until());
    entries.forEach(entry -> card(out, entry));
    if (more > 0) {
      paragraph(out, w.more().formatted(more));
    }
    paragraph(out, help());
    paragraph(out, hostname);
    return out.append("</div>\n</body></html>\n").toString();
  }

  private static void paragraph(StringBuilder out, String text) {
    out.append("<p style=\"margin:8px 0 14px;color:#57606a\">");
    out.append(Plain.html(text)).append("</p>\n");
  }

  private void card(StringBuilder out, Entry entry) {
    var w = words();
    out.append("<div style=\"background:#ffffff;border:1px solid #d0d7de;border-radius:8px;");
    out.append("padding:14px 16px;margin:0 0 12px;overflow-wrap:anywhere\">\n<div><b>");
    out.append(Plain.html(entry.subject())).append("</b></div>\n<div>");
    out.append(Plain.html(entry.from())).append("</div>\n");
    out.append("<div style=\"color:#57606a;font-size:13px;margin-top:4px\">");
    out.append(Plain.html(w.at(entry.arrived()))).append(" &middot; ");
    out.append(Plain.html(reason(entry))).append("<br>");
    out.append(Plain.html(w.ends() + ": " + w.at(entry.until()))).append(" &middot; ");
    out.append(entry.id()).append("</div>\n");
    entry.links().forEach((action, link) -> button(out, action, link));
    out.append("</div>\n");
  }

  private void button(StringBuilder out, DigestSettings.Action action, String link) {
    String colours =
        action == DigestSettings.Action.RELEASE
            ? "background:#1f6feb;color:#ffffff;border:1px solid #1f6feb"
            : "background:#ffffff;color:#57606a;border:1px solid #d0d7de";
    out.append("<a href=\"").append(Plain.html(link)).append("\" style=\"");
    out.append(BUTTON).append(colours).append("\">");
    out.append(Plain.html(words().action(action))).append("</a>\n");
  }
}
