package dev.poststation.config;

import dev.poststation.smtp.Address;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// `tls-reports`: that domains are told daily what TLS to their mail exchangers was like (RFC
/// 8460). Immutable.
///
/// @param from of the mail with a report; its domain stands behind the report
/// @param organization who reports
/// @param contact whom to ask about a report
/// @param authorities who vouches for the sites that take reports; null: those of the machine
/// @param origin where it stands
public record TlsReportSettings(
    Address from, String organization, String contact, @Nullable Path authorities, Origin origin) {
  static Optional<TlsReportSettings> read(Section in) {
    return in.optionalSection(
        "tls-reports",
        """
        Reports to other domains (TLS-RPT, RFC 8460): those that ask for them get one each day about
        the sessions with their mail exchangers of the day before, whether TLS worked and what was
        wrong. When this is not written, nothing is counted and nobody gets one. See
        docs/manual/tls.md#telling-others.
        """,
        TlsReportSettings::section);
  }

  private static TlsReportSettings section(Section in) {
    Address from =
        in.required(
            "from",
            ClientKinds.ADDRESS,
            new Address("?", "invalid"),
            "tls-reports@example.com",
            """
            From of the mail with a report. Its domain is the one that reports. The sender in the
            envelope is the null one, so that nothing comes back.
            """);
    String organization =
        in.read(
            "organization",
            Kinds.TEXT,
            Standard.computed(
                from.domain(), from.domain(), "the domain of `from`", "Example Ltd., Berlin"),
            """
            Who reports, in words.
            """);
    Address contact =
        in.read(
            "contact",
            ClientKinds.ADDRESS,
            Standard.computed(from, from.toString(), "as `from`", "postmaster@example.com"),
            """
            Whom to ask about a report: an address that somebody reads.
            """);
    Optional<Path> authorities =
        in.optional(
            "authorities",
            in.file(),
            Standard.none("those of the machine", "/etc/poststation/report-ca.pem"),
            """
            A PEM file with the authorities that vouch for the certificates of sites that take
            reports (`rua=https:…`), and no others do: for tests, and networks of your own.
            """);
    CertificateFiles.check(in, "authorities", authorities.orElse(Path.of("?")));
    return new TlsReportSettings(
        from, organization, contact.toString(), authorities.orElse(null), in.origin());
  }
}
