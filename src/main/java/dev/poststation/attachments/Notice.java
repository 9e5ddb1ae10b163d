package dev.poststation.attachments;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.poststation.mime.Splice;
import dev.poststation.mime.Transfer;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;

/// The text in the place of a file that was removed. Pure functions.
public final class Notice {
  private static final String ENCODING = "quoted-printable";
  private static final byte[] FIELDS =
      ("Content-Type: text/plain; charset=utf-8\r\nContent-Disposition: inline\r\n"
              + "Content-Transfer-Encoding: "
              + ENCODING
              + "\r\n")
          .getBytes(US_ASCII);

  private Notice() {}

  /// The changes that put it there; all other parts stay.
  ///
  /// @param template with `{name}` and `{reason}`
  public static List<Splice> instead(Inspection.Unwanted file, String template) {
    String text =
        template
            .strip()
            .replace("{name}", Inspection.quoted(file.name()).replace("\"", ""))
            .replace("{reason}", file.reason())
            .replaceAll("\\r?\\n", "\r\n");
    var part = file.part();
    byte[] body = Transfer.encode((text + "\r\n").getBytes(UTF_8), ENCODING);
    List<Splice> splices = new ArrayList<>(2);
    byte[] header = header(file);
    splices.add(new Splice(part.start(), part.start() + part.header().length, header));
    boolean gap = part.body() - part.start() > part.header().length;
    byte[] replaced = gap ? body : withEmptyLine(body);
    splices.add(new Splice(part.body(), part.end(), replaced));
    return splices;
  }

  /// All fields but those of the content (RFC 2045 3), and those of a text.
  private static byte[] header(Inspection.Unwanted file) {
    byte[] header = file.part().header();
    var kept = new ByteArrayOutputStream(header.length + FIELDS.length);
    for (var field : file.part().fields().fields()) {
      if (!field.name().startsWith("content-")) {
        kept.write(header, field.start(), field.end() - field.start());
      }
    }
    kept.writeBytes(FIELDS);
    return kept.toByteArray();
  }

  private static byte[] withEmptyLine(byte[] body) {
    byte[] more = new byte[body.length + 2];
    more[0] = '\r';
    more[1] = '\n';
    System.arraycopy(body, 0, more, 2, body.length);
    return more;
  }
}
