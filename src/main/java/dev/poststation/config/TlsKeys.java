package dev.poststation.config;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Reads what a connector demands of TLS.
final class TlsKeys {
  private static final String PIN =
      "write, for example, pin = [\"sha256:…\"]; poststation trace shows the fingerprints of the"
          + " certificate that a host has";

  /// The words for levels; those of listeners are understood too.
  private static final Kind<Connector.Tls> LEVEL = level();

  /// The oldest version to speak, as all that are spoken then.
  private static final Kind<List<String>> VERSION =
      new Kind<>("one of `1.2`, `1.3`", Kind.Form.NUMBER, (text, _) -> versions(text));

  /// A domain, or all that are below one.
  private static final Kind<String> DOMAIN =
      new Kind<>("domain or .domain", Kind.Form.QUOTED, (text, _) -> domain(text));

  /// What stands beside `tls`.
  private record Beside(List<String> pins, Optional<List<String>> least, Optional<String> name) {
    TlsTerms terms(
        Connector.Tls level, @Nullable CertificateFiles certificate, String source, boolean usual) {
      var protocols = least.orElse(TlsTerms.PROTOCOLS);
      return new TlsTerms(level, pins, protocols, name.orElse(null), certificate, source, usual);
    }
  }

  private TlsKeys() {}

  private static Kind<Connector.Tls> level() {
    var choice = Kinds.choice(Connector.Tls.class);
    return new Kind<>(
        choice.name(),
        choice.form(),
        (text, origin) ->
            switch (text) {
              case "none" -> Parsed.good(Connector.Tls.OFF);
              case "offered" -> Parsed.good(Connector.Tls.OPPORTUNISTIC);
              default -> choice.read(text, origin);
            });
  }

  private static Parsed<List<String>> versions(String text) {
    return switch (text.strip()) {
      case "1.2" -> Parsed.good(TlsTerms.PROTOCOLS);
      case "1.3" -> Parsed.good(TlsTerms.PROTOCOLS.subList(0, 1));
      default ->
          Parsed.bad(
              "is no version that is spoken to next hops",
              "write 1.2 or 1.3, or leave the key out");
    };
  }

  private static Parsed<String> domain(String text) {
    String name = text.startsWith(".") ? text.substring(1) : text;
    return Names.isDomain(name)
        ? Parsed.good(text)
        : Parsed.bad("is no domain", "write example.com, or .example.com for all that is below it");
  }

  /// The terms of the connector.
  static TlsTerms read(Section in) {
    boolean auth = in.has("auth");
    Connector.Tls level =
        in.read(
            "tls",
            LEVEL,
            Standard.computed(
                auth ? Connector.Tls.VERIFY : Connector.Tls.OPPORTUNISTIC,
                auth ? "verify" : "opportunistic",
                "`verify` with `auth`, else `opportunistic`",
                "verify"),
            """
            TLS towards the next hop: `off`; `opportunistic` (when offered, with any certificate, and
            in clear on a new connection when it fails, also when a reply was smuggled in before it:
            RFC 7435); `required` (encrypted, with any certificate); `verify` (encrypted, with a
            certificate that is valid for the host); `pinned` (encrypted, with a certificate that
            `pin` names); `dane` (as the DNS says by TLSA records that DNSSEC vouches for, RFC 7672;
            else as `opportunistic`); `mta-sts` (as the domain's policy says, RFC 8461; without one as
            `opportunistic`); `dane-or-sts` (`dane` for hosts that have such records, else `mta-sts`).
            Mail that cannot be sent as asked for waits. `none` and `offered` are other words for the
            first two.
            """);
    var beside = beside(in, level);
    var certificate = certificate(in);
    return beside.terms(level, certificate.orElse(null), "tls of connector " + in.name(), true);
  }

