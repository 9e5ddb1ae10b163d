package dev.poststation.demo;

import dev.poststation.message.MailDate;
import dev.poststation.os.Time;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;

/// A mail of the demo, such as real systems send.
///
/// @param about what is to be seen with it
/// @param parameters of MAIL
/// @param content header and body; the line ends do not matter
record Sample(String about, String from, List<String> to, String parameters, byte[] content) {
  private static final String ANNA = "anna@office.example";

  Sample {
    to = List.copyOf(to);
  }

  /// All of them, in the order in which they are sent.
  static List<Sample> all(Time time) {
    return List.of(
        plain(time),
        invoice(time),
        three(time),
        eightBit(time),
        international(time),
        greylisted(time));
  }

  private static Sample plain(Time time) {
    return of(
        time,
        "A plain mail",
        List.of("bob@customer.example"),
        "",
        "Subject: Friday\nContent-Type: text/plain; charset=us-ascii",
        "Hello Bob,\n\nlunch on Friday?\n\nAnna\n");
  }

  private static Sample invoice(Time time) {
    String pdf = Base64.getMimeEncoder().encodeToString(new byte[3000]);
    return of(
        time,
        "HTML with an attachment, 4 KB of it",
        List.of("accounts@customer.example"),
        "",
        "Subject: Your invoice\nContent-Type: multipart/mixed; boundary=\"part\"",
        """
        --part
        Content-Type: text/html; charset=utf-8
        Content-Transfer-Encoding: 7bit

        <p>Please find your <b>invoice</b> attached.</p>
        --part
        Content-Type: application/pdf; name="invoice.pdf"
        Content-Disposition: attachment; filename="invoice.pdf"
        Content-Transfer-Encoding: base64

        """
            + pdf
            + "\n--part--\n");
  }

  private static Sample three(Time time) {
    return of(
        time,
        "Three recipients, one of which does not exist: its sender gets a bounce",
        List.of("carol@partner.example", "nobody@partner.example", "dave@partner.example"),
        "",
        "Subject: Minutes of the meeting\nContent-Type: text/plain; charset=us-ascii",
        "The minutes, for all of you.\n");
  }

  private static Sample eightBit(Time time) {
    return of(
        time,
        "Eight bits (8BITMIME)",
        List.of("erik@customer.example"),
        "BODY=8BITMIME",
        """
        Subject: Greetings
        Content-Type: text/plain; charset=utf-8
        Content-Transfer-Encoding: 8bit\
        """,
        "Grüße aus Köln, et à bientôt.\n");
  }

  private static Sample international(Time time) {
    return of(
        time,
        "International addresses (SMTPUTF8)",
        List.of("用户@例子.example"),
        "BODY=8BITMIME SMTPUTF8",
        "Subject: 你好\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit",
        "你好，世界\n");
  }

  private static Sample greylisted(Time time) {
    return of(
        time,
        "A recipient with greylisting: refused for now, delivered at the second attempt",
        List.of("greylist.frank@customer.example"),
        "",
        "Subject: Patience\nContent-Type: text/plain; charset=us-ascii",
        "This one takes a moment.\n");
  }

  private static Sample of(
      Time time, String about, List<String> to, String parameters, String fields, String body) {
    String header =
        "From: Anna <"
            + ANNA
            + ">\nTo: <"
            + String.join(">, <", to)
            + ">\nDate: "
            + MailDate.at(time.now())
            + "\nMIME-Version: 1.0\n"
            + fields
            + "\n\n";
    return new Sample(
        about, ANNA, to, parameters, (header + body).getBytes(StandardCharsets.UTF_8));
  }
}
