package dev.poststation.content;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.poststation.config.JournalService;
import dev.poststation.message.FieldWatch;
import dev.poststation.message.MailDate;
import dev.poststation.message.Octets;
import dev.poststation.os.Os;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.ContentScanner;
import dev.poststation.smtp.ContentTraits;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// Has a journal report of each mail sent to a mailbox, in the form of Exchange: a text that names
/// the envelope, and the mail as it is. It is asked when all services have let the mail go on,
/// about the mail as it was at its place. Safe for any thread.
final class Journaling implements Service {
  /// By this field archives know journal reports.
  private static final String MARK = "X-MS-Journal-Report";

  /// By this one we know ours.
  private static final String SEAL = "X-Journal-Seal";

  private final String name;
  private final JournalService settings;
  private final When when;
  private final Set<Address> mailboxes;
  private final JournalSeal seal;
  private final Os os;

  /// @param when knows from where to where mail goes
  /// @param mailboxes all that get journal reports
  Journaling(
      String name,
      JournalService settings,
      When when,
      Set<Address> mailboxes,
      JournalSeal seal,
      Os os) {
    this.name = name;
    this.settings = settings;
    this.when = when;
    this.mailboxes = mailboxes;
    this.seal = seal;
    this.os = os;
  }

  @Override
  public String describe() {
    return "journal to " + settings.to();
  }

  @Override
  public Finding examine(Message message, Facts facts, Duration atMost) throws ServiceException {
    var watch =
        new FieldWatch(
            Set.of(
                "message-id",
                "subject",
                MARK.toLowerCase(Locale.ROOT),
                SEAL.toLowerCase(Locale.ROOT)));
    watch.feed(message.header(), 0, message.header().length);
    watch.finish();
    if (isReport(watch, facts)) {
      return new Finding.Unchanged("not journaled: it is a journal report");
    }
    if (facts.trial()) {
      return new Finding.Unchanged("a journal report would go to " + settings.to());
    }
    try {
      var report = report(message, facts, watch);
      return new Finding.Reported(
          report, "journal report " + report.messageId() + " goes to " + settings.to());
    } catch (IOException e) {
      throw ServiceException.atThisMail("it cannot be read: " + e.getMessage());
    }
  }

  /// What only says that it is one is believed where it goes to a journal mailbox, and nowhere
  /// else. Nobody who has logged in sends back one of ours under his own name: it has the null
  /// sender. A server that hands it on may have given it another one.
  private boolean isReport(FieldWatch watch, Facts facts) {
    if (watch.values(MARK.toLowerCase(Locale.ROOT)).isEmpty()) {
      return false;
    }
    String id = first(watch, "message-id");
    boolean own = !facts.source().user().isEmpty() && !facts.sender().isNull();
    return (!own
            && watch.values(SEAL.toLowerCase(Locale.ROOT)).stream()
                .anyMatch(each -> seal.fits(id, each.strip())))
        || facts.recipients().stream()
            .allMatch(each -> mailboxes.stream().anyMatch(each.address()::isSameMailbox));
  }

  private JournalReport report(Message message, Facts facts, FieldWatch watch) throws IOException {
    String token = os.chance().hex(16);
    var id = "<" + token + "@" + facts.hostname() + ">";
    var text = JournalText.of(message, facts, watch, when, settings.copy()).getBytes(UTF_8);
    var traits = traits(message.octets());
    String form = traits.bareNewlines() ? "binary" : "8bit";
    String type =
        facts.source().protocol().startsWith("UTF8") ? "message/global" : "message/rfc822";
    String front =
        header(facts, first(watch, "subject"), id, token, form)
            + "\r\n--%s\r\nContent-Type: text/plain; charset=utf-8\r\n".formatted(token)
            + "Content-Transfer-Encoding: 8bit\r\n\r\n";
    String between =
        "\r\n--%s\r\nContent-Type: %s\r\nContent-Transfer-Encoding: %s\r\n\r\n"
            .formatted(token, type, form);
    var content =
        Octets.joined(
            List.of(
                Octets.of(Octets.joined(front.getBytes(UTF_8), text, between.getBytes(UTF_8))),
                message.octets(),
                Octets.of("\r\n--%s--\r\n".formatted(token).getBytes(UTF_8))));
    return new JournalReport(name, settings.to(), id, content);
  }

  /// Nobody can guess the boundary, so no mail can pretend to end its part.
  private String header(Facts facts, String subject, String id, String boundary, String form) {
    var out = new StringBuilder(700);
    String us = "MAILER-DAEMON@" + facts.hostname();
    var now = os.time().now();
    out.append("Date: ").append(MailDate.at(now)).append("\r\n");
    out.append("From: Journal <").append(us).append(">\r\n");
    out.append("To: <").append(settings.to()).append(">\r\n");
    String about = JournalText.plain(subject);
    if (!about.isEmpty()) {
      out.append(FieldEdits.field("Subject", FieldEdits.encoded("Subject", about)));
    }
    out.append("Message-ID: ").append(id).append("\r\n");
    out.append(MARK).append(":\r\n");
    out.append(SEAL).append(": ").append(seal.of(id, now.getEpochSecond())).append("\r\n");
    // RFC 3834 5: nobody's autoresponder shall answer it.
    out.append("Auto-Submitted: auto-generated\r\n");
    out.append("MIME-Version: 1.0\r\n");
    out.append("Content-Type: multipart/mixed; boundary=\"").append(boundary).append("\"\r\n");
    // RFC 2045 6.4: what holds an 8bit part is 8bit itself.
    out.append("Content-Transfer-Encoding: ").append(form).append("\r\n");
    return out.toString();
  }

  private static ContentTraits traits(Octets octets) throws IOException {
    var scanner = new ContentScanner((_, _, _) -> {});
    byte[] window = new byte[64 * 1024];
    for (long at = 0; at < octets.size(); ) {
      int count = octets.read(at, window, 0, window.length);
      if (count < 0) {
        throw new IOException("the content is shorter than was said");
      }
      scanner.accept(window, 0, count);
      at += count;
    }
    return scanner.traits();
  }

  static String first(FieldWatch watch, String name) {
    var values = watch.values(name);
    return values.isEmpty() ? "" : values.getFirst().strip();
  }
}
