package dev.poststation.dkim;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;

/// Mails by chance, of the kinds that break signatures: odd folds and spaces, repeated fields,
/// 8-bit octets, empty bodies, bodies without a line end. Confined to one thread.
public final class RandomMails {
  private static final List<String> NAMES =
      List.of(
          "To",
          "Cc",
          "Subject",
          "Date",
          "Message-ID",
          "Reply-To",
          "MIME-Version",
          "Content-Type",
          "Received",
          "X-Mailer",
          "List-Unsubscribe",
          "List-ID",
          "Sender",
          "References",
          "SUBJECT",
          "content-transfer-encoding",
          "Feedback-ID",
          "Comments",
          "Resent-From",
          "DKIM-Signature");

  private final Random chance;

  public RandomMails(long seed) {
    chance = new Random(seed);
  }

  /// A mail.
  ///
  /// @param header all fields
  /// @param body may be empty
  public record Mail(byte[] header, byte[] body) {
    /// With fields in front, as it arrives: SMTP sees to it that its last line has an end.
    public byte[] with(byte[] fields) {
      var out = new ByteArrayOutputStream();
      out.writeBytes(fields);
      out.writeBytes(header);
      out.writeBytes("\r\n".getBytes(StandardCharsets.US_ASCII));
      out.writeBytes(body);
      boolean ended = body.length == 0 || body[body.length - 1] == '\n';
      out.writeBytes((ended ? "" : "\r\n").getBytes(StandardCharsets.US_ASCII));
      return out.toByteArray();
    }
  }

  /// The next one, from an address of `example.com`.
  public Mail next() {
    var header = new StringBuilder();
    int from = chance.nextInt(4);
    for (int i = 0; i < 4 + chance.nextInt(12); i++) {
      if (i == from) {
        header.append("From:").append(space()).append("Somebody").append(space());
        header.append("<somebody@example.com>").append(chance.nextInt(4) == 0 ? " " : "");
        header.append("\r\n");
      }
      header.append(NAMES.get(chance.nextInt(NAMES.size())));
      header.append(":").append(value()).append("\r\n");
    }
    return new Mail(header.toString().getBytes(StandardCharsets.ISO_8859_1), body());
  }

  private String value() {
    var text = new StringBuilder();
    int words = chance.nextInt(9);
    for (int i = 0; i < words; i++) {
      text.append(space()).append(word());
    }
    return text.append(" ".repeat(chance.nextInt(2))).toString();
  }

  private String space() {
    return switch (chance.nextInt(9)) {
      case 0 -> "\r\n ";
      case 1 -> "\t";
      case 2 -> "  ";
      case 3 -> "\r\n\t  ";
      default -> " ";
    };
  }

  private String word() {
    var text = new StringBuilder();
    for (int i = 0; i < 1 + chance.nextInt(10); i++) {
      int octet = chance.nextInt(20) == 0 ? 0xa1 + chance.nextInt(90) : '!' + chance.nextInt(94);
      text.append((char) octet);
    }
    return text.toString();
  }

  private byte[] body() {
    var text = new StringBuilder();
    int lines = chance.nextInt(6) == 0 ? 0 : chance.nextInt(30);
    for (int i = 0; i < lines; i++) {
      for (int words = chance.nextInt(6); words > 0; words--) {
        text.append(chance.nextInt(3) == 0 ? " \t" : " ").append(word());
      }
      text.append(chance.nextInt(7) == 0 ? " \t " : "").append("\r\n");
    }
    text.append("\r\n".repeat(chance.nextInt(3)));
    if (chance.nextInt(4) == 0) {
      text.append("the end").append(chance.nextBoolean() ? " " : "");
    }
    return text.toString().getBytes(StandardCharsets.ISO_8859_1);
  }

  /// What somebody on the way did to a mail, so that its signature must not hold any more.
  ///
  /// @param signature the fields in front, which stay
  public byte[] changed(Mail mail, byte[] signature) {
    String header = new String(mail.header(), StandardCharsets.ISO_8859_1);
    byte[] body = mail.body();
    switch (chance.nextInt(6)) {
      case 0 -> header = "From: another@example.com\r\n" + header;
      case 1 -> header = "Subject: added\r\n" + header;
      case 2 -> header = "Content-Type: text/html\r\n" + header;
      case 3 -> header = header.replace("<somebody@example.com>", "<somebody@example.net>");
      case 4 -> header = "To: added@example.com\r\n" + header;
      default -> {
        var out = new ByteArrayOutputStream();
        out.writeBytes(body);
        out.writeBytes("\r\nadded".getBytes(StandardCharsets.US_ASCII));
        body = out.toByteArray();
      }
    }
    return new Mail(header.getBytes(StandardCharsets.ISO_8859_1), body).with(signature);
  }
}
