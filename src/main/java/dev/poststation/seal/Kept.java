package dev.poststation.seal;

import java.time.Instant;
import java.util.List;
import java.util.Locale;

/// A key or certificate that is kept, ours or somebody else's. Immutable.
public interface Kept {
  /// Where it comes from.
  enum Origin {
    /// An administrator brought it.
    IMPORTED,
    /// It came with mail of its owner, whose signature was good.
    HARVESTED,
    /// A directory has it.
    DIRECTORY,
    /// The web server of its owner's domain has it.
    WKD;

    /// As it stands in the file.
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /// Whom it is for: addresses in lower case, or `@domain` for all of a domain.
  List<String> names();

  /// Where it comes from.
  Origin origin();

  /// Since when it is kept.
  Instant added();

  /// Since when it may be used: of two the later one is the newer.
  Instant begins();

  /// Whether it has a private key.
  boolean isOwn();

  /// What no other one has: hexadecimal digits.
  String fingerprint();

  /// Whether it is for an address itself, or for all of its domain.
  default boolean isFor(String name) {
    return names().contains(name);
  }
}
