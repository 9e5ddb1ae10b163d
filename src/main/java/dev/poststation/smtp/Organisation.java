package dev.poststation.smtp;

import crawlercommons.domains.EffectiveTldFinder;
import java.net.IDN;
import org.jspecify.annotations.Nullable;

/// Which organisation a domain belongs to. Pure functions.
///
/// Only a public list knows that (publicsuffix.org), which comes with a library. It is never as new
/// as the world: good enough to warn by and to ask whether a setting is meant, not to refuse mail
/// by.
public final class Organisation {
  private Organisation() {}

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

    static boolean is(String name) {
      var suffix = EffectiveTldFinder.getEffectiveTLD(name);
      return suffix != null && !suffix.isException() && suffix.getDomain().equals(name);
    }

    /// A rule with a wildcard is written without it.
    static boolean areAtOrBelow(String name) {
      String below = "." + name;
      return EffectiveTldFinder.getEffectiveTLDs().values().stream()
          .filter(each -> !each.isException())
          .anyMatch(each -> each.getDomain().equals(name) || each.getDomain().endsWith(below));
    }
  }

  /// Reads the list of suffixes, so that no mail waits for it.
  public static void prepare() {
    Suffixes.has("");
  }

  /// Whether everybody can have a name somewhere below it: `co.uk`, and also `amazonaws.com`, for
  /// there is `eu-central-1.compute.amazonaws.com`.
  ///
  /// @param domain in small letters; with A-labels or U-labels
  public static boolean isOpen(String domain) {
    String name;
    try {
      name = IDN.toASCII(domain, IDN.ALLOW_UNASSIGNED);
    } catch (IllegalArgumentException _) {
      return false; // The DNS has no such name.
    }
    return Suffixes.is(name) || Suffixes.areAtOrBelow(name);
  }

  /// Its domain: one label below a public suffix, or the last two labels where no suffix is known
  /// (`mx.lan`). A suffix itself is nobody else's.
  ///
  /// @param name a domain in ASCII and small letters
  public static String of(String name) {
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
