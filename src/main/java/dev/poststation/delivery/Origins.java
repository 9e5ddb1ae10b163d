package dev.poststation.delivery;

import static dev.poststation.smtp.Capabilities.Extension.XFORWARD;

import dev.poststation.message.Envelope;
import dev.poststation.smtp.Capabilities;
import dev.poststation.smtp.Xtext;
import java.util.ArrayList;
import java.util.List;

/// Tells a filter from whom a mail came to us (XFORWARD, as Postfix documents it), for it to tell
/// us when it hands the mail back. Pure functions.
final class Origins {
  private static final String UNKNOWN = "[UNAVAILABLE]";

  /// Attributes have 255 characters at most.
  private static final int VALUE_MAX = 255;

  private Origins() {}

  /// The command for a mail: what the filter knows of, which fits into the 512 octets of one (RFC
  /// 5321 4.5.3.1.4). Empty where it offers nothing of it.
  static String command(Envelope envelope, Capabilities can) {
    var source = envelope.source();
    List<String> said = new ArrayList<>();
    for (String attribute : can.offers(XFORWARD) ? can.forwards() : List.<String>of()) {
      switch (attribute) {
        case "NAME", "PORT" -> said.add(attribute + "=" + UNKNOWN);
        case "ADDR" -> said.add("ADDR=" + address(source.address()));
        case "PROTO" -> said.add("PROTO=" + protocol(source.protocol()));
        case "HELO" -> said.add("HELO=" + value(source.hello()));
        case "IDENT" -> said.add("IDENT=" + value(envelope.id().toString()));
        case "SOURCE" -> said.add("SOURCE=" + (source.address().isEmpty() ? "LOCAL" : "REMOTE"));
        default -> {} // One that nobody has told us of.
      }
    }
    return said.isEmpty() ? "" : "XFORWARD " + String.join(" ", said);
  }

  private static String address(String text) {
    return text.isEmpty() ? UNKNOWN : text.indexOf(':') < 0 ? text : "IPV6:" + text;
  }

  /// Of the words for Received (RFC 3848) it knows two.
  private static String protocol(String with) {
    return with.isEmpty() ? UNKNOWN : with.startsWith("SMTP") ? "SMTP" : "ESMTP";
  }

  private static String value(String text) {
    String encoded = text.isEmpty() ? UNKNOWN : Xtext.encode(text);
    return encoded.length() > VALUE_MAX ? UNKNOWN : encoded;
  }
}
