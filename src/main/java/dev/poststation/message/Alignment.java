package dev.poststation.message;

import dev.poststation.dns.DomainName;
import dev.poststation.smtp.Organisation;
import java.util.Locale;

/// Whether the sender of the envelope vouches for the author in From, as DMARC asks for (RFC 7489
/// 3.1.2): by the same organisation's domain, as far as [Organisation] knows. Pure functions.
public final class Alignment {
  private Alignment() {}

  /// Reads what organisations are known by, so that no mail waits for it.
  public static void prepare() {
    Organisation.prepare();
  }

  /// Whether both domains are of one organisation.
  public static boolean aligned(String domain, String other) {
    return domain.equalsIgnoreCase(other) || organisation(domain).equals(organisation(other));
  }

  /// The domain of the organisation that a name belongs to.
  public static String organisation(String domain) {
    return Organisation.of(
        DomainName.ascii(domain).orElseGet(() -> domain.toLowerCase(Locale.ROOT)));
  }
}
