package dev.poststation.bounce;

import dev.poststation.dns.NumericAddress;
import dev.poststation.message.MailDate;
import dev.poststation.message.Outcome;
import dev.poststation.message.Recipient;
import dev.poststation.os.IpText;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.Reply;
import dev.poststation.smtp.Xtext;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/// The part that programs read: message/delivery-status (RFC 3464), or
/// message/global-delivery-status (RFC 6533). Confined to one thread.
final class StatusPart {
  private static final int WIDTH = 76;
  private static final String FOLD = "    ";
  private static final int VALUE_MAX = 2000;

  private static final int ASCII_MAX = 960;

  /// Four octets a character at worst.
  private static final int GLOBAL_MAX = ASCII_MAX / 4;

  /// RFC 1035 2.3.4.
  private static final int HOST_MAX = 255;

  private static final Pattern PORT = Pattern.compile(":[0-9]+$");

  private final StringBuilder out = new StringBuilder(1000);
  private final NoticeRequest request;
  private final boolean global;

  /// @param global whether UTF-8 may stand in it; else it is all ASCII
  private StatusPart(NoticeRequest request, boolean global) {
    this.request = request;
    this.global = global;
  }

  /// The body of the part.
  static String of(NoticeRequest request, String hostname, boolean global) {
    var part = new StatusPart(request, global);
    part.message(hostname);
    for (var told : request.recipients()) {
      part.out.append("\r\n");
      part.recipient(told);
    }
    return part.out.toString();
  }

  /// RFC 3464 2.2.
  private void message(String hostname) {
    var envelope = request.about().envelope();
    field("Reporting-MTA", "dns; " + hostname);
    var envid = envelope.envid();
    if (envid != null) {
      Xtext.decode(envid)
          .filter(id -> !id.isBlank())
          .ifPresent(id -> exact("Original-Envelope-Id", id));
    }
    field("Arrival-Date", MailDate.at(envelope.arrived()));
    var release = envelope.release();
    if (release != null) {
      field("Future-Release-Request", release.request()); // RFC 4865 4.3
    }
    var deadline = envelope.deadline();
    if (deadline != null) {
      field("Deliver-By-Date", MailDate.at(deadline.at())); // RFC 2852 5
    }
    field("X-Poststation-Queue-ID", request.about().id().toString());
  }

  /// RFC 3464 2.3.
  private void recipient(NoticeRequest.Told told) {
    originalRecipient(told.recipient()).ifPresent(value -> exact("Original-Recipient", value));
    exact("Final-Recipient", typed(told.recipient().address()));
    field("Action", action(request.kind()));
    field("Status", told.outcome().status().toString());
    var host = host(told.relay());
    if (!host.isEmpty()) {
      field("Remote-MTA", "dns; " + host);
    }
    field("Diagnostic-Code", diagnostic(told.outcome()));
    field("Last-Attempt-Date", MailDate.at(request.when()));
    Instant until = request.retryUntil();
    if (until != null && request.kind() == NoticeRequest.Kind.DELAYED) {
      field("Will-Retry-Until", MailDate.at(until));
    }
  }

  private static String action(NoticeRequest.Kind kind) {
    return switch (kind) {
      case FAILED, EXPIRED -> "failed";
      case DELAYED -> "delayed";
      case RELAYED -> "relayed";
    };
  }

  /// Decoded from ORCPT (RFC 3461 4.2, RFC 6533 3); empty when there was none that can be decoded.
  private Optional<String> originalRecipient(Recipient recipient) {
    var orcpt = recipient.orcpt();
    int semicolon = orcpt == null ? -1 : orcpt.indexOf(';');
    if (orcpt == null || semicolon < 1) {
      return Optional.empty();
    }
    var type = orcpt.substring(0, semicolon).toLowerCase(Locale.ROOT);
    var value = orcpt.substring(semicolon + 1);
    if (type.equals("utf-8")) {
      return Xtext.decodeUtf8Address(value).map(this::utf8);
    }
    return Xtext.decode(value).map(address -> type + "; " + address);
  }

  private String typed(Address address) {
    return address.isInternational() ? utf8(address.toString()) : "rfc822; " + address;
  }

  private String utf8(String address) {
    return "utf-8; " + (global ? address : Xtext.encodeUtf8Address(address));
  }

  /// Only what another mail system said may be called smtp (RFC 3464 2.3.6).
  private static String diagnostic(Outcome outcome) {
    var reply =
        switch (outcome) {
          case Outcome.Delivered delivered -> delivered.reply();
          case Outcome.Deferred deferred -> deferred.reply();
          case Outcome.Held _, Outcome.Discarded _ -> null;
          case Outcome.Bounced bounced -> bounced.reply();
        };
    return reply == null ? "x-poststation; " + outcome.text() : "smtp; " + oneLine(reply);
  }

  private static String oneLine(Reply reply) {
    var status = reply.status();
    return reply.code()
        + " "
        + (status == null ? "" : status + " ")
        + String.join(" ", reply.lines());
  }

  /// `mx1.example.com` of `mx1.example.com[192.0.2.1]:25`, on one line; an address as a literal
  /// (RFC 5321 4.1.3), for `dns` means names and literals; empty for `none`.
  static String host(String relay) {
    if (relay.equals("none")) {
      return "";
    }
    int bracket = relay.indexOf('[');
    int end = relay.indexOf(']');
    String host =
        bracket > 0
            ? relay.substring(0, bracket)
            : bracket == 0 && end > 0
                ? relay.substring(1, end)
                : PORT.matcher(relay).replaceFirst("");
    return NumericAddress.parse(host)
        .map(StatusPart::literal)
        .orElseGet(() -> Lines.plain(host, HOST_MAX));
  }

  private static String literal(InetAddress address) {
    return (address instanceof Inet6Address ? "[IPv6:" : "[") + IpText.of(address) + "]";
  }

  /// A field whose spaces matter: not folded.
  private void exact(String name, String value) {
    out.append(name)
        .append(": ")
        .append(clean(value, global ? GLOBAL_MAX : ASCII_MAX))
        .append("\r\n");
  }

  /// A field folded at spaces (RFC 5322 2.2.3).
  private void field(String name, String value) {
    var wrapped = new StringBuilder();
    Lines.wrap(wrapped, name + ": " + clean(value, VALUE_MAX), FOLD, WIDTH);
    out.append(wrapped, FOLD.length(), wrapped.length());
  }

  /// With nothing in it that could end the field.
  private String clean(String value, int most) {
    var plain = Lines.plain(value, most);
    return global ? plain : ascii(plain);
  }

  private static String ascii(String text) {
    var out = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      out.append(c < 127 ? c : '?');
    }
    return out.toString();
  }
}
