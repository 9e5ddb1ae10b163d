package dev.poststation.dkim;

import dev.poststation.dns.DomainName;
import dev.poststation.dns.Resolver;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/// Whether the domain of an author has signed a field of his mail (DKIM). Safe for any thread; asks
/// the DNS.
///
/// @param late whether no time is left to ask for one more key
public record Vouching(Resolver resolver, Instant now, BooleanSupplier late) {
  /// Why it has not, a clause; empty: a good signature of the very domain has the field in its
  /// `h=`. Without that anybody may have put it into a mail that is signed.
  ///
  /// @param header all fields of the mail, with CRLF, without the empty line
  /// @param domain of the author
  /// @param field its name, in lower case; the mail has one of it
  /// @throws IOException when the body cannot be read
  public Optional<String> objection(byte[] header, Octets body, String domain, String field)
      throws IOException {
    String whose = ascii(domain);
    String why = "no signature (DKIM) is of " + whose;
    for (var verdict : new Verifier(header, body, resolver, now, late).signatures()) {
      if (!ascii(verdict.tags().packed("d")).equals(whose)) {
        continue;
      }
      boolean has =
          List.of(verdict.tags().packed("h").toLowerCase(Locale.ROOT).split(":")).contains(field);
      if (has && verdict.result() == Verifier.Result.PASS) {
        return Optional.empty();
      }
      why =
          has
              ? "the signature (DKIM) of " + whose + " is not good: " + verdict.why()
              : "the signature (DKIM) of " + whose + " is not of it";
    }
    return Optional.of(why);
  }

  private static String ascii(String domain) {
    String lower = domain.toLowerCase(Locale.ROOT);
    return DomainName.ascii(lower).orElse(lower);
  }
}
