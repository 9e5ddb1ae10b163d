package dev.poststation.intake;

import dev.poststation.dns.DomainName;
import dev.poststation.message.MailDate;
import dev.poststation.message.Priority;
import dev.poststation.message.QueueId;
import dev.poststation.os.TlsFacts;
import dev.poststation.smtp.Address;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Writes what we put in front of a mail: the Received field (RFC 5321 4.4), and Date and
/// Message-ID where they are missing and the client's rule says so (RFC 6409 8). Nothing that a
/// client said can end a line or a comment in it. Safe for any thread.
final class TraceHeader {
  /// RFC 5321 4.5.3.1.2
  private static final int NAME_MAX = 255;

  private final MailDate dates = new MailDate();

  /// The octets, with CRLF at the end of each line.
  byte[] write(QueueId id, Submission about, HeaderScan seen) {
    return write(id, about, seen, "");
  }

  /// The same with fields that take the place of others.
  byte[] write(QueueId id, Submission about, HeaderScan seen, String instead) {
    var text = new StringBuilder(320);
    String date = dates.of(about.arrived());
    received(text, id, about, date);
    if (addsDate(about, seen)) {
      text.append("Date: ").append(date).append("\r\n");
    }
    if (addsMessageId(about, seen)) {
      text.append("Message-ID: ").append(messageId(id, about)).append("\r\n");
    }
    text.append(instead);
    if (seen.strayBody()) {
      text.append("\r\n"); // The mail has no header of its own that could end with it.
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  /// What is written besides Received, and by which rule, for the trace; one line each.
  static List<String> decisions(Submission about, HeaderScan seen) {
    boolean date = addsDate(about, seen);
    boolean messageId = addsMessageId(about, seen);
    if (!date && !messageId && !seen.strayBody()) {
      return List.of();
    }
    List<String> decisions = new ArrayList<>(2);
    if (date || messageId) {
      String fields = !messageId ? "Date" : date ? "Date and Message-ID" : "Message-ID";
      decisions.add("add-missing-headers = on: " + fields + " added");
    }
    if (seen.strayBody()) {
      decisions.add("an empty line added: the content has no header");
    }
    return decisions;
  }

  private static boolean addsDate(Submission about, HeaderScan seen) {
    return about.addsMissingHeaders() && !seen.hasDate();
  }

  private static boolean addsMessageId(Submission about, HeaderScan seen) {
    return about.addsMissingHeaders() && !seen.hasMessageId();
  }

  /// The Message-ID of a mail that had none: the queue id is unique for ever; the host name makes
  /// it so for the world.
  private static String messageId(QueueId id, Submission about) {
    return "<" + id + '@' + about.hostname() + '>';
  }

  /// The Message-ID under which the mail goes on, its own or the one that it gets here; empty if it
  /// stays without.
  static String messageId(QueueId id, Submission about, HeaderScan seen) {
    return addsMessageId(about, seen) ? messageId(id, about) : seen.messageId();
  }

  private static void received(StringBuilder text, QueueId id, Submission about, String date) {
    text.append("Received: ");
    if (!about.client().hideAddress()) {
      from(text, about.source().hello(), about.source().address());
    }
    text.append("by ").append(about.hostname()).append(" (Poststation");
    if (about.hop()) {
      text.append(", ").append(ExchangeHop.mark(about.client()));
    }
    text.append(") with ");
    text.append(about.source().protocol());
    tls(text, about.tls());
    text.append("\r\n\tid ").append(id);
    // The other recipients need not know: `for` only where there is one (RFC 5321 7.6).
    if (about.recipients().size() == 1) {
      forRecipient(text, about.recipients().getFirst().address());
    }
    if (about.priority() != Priority.NORMAL) {
      text.append("\r\n\tpriority ").append(about.priority()); // RFC 6710: what MAIL said.
    }
    text.append(";\r\n\t").append(date).append("\r\n");
  }

  private static void from(StringBuilder text, String hello, String address) {
    text.append("from ");
    appendHello(text, hello);
    text.append(" ([");
    if (address.indexOf(':') >= 0) {
      text.append("IPv6:"); // RFC 5321 4.1.3
    }
    text.append(address).append("])\r\n\t");
  }

  /// The name is what the client likes to be called; only what a domain or address literal is made
  /// of comes through.
  private static void appendHello(StringBuilder text, String hello) {
    if (hello.isEmpty()) {
      text.append("unknown");
    }
    int shown = Math.min(hello.length(), NAME_MAX);
    for (int i = 0; i < shown; i++) {
      char c = hello.charAt(i);
      text.append(harmless(c) ? c : '?');
    }
  }

  private static boolean harmless(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || "-._:[]".indexOf(c) >= 0;
  }

  private static void tls(StringBuilder text, @Nullable TlsFacts tls) {
    if (tls != null) {
      text.append("\r\n\t(using ").append(tls.protocol()).append(" with cipher ");
      text.append(tls.cipher()).append(')');
    }
  }

  private static void forRecipient(StringBuilder text, Address to) {
    String whom = forWhom(to);
    if (!whom.isEmpty()) {
      text.append("\r\n\t").append(whom);
    }
  }

  /// `for` with the address; empty for one that cannot stand in a header.
  static String forWhom(Address to) {
    String address = spelled(to);
    for (int i = 0; i < address.length(); i++) {
      if (address.charAt(i) < ' ' || address.charAt(i) == 127) {
        return "";
      }
    }
    return "for <" + address + ">";
  }

  /// An international domain alone stands here as A-labels: a mail to it may go on without
  /// SMTPUTF8, and our own field must not be what stops it. An international local part needs
  /// SMTPUTF8 anyway (RFC 6531 3.7.3).
  private static String spelled(Address to) {
    String address = to.toString();
    if (!to.isInternational() || new Address(to.local(), "").isInternational()) {
      return address;
    }
    return DomainName.ascii(to.domain()).map(it -> to.local() + "@" + it).orElse(address);
  }
}
