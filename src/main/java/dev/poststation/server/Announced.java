package dev.poststation.server;

import dev.poststation.dns.NumericAddress;
import dev.poststation.os.IpText;
import dev.poststation.smtp.Command;
import dev.poststation.smtp.Command.Attribute;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What a proxy said of a client by XCLIENT or XFORWARD, all commands together. Immutable.
///
/// @param by who said it
/// @param xclient whether it was XCLIENT
/// @param said an empty text where the proxy does not know
record Announced(InetAddress by, boolean xclient, Map<Attribute, String> said) {
  private static final String IPV6 = "IPV6:";

  /// Nothing yet.
  static Announced nothing(InetAddress by, boolean xclient) {
    return new Announced(by, xclient, Map.of());
  }

  /// With what a command says besides; empty when that makes no sense.
  Optional<Announced> with(Command.Forwarded command) {
    var all = new EnumMap<Attribute, String>(Attribute.class);
    all.putAll(said);
    all.putAll(command.said());
    boolean sensible =
        has(all, Attribute.ADDR, text -> address(text).isPresent())
            && has(all, Attribute.DESTADDR, text -> address(text).isPresent())
            && has(all, Attribute.PORT, Announced::isPort)
            && has(all, Attribute.DESTPORT, Announced::isPort)
            && (!xclient || has(all, Attribute.PROTO, text -> text.matches("(?i)E?SMTP")));
    return sensible
        ? Optional.of(new Announced(by, xclient, Collections.unmodifiableMap(all)))
        : Optional.empty();
  }

  /// Without what must be said anew with each XCLIENT, and after STARTTLS: what the client said,
  /// and who it logged in as.
  Announced lasting() {
    var all = new EnumMap<Attribute, String>(Attribute.class);
    all.putAll(said);
    all.keySet().removeAll(Set.of(Attribute.PROTO, Attribute.HELO, Attribute.LOGIN));
    return new Announced(by, xclient, Collections.unmodifiableMap(all));
  }

  private interface Sense {
    boolean of(String text);
  }

  private static boolean has(Map<Attribute, String> all, Attribute attribute, Sense sense) {
    String text = all.getOrDefault(attribute, "");
    return text.isEmpty() || sense.of(text);
  }

  private static boolean isPort(String text) {
    return text.matches("[0-9]{1,5}") && Integer.parseInt(text) <= 0xffff;
  }

  private static Optional<InetAddress> address(String text) {
    boolean six = text.regionMatches(true, 0, IPV6, 0, IPV6.length());
    String literal = six ? text.substring(IPV6.length()) : text;
    return literal.startsWith("[") || literal.indexOf('%') >= 0
        ? Optional.empty()
        : NumericAddress.parse(literal);
  }

  /// The client's address, and that of the one before where nothing was said of it; one that no
  /// rule matches where the proxy does not know.
  InetSocketAddress address(InetSocketAddress before) {
    String address = said.get(Attribute.ADDR);
    String port = text(Attribute.PORT);
    var host =
        address == null
            ? before.getAddress()
            : address(address).orElse(ProxyHeader.UNKNOWN.getAddress());
    int number = said.containsKey(Attribute.PORT) || address != null ? 0 : before.getPort();
    return new InetSocketAddress(host, port.isEmpty() ? number : Integer.parseInt(port));
  }

  /// What was said of it; empty when nothing was.
  String text(Attribute attribute) {
    return said.getOrDefault(attribute, "");
  }

  /// What the client said in EHLO or HELO, if the proxy said so.
  Optional<Command.Hello> hello() {
    String name = text(Attribute.HELO);
    boolean extended = text(Attribute.PROTO).equalsIgnoreCase("ESMTP");
    return name.isEmpty() ? Optional.empty() : Optional.of(new Command.Hello(extended, name));
  }

  /// For the trace.
  String sentence() {
    var text = new StringBuilder(xclient ? "XCLIENT of " : "XFORWARD of ");
    text.append(IpText.of(by)).append(" says:");
    said.forEach(
        (attribute, value) ->
            text.append(' ')
                .append(attribute.name().toLowerCase(Locale.ROOT))
                .append('=')
                .append(value.isEmpty() ? "unknown" : value));
    return text.toString();
  }
}
