package dev.poststation.message;

import dev.poststation.dns.DomainName;
import java.util.Arrays;
import java.util.Locale;

/// Whether the sender of the envelope vouches for the author in From, as DMARC asks for (RFC 7489
/// 3.1.2): by the same organisation's domain. Pure functions.
///
/// Which domain is an organisation's only a public list knows. Here it is the last two labels, or
/// three below the likes of `co.uk`: good enough to warn by, not to refuse by.
public final class Alignment {
  private static final int SHORT = 3;

  private Alignment() {}

  /// Whether both domains are of one organisation.
  public static boolean aligned(String domain, String other) {
    return organisation(domain).equals(organisation(other));
  }

  /// The domain of the organisation that a name belongs to.
  public static String organisation(String domain) {
    String name = DomainName.ascii(domain).orElseGet(() -> domain.toLowerCase(Locale.ROOT));
    String[] labels = name.split("\\.", -1);
    int last = labels.length - 1;
    boolean registry = last > 1 && labels[last].length() == 2 && labels[last - 1].length() <= SHORT;
    int kept = Math.min(labels.length, registry ? 3 : 2);
    return String.join(".", Arrays.asList(labels).subList(labels.length - kept, labels.length));
  }
}
