package dev.poststation.tlsrpt;

import dev.poststation.smtp.Address;
import dev.poststation.smtp.AddressParser;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/// Where a domain wants to have its reports: the record at `_smtp._tls.DOMAIN` (RFC 8460 3).
/// Immutable.
///
/// @param mail mailboxes
/// @param sites of HTTPS, to which reports are posted
public record ReportAddresses(List<Address> mail, List<URI> sites) {
  /// More of them, of both kinds, are not heard.
  static final int MOST = 4;

  private static final int LENGTH_MAX = 1000;

  private static final Pattern FORM =
      Pattern.compile(
          "v=TLSRPTv1[ \t]*;(?<fields>.*)", Pattern.DOTALL); // The case counts (RFC 8460 3).

  public ReportAddresses {
    mail = List.copyOf(mail);
    sites = List.copyOf(sites);
  }

  /// Those of a domain; empty: it wants none, or says so in a way that nobody can understand.
  ///
  /// @param texts all that the name has
  public static Optional<ReportAddresses> of(List<String> texts) {
    var records = texts.stream().map(FORM::matcher).filter(each -> each.matches()).toList();
    if (records.size() != 1) {
      return Optional.empty(); // RFC 8460 3: several are none.
    }
    for (String field : records.getFirst().group("fields").split(";", -1)) {
      int equals = field.indexOf('=');
      if (equals > 0 && field.substring(0, equals).strip().equals("rua")) {
        var found = read(field.substring(equals + 1));
        return found.mail.isEmpty() && found.sites.isEmpty()
            ? Optional.empty()
            : Optional.of(found);
      }
    }
    return Optional.empty();
  }

  private static ReportAddresses read(String list) {
    List<Address> mail = new ArrayList<>();
    List<URI> sites = new ArrayList<>();
    for (String each : list.split(",", -1)) {
      String text = each.strip();
      if (mail.size() + sites.size() == MOST) {
        break;
      }
      String scheme = text.substring(0, Math.max(0, text.indexOf(':'))).toLowerCase(Locale.ROOT);
      switch (scheme) {
        case "mailto" -> mailbox(text).filter(it -> !mail.contains(it)).ifPresent(mail::add);
        case "https" -> site(text).filter(it -> !sites.contains(it)).ifPresent(sites::add);
        default -> {} // RFC 8460 3: others are for later.
      }
    }
    return new ReportAddresses(mail, sites);
  }

  /// One that stands in a word: what has spaces or commas in quotes is nobody's for reports.
  private static Optional<Address> mailbox(String uri) {
    String rest = uri.substring("mailto:".length());
    int question = rest.indexOf('?');
    String encoded = question < 0 ? rest : rest.substring(0, question);
    try {
      String text = URLDecoder.decode(encoded.replace("+", "%2B"), StandardCharsets.UTF_8);
      return AddressParser.parse(text)
          .filter(it -> !it.isNull() && !it.domain().isEmpty() && !it.isInternational())
          .filter(_ -> text.matches("[^\\s,\"]+"));
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }

  private static Optional<URI> site(String text) {
    try {
      var uri = new URI(text).parseServerAuthority();
      boolean plain =
          uri.getHost() != null
              && uri.getRawUserInfo() == null
              && uri.getRawFragment() == null
              && text.length() <= LENGTH_MAX
              && text.chars().allMatch(c -> c > ' ' && c < 127);
      return plain ? Optional.of(uri) : Optional.empty();
    } catch (URISyntaxException _) {
      return Optional.empty();
    }
  }

  /// In one line, for people.
  @Override
  public String toString() {
    List<String> all = new ArrayList<>();
    mail.forEach(each -> all.add("mailto:" + each));
    sites.forEach(each -> all.add(each.toString()));
    return String.join(", ", all);
  }
}
