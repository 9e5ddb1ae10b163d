package dev.poststation.config;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What is demanded of TLS towards a next hop: `tls` of a connector and the keys beside it.
/// Immutable.
///
/// @param level how much
/// @param pins with `pinned`: the certificates or keys of which one must be there, as `sha256:` and
///   64 hexadecimal digits
/// @param protocols what `tls-min` leaves, newest first, as JSSE calls it
/// @param name sent as SNI, and looked for in certificates; null: the name of the host
/// @param certificate shown to next hops that ask for one; null: none
/// @param source where the level comes from, for people: `tls of connector provider`
/// @param usual whether they are those of the connector, not those for some of its destinations
public record TlsTerms(
    Connector.Tls level,
    List<String> pins,
    List<String> protocols,
    @Nullable String name,
    @Nullable CertificateFiles certificate,
    String source,
    boolean usual) {
  /// All that is offered to next hops.
  public static final List<String> PROTOCOLS = List.of("TLSv1.3", "TLSv1.2");

  public TlsTerms {
    pins = List.copyOf(pins);
    protocols = List.copyOf(protocols);
  }

  /// A level with nothing beside it.
  public static TlsTerms of(Connector.Tls level, String source) {
    return new TlsTerms(level, List.of(), PROTOCOLS, null, null, source, true);
  }

  /// Whether a mail may go in clear where TLS is not to be had.
  public boolean mayBeInClear() {
    return level == Connector.Tls.OPPORTUNISTIC;
  }

  /// The versions to offer, newest first, as JSSE calls them: all where TLS 1.2 takes the place of
  /// clear text.
  public List<String> offered() {
    return mayBeInClear() ? PROTOCOLS : protocols;
  }

  /// The same with another level.
  public TlsTerms at(Connector.Tls other, String why) {
    return new TlsTerms(other, pins, protocols, name, certificate, why, usual);
  }

  /// The same with another name.
  public TlsTerms named(String host) {
    return new TlsTerms(level, pins, protocols, host, certificate, source, usual);
  }

  /// As the configuration has the level.
  public String word() {
    return Kinds.word(level);
  }

  /// What makes connections under these terms different from others: `verify`,
  /// `pinned-0123456789abcdef`.
  String label() {
    String special = special();
    return special.isEmpty() ? word() : word() + "-" + digest(special);
  }

  private String special() {
    boolean plain = pins.isEmpty() && protocols.equals(PROTOCOLS) && name == null;
    return plain ? "" : String.join(",", pins) + protocols + name;
  }

  private static String digest(String text) {
    return "%08x".formatted(text.hashCode());
  }
}
