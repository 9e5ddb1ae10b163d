package dev.poststation.bounce;

import dev.poststation.config.BounceSettings;
import dev.poststation.config.Configuration;
import dev.poststation.message.Envelope;
import dev.poststation.message.Mail;
import dev.poststation.message.MailDate;
import dev.poststation.os.Chance;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.ContentScanner;
import dev.poststation.smtp.DsnReturn;
import dev.poststation.smtp.TlsWish;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.apache.james.mime4j.codec.QuotedPrintableOutputStream;

/// Composes delivery status notifications (RFC 3464, RFC 6533): mails of our own that tell a sender
/// what became of a mail. Never throws for what is in that mail. Safe for any thread.
public final class Notices {
  /// Quoted-printable for a dot where it could not end a mail.
  private static final Pattern DOT_WITHIN_LINE = Pattern.compile("(?<=[^\n])=2E");

  /// A notice is made in memory, whatever the settings say.
  private static final long RETURN_MAX = 64 * 1024 * 1024;

  private final String hostname;
  private final BounceSettings settings;
  private final Chance chance;
  private final UnaryOperator<Address> recipients;
  private final UnaryOperator<byte[]> signed;

  /// @param hostname our name: the reporting MTA
  public Notices(String hostname, BounceSettings settings, Chance chance) {
    this(hostname, settings, chance, sender -> sender, content -> content);
  }

  /// Those of a configuration, which may go to another address than the sender's: the one that it
  /// came from.
  ///
  /// @param recipients what takes the place of a sender
  /// @param signed puts signatures in front of a notice
  public Notices(
      Configuration configuration,
      Chance chance,
      UnaryOperator<Address> recipients,
      UnaryOperator<byte[]> signed) {
    this(configuration.hostname(), configuration.bounces(), chance, recipients, signed);
  }

  private Notices(
      String hostname,
      BounceSettings settings,
      Chance chance,
      UnaryOperator<Address> recipients,
      UnaryOperator<byte[]> signed) {
    this.recipients = recipients;
    this.signed = signed;
    this.hostname = hostname;
    this.settings = settings;
    this.chance = chance;
  }

  /// Composes a notice to the sender of the mail that it is about, who must not be the null one.
  ///
  /// @param due when it may leave: its recipient waits until then
  public Composed compose(NoticeRequest request, Instant due) {
    var sender = request.about().envelope().sender();
    if (sender.isNull()) {
      throw new IllegalArgumentException("no notice goes to the null sender");
    }
    var original = Original.read(request.about(), request.content(), fullMax(request));
    byte[] content = signed.apply(content(request, original));
    return new Composed(mail(request, sender, content, due), content, messageId(request));
  }

  /// RFC 3461 4.3: RET is about failures; all else brings back the header only.
  private long fullMax(NoticeRequest request) {
    return switch (request.kind()) {
      case FAILED, EXPIRED -> {
        var ret = request.about().envelope().ret();
        boolean full = ret == null ? settings.returnFull() : ret == DsnReturn.FULL;
        yield full ? Math.min(settings.returnSizeMax(), RETURN_MAX) : 0;
      }
      case DELAYED, RELAYED -> 0;
    };
  }

  private Mail mail(NoticeRequest request, Address sender, byte[] content, Instant due) {
    var traits = Envelope.Traits.of(ContentScanner.seen(content));
    var about = request.about().envelope();
    var envelope =
        Envelope.own(
            request.id(),
            request.when(),
            Envelope.Source.SELF,
            traits,
            sender.isInternational(),
            about.priority(), // RFC 6710 5
            tls(about));
    return Mail.own(envelope, recipients.apply(sender), due);
  }

  /// RFC 8689 5: what tells of a mail is protected as it was, where that can be had.
  private static TlsWish tls(Envelope about) {
    return about.tls() == TlsWish.REQUIRED ? TlsWish.REQUIRED : TlsWish.NONE;
  }

