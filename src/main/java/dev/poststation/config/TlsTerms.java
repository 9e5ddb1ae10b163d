package dev.poststation.config;

import dev.poststation.smtp.TlsWish;
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
/// @param wish of the mail that goes under them
public record TlsTerms(
    Connector.Tls level,
    List<String> pins,
    List<String> protocols,
    @Nullable String name,
    @Nullable CertificateFiles certificate,
    String source,
    boolean usual,
    TlsWish wish) {
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

  /// The same with another certificate that is shown.
  public TlsTerms with(CertificateFiles shown) {
    return new TlsTerms(level, pins, protocols, name, shown, source, usual, wish);
  }

  /// Those for mail of which nothing is wished.
  public TlsTerms(
      Connector.Tls level,
      List<String> pins,
      List<String> protocols,
      @Nullable String name,
      @Nullable CertificateFiles certificate,
      String source,
      boolean usual) {
    this(level, pins, protocols, name, certificate, source, usual, TlsWish.NONE);
  }

  /// The same for mail of which this is wished (RFC 8689). What the administrator has written is
  /// never less for it: only what others publish can be waived.
  public TlsTerms wished(TlsWish by) {
    return switch (by) {
      case NONE -> this;
      case WAIVED ->
          level.asks()
              ? as(Connector.Tls.OPPORTUNISTIC, "TLS-Required: No", false, by)
              : as(level, source, usual, by);
      case REQUIRED ->
          switch (level) {
            case OFF, OPPORTUNISTIC, REQUIRED ->
                as(Connector.Tls.DANE_OR_STS, "REQUIRETLS", false, by);
            case VERIFY, PINNED, DANE, MTA_STS, DANE_OR_STS -> as(level, source, false, by);
          };
    };
  }

  private TlsTerms as(Connector.Tls other, String why, boolean asUsual, TlsWish by) {
    return new TlsTerms(other, pins, protocols, name, certificate, why, asUsual, by);
  }

  /// Whether mail goes only to hosts that are proven, and offer REQUIRETLS.
  public boolean strict() {
    return wish == TlsWish.REQUIRED;
  }

  /// Whether it depends on what the other side publishes. A pin is proof enough.
  public boolean asks() {
    return level.asks() || (strict() && level != Connector.Tls.PINNED);
  }

  /// Whether policies of domains count.
  public boolean asksSts() {
    return level.bySts() || (strict() && level != Connector.Tls.PINNED);
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
    return as(other, why, usual, wish);
  }

  /// The same with another name.
  public TlsTerms named(String host) {
    return new TlsTerms(level, pins, protocols, host, certificate, source, usual, wish);
  }

  /// As the configuration has the level.
  public String word() {
    return Kinds.word(level);
  }

  /// What makes connections under these terms different from others: `verify`,
  /// `pinned-0123456789abcdef`.
  String label() {
    String special = special();
    if (strict()) {
      String way = "requiretls-" + word();
      return special.isEmpty() ? way : way + "-" + digest(special);
    }
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