  private static Beside beside(Section in, Connector.Tls level) {
    List<String> pins =
        in.list(
            "pin",
            ClientKinds.CERTIFICATE,
            Standard.emptyList(
                "none; with `tls = pinned` at least one",
                "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"),
            """
            SHA-256 hashes, of which one must be that of the next hop's certificate, or of its public
            key (SubjectPublicKeyInfo): then neither name nor date matter. Or that of an authority
            which the next hop shows with its certificate, or of that one's key: then the certificate
            must come from it, be valid now, and carry the name of the host. With two, one can be
            changed without a break.
            """);
    Optional<List<String>> least =
        in.optional(
            "tls-min",
            VERSION,
            Standard.none("1.2", "1.3"),
            """
            The oldest version of TLS that is spoken, where mail may not go in clear: elsewhere, also
            where `dane` or `mta-sts` find nothing, an old version is better than none.
            """);
    Optional<String> name =
        in.optional(
            "tls-name",
            Kinds.HOSTNAME,
            Standard.none("the name of the host", "mail.partner.example"),
            """
            The name that is sent as SNI and must stand in the certificate, where that is not the one
            in `hosts`: for a host that is written as an address, or behind a tunnel.
            """);
    if (!in.reading().documenting()) {
      check(in, level, pins, least);
    }
    return new Beside(pins, least, name);
  }

  private static void check(
      Section in, Connector.Tls level, List<String> pins, Optional<List<String>> least) {
    if (level == Connector.Tls.PINNED && pins.isEmpty() && !in.refused("pin")) {
      in.error("tls", in.where() + " has tls = pinned, but no pin", PIN);
    }
    if (level != Connector.Tls.PINNED && in.has("pin") && !in.refused("tls")) {
      in.warning(
          "pin",
          in.path("pin") + " is of no effect with tls = " + Kinds.word(level),
          "write tls = pinned, or remove it");
    }
    if (level == Connector.Tls.OFF) {
      for (String key : List.of("tls-min", "tls-name", "certificate", "tls-for")) {
        if (in.has(key)) {
          in.warning(
              key, in.path(key) + " is of no effect with tls = off", "remove it, or change tls");
        }
      }
    } else if (level == Connector.Tls.OPPORTUNISTIC && least.isPresent()) {
      in.warning(
          "tls-min",
          in.path("tls-min")
              + " is of no effect with tls = opportunistic: TLS 1.2 is better than mail in clear",
          "write tls = required, or remove it");
    }
  }

  private static Optional<CertificateFiles> certificate(Section in) {
    return in.optionalSection(
            "certificate",
            """
            The certificate by which this relay shows a next hop who it is, when that asks for one:
            for `mechanism = external`, and for hybrids of Exchange.
            """,
            CertificateFiles::read)
        .flatMap(read -> read);
  }

  /// Exceptions for domains.
  ///
  /// @param terms those of the connector
  static List<TlsFor> exceptions(Section in, Connector.Type type, TlsTerms terms) {
    List<TlsFor> exceptions =
        in.entries(
            "tls-for",
            "",
            "none",
            """
            With `type = mx`: other terms for the mail exchangers of some domains, as `tls-for = [ {
            to = ["partner.example"], tls = verify } ]`. The first entry that is for a domain holds
            for it, and takes the place of `tls`, `pin`, `tls-min` and `tls-name` of the connector.
            """,
            section -> exception(section, in, terms));
    if (in.has("tls-for") && type == Connector.Type.SMARTHOST && !in.refused("type")) {
      in.warning(
          "tls-for",
          in.path("tls-for")
              + " is of no effect with type = smarthost, whose hosts are the same for all domains",
          "write tls, or a connector of its own for that domain and a route to it");
    }
    return exceptions;
  }

  private static TlsFor exception(Section in, Section connector, TlsTerms terms) {
    List<String> to =
        in.list(
            "to",
            DOMAIN,
            Standard.emptyList("none; there must be one", "partner.example"),
            """
            The domains of recipients that it is for: `example.com`, or `.example.com` for all that
            are below it.
            """);
    Connector.Tls level =
        in.required(
            "tls",
            LEVEL,
            Connector.Tls.VERIFY,
            "verify",
            """
            As `tls` of the connector.
            """);
    var beside = beside(in, level);
    if (to.isEmpty() && !in.refused("to") && !in.reading().documenting()) {
      in.error("to", in.where() + " has no to", "write, for example, to = [\"partner.example\"]");
    }
    String source = "tls-for " + String.join(" ", to) + " of connector " + connector.name();
    return new TlsFor(to, beside.terms(level, terms.certificate(), source, false), in.origin());
  }
}