  private byte[] content(NoticeRequest request, Original original) {
    boolean global = request.about().envelope().sender().isInternational();
    byte[] human = utf8(HumanPart.of(request, original, hostname));
    byte[] status = utf8(StatusPart.of(request, hostname, global));
    byte[] full = original.full();
    byte[] returned = full == null ? original.header() : full;
    boolean eightBit = Lines.eightBit(status) || Lines.eightBit(returned);
    var boundary = boundary(request);
    var out = new ByteArrayOutputStream(returned.length + 4096);
    out.writeBytes(utf8(header(request, original, boundary, eightBit)));
    if (Lines.eightBit(human)) {
      human(out, boundary, human);
    } else {
      asItIs(out, boundary, "text/plain; charset=us-ascii", "Notification", human);
    }
    asItIs(
        out,
        boundary,
        global ? "message/global-delivery-status" : "message/delivery-status",
        "Delivery report",
        status);
    asItIs(
        out,
        boundary,
        returnedType(full != null, Lines.eightBit(original.header())),
        full == null ? "Header of your message" : "Your message",
        returned);
    out.writeBytes(utf8("\r\n--" + boundary + "--\r\n"));
    return out.toByteArray();
  }

  /// RFC 6533 4: a header with UTF-8 in it has types of its own.
  private static String returnedType(boolean full, boolean utf8Header) {
    if (full) {
      return utf8Header ? "message/global" : "message/rfc822";
    }
    return utf8Header ? "message/global-headers" : "text/rfc822-headers";
  }

  /// Nobody can guess it, so no returned mail can pretend to end its part.
  private String boundary(NoticeRequest request) {
    return "=_" + request.id() + "_" + chance.hex(9);
  }

  private String header(
      NoticeRequest request, Original original, String boundary, boolean eightBit) {
    var to = Lines.plain(request.about().envelope().sender().toString(), Lines.LINE_MAX);
    var out = new StringBuilder(800);
    out.append("Date: ").append(MailDate.at(request.when())).append("\r\n");
    out.append("From: Mail Delivery System <MAILER-DAEMON@").append(hostname).append(">\r\n");
    out.append("To: <").append(to).append(">\r\n");
    out.append("Subject: ").append(subject(request.kind())).append("\r\n");
    out.append("Message-ID: ").append(messageId(request)).append("\r\n");
    if (!original.messageId().isEmpty()) {
      out.append("In-Reply-To: ").append(original.messageId()).append("\r\n");
      out.append("References: ").append(original.messageId()).append("\r\n");
    }
    // RFC 3834 5: an automatic answer to a single mail; nobody's autoresponder shall answer it.
    out.append("Auto-Submitted: auto-replied\r\n");
    out.append("MIME-Version: 1.0\r\n");
    out.append("Content-Type: multipart/report; report-type=delivery-status;\r\n");
    out.append("    boundary=\"").append(boundary).append("\"\r\n");
    // RFC 2045 6.4: what holds an 8bit part is 8bit itself.
    out.append("Content-Transfer-Encoding: ").append(eightBit ? "8bit" : "7bit").append("\r\n");
    return out.toString();
  }

  private String messageId(NoticeRequest request) {
    return "<" + request.id() + "@" + hostname + ">";
  }

  private static String subject(NoticeRequest.Kind kind) {
    return switch (kind) {
      case FAILED, EXPIRED -> "Your message could not be delivered";
      case DELAYED -> "Your message is delayed";
      case RELAYED -> "Your message was passed on";
    };
  }

  /// RFC 2046 5.2.1: message/* takes no encoding.
  private static void asItIs(
      ByteArrayOutputStream out, String boundary, String type, String description, byte[] body) {
    var encoding = Lines.eightBit(body) ? "8bit" : "7bit";
    out.writeBytes(utf8(partHeader(boundary, type, description, encoding)));
    out.writeBytes(body);
  }

  /// Our own text may be encoded, so that a name with an umlaut alone does not make the notice
  /// 8bit.
  private static void human(ByteArrayOutputStream out, String boundary, byte[] text) {
    out.writeBytes(
        utf8(
            partHeader(boundary, "text/plain; charset=utf-8", "Notification", "quoted-printable")));
    var encoded = new ByteArrayOutputStream(text.length + 100);
    try (var encoder = new QuotedPrintableOutputStream(encoded, false)) {
      encoder.write(text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    // It encodes every dot, and people do look at sources.
    String readable = encoded.toString(StandardCharsets.US_ASCII);
    out.writeBytes(utf8(DOT_WITHIN_LINE.matcher(readable).replaceAll(".")));
  }

  private static String partHeader(
      String boundary, String type, String description, String encoding) {
    return "\r\n--"
        + boundary
        + "\r\nContent-Type: "
        + type
        + "\r\nContent-Description: "
        + description
        + "\r\nContent-Transfer-Encoding: "
        + encoding
        + "\r\n\r\n";
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
