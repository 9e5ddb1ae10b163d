package dev.poststation.config;

import dev.poststation.os.Disk;
import dev.poststation.os.FileFault;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.AddressParser;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import javax.security.auth.x500.X500Principal;

/// The kinds of values that only `clients` knows.
final class ClientKinds {
  private static final Pattern FINGERPRINT =
      Pattern.compile("(?:sha256(?::| fingerprint *= *))?([0-9a-f]{2}(?::?[0-9a-f]{2}){31})");

  static final Kind<Rate> RATE = new Kind<>("rate", Kind.Form.QUOTED, (text, _) -> Rate.read(text));

  static final Kind<Hours> HOURS =
      new Kind<>("hours", Kind.Form.QUOTED, (text, _) -> Hours.read(text));

  static final Kind<LocalDate> DATE = new Kind<>("date", Kind.Form.QUOTED, (text, _) -> date(text));

  static final Kind<String> SENDER =
      new Kind<>(
          "`any`, `own` or address pattern",
          Kind.Form.WORD,
          (text, _) ->
              text.equals("any") || text.equals("own") ? Parsed.good(text) : Names.pattern(text));

  static final Kind<Address> ADDRESS =
      new Kind<>("mail address", Kind.Form.QUOTED, (text, _) -> address(text));

  static final Kind<String> RECIPIENT =
      new Kind<>("`any` or address pattern", Kind.Form.WORD, (text, _) -> recipient(text));

  /// A certificate by the hash of its octets, as `openssl x509 -fingerprint -sha256` shows it.
  static final Kind<String> CERTIFICATE =
      new Kind<>("fingerprint", Kind.Form.QUOTED, (text, _) -> fingerprint(text));

  static final Kind<X500Principal> SUBJECT =
      new Kind<>("distinguished name", Kind.Form.QUOTED, (text, _) -> subject(text));

  static final Kind<String> DNS_NAME =
      new Kind<>("host name", Kind.Form.QUOTED, (text, _) -> dnsName(text));

  static final Kind<String> REVERSE =
      new Kind<>("host name or `.domain`", Kind.Form.QUOTED, (text, _) -> reverse(text));

  static final Kind<String> USER =
      new Kind<>("user name or `*`", Kind.Form.QUOTED, (text, _) -> user(text));

  private ClientKinds() {}

  private static Parsed<LocalDate> date(String text) {
    try {
      return Parsed.good(LocalDate.parse(text));
    } catch (DateTimeParseException _) {
      return Parsed.bad("is no date", "write YEAR-MONTH-DAY, as in \"2027-12-31\"");
    }
  }

  private static Parsed<Address> address(String text) {
    return AddressParser.parse(text)
        .filter(address -> !address.domain().isEmpty() && !address.isInternational())
        .map(Parsed::good)
        .orElseGet(
            () ->
                Parsed.bad(
                    "is no mail address in ASCII", "write one like \"noreply@example.com\""));
  }

  private static Parsed<String> recipient(String text) {
    if (text.equals("any")) {
      return Parsed.good(text);
    }
    return text.equals("<>") ? Parsed.bad("is no recipient", "remove it") : Names.pattern(text);
  }

  private static Parsed<String> fingerprint(String text) {
    var parts = FINGERPRINT.matcher(text.strip().toLowerCase(Locale.ROOT));
    return parts.matches()
        ? Parsed.good("sha256:" + parts.group(1).replace(":", ""))
        : Parsed.bad(
            "is no fingerprint",
            "write what openssl x509 -noout -fingerprint -sha256 prints, 64 hexadecimal digits");
  }

  private static Parsed<X500Principal> subject(String text) {
    try {
      return Parsed.good(new X500Principal(text));
    } catch (IllegalArgumentException _) {
      return Parsed.bad(
          "is no distinguished name", "write one like \"CN=mail.partner.example,O=Partner\"");
    }
  }

  /// The certificates of a PEM file; empty when there are none, which is told.
  static List<X509Certificate> authorities(Section in, Path file) {
    try {
      var found = certificates(file, in.reading().os().disk());
      if (found.isEmpty()) {
        in.error("ca", "file " + file + " has no certificate", "name a file in PEM format");
      }
      return found;
    } catch (CertificateException _) {
      in.error("ca", "file " + file + " has no certificate", "name a file in PEM format");
    } catch (NoSuchFileException _) {
      in.error("ca", "file " + file + " does not exist", "name a file in PEM format");
    } catch (IOException e) {
      in.error(
          "ca",
          "file " + file + " cannot be read: " + FileFault.why(e),
          FileFault.remedy(e, "name another one"));
    }
    return List.of();
  }

  /// All those of a file, PEM or DER.
  static List<X509Certificate> certificates(Path file, Disk disk)
      throws IOException, CertificateException {
    var octets = new ByteArrayInputStream(disk.read(file));
    return CertificateFactory.getInstance("X.509").generateCertificates(octets).stream()
        .map(X509Certificate.class::cast)
        .toList();
  }

  private static Parsed<String> dnsName(String text) {
    if (Addresses.numeric(text).isPresent()) {
      return Parsed.bad("is an address, no name", "write it in networks");
    }
    return text.contains(".") && Names.isDomain(text)
        ? Parsed.good(text.toLowerCase(Locale.ROOT))
        : Parsed.bad("is no full name", "write one like \"branch.dyn.example.net\"");
  }

  private static Parsed<String> reverse(String text) {
    String name = text.startsWith(".") ? text.substring(1) : text;
    if (text.contains("*")) {
      return Parsed.bad("has a wildcard", "write .domain for all that is below it");
    }
    // All that is below a top-level domain is a good part of the Internet.
    return name.contains(".") && Names.isDomain(name)
        ? Parsed.good(text.toLowerCase(Locale.ROOT))
        : Parsed.bad("is no full name", "write one like \"mail.example.net\" or \".example.net\"");
  }

  private static Parsed<String> user(String text) {
    if (text.isBlank()) {
      return Parsed.bad("is empty", "write a user's name, or * for all of them");
    }
    return text.contains("*") && !text.equals("*")
        ? Parsed.bad("has a wildcard", "write names, or * alone for all users")
        : Parsed.good(text);
  }
}
