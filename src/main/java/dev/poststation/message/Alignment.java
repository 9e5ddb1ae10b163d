package dev.poststation.message;

import crawlercommons.domains.EffectiveTldFinder;
import dev.poststation.dns.DomainName;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Whether the sender of the envelope vouches for the author in From, as DMARC asks for (RFC 7489
/// 3.1.2): by the same organisation's domain. Pure functions.
///
/// Which domain is an organisation's only a public list knows (publicsuffix.org), which comes with
/// a library. It is never as new as the world: good enough to warn by, not to refuse by.
public final class Alignment {
  private Alignment() {}

  /// Reading the list takes a moment, and a lookup a microsecond: the class is what is read once,
  /// and by one thread.
  private static final class Suffixes {
    static {
      EffectiveTldFinder.getInstance();
    }

    /// The name one label below the suffix; null: it is a suffix, or below none that is known.
    static @Nullable String below(String name) {
      return EffectiveTldFinder.getAssignedDomain(name, true, false);
    }

    static boolean has(String name) {
      return EffectiveTldFinder.getEffectiveTLD(name) != null;
    }
  }

  /// Reads the list of suffixes, so that no mail waits for it.
  public static void prepare() {
    Suffixes.has("");
  }

  /// Whether both domains are of one organisation.
  public static boolean aligned(String domain, String other) {
    return domain.equalsIgnoreCase(other) || organisation(domain).equals(organisation(other));
  }

  /// The domain of the organisation that a name belongs to: one label below a public suffix, or the
  /// last two labels where no suffix is known (`mx.lan`). A suffix itself is nobody else's.
  public static String organisation(String domain) {
    String name = DomainName.ascii(domain).orElseGet(() -> domain.toLowerCase(Locale.ROOT));
    if (name.startsWith("[")) {
      return name;
    }
    String below = Suffixes.below(name);
    if (below != null) {
      return below;
    }
    int last = name.lastIndexOf('.');
    int first = name.lastIndexOf('.', last - 1);
    return Suffixes.has(name) ? name : name.substring(first + 1);
  }
}
