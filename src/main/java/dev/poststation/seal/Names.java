package dev.poststation.seal;

import dev.poststation.dns.DomainName;
import dev.poststation.smtp.Address;
import java.util.Locale;

/// The names by which keys are found. Pure functions.
public final class Names {
  private Names() {}

  /// As somebody writes one: an address, or `@domain`.
  public static String written(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    int domain = lower.lastIndexOf('@') + 1;
    return lower.substring(0, domain)
        + DomainName.ascii(lower.substring(domain)).orElse(lower.substring(domain));
  }

  /// Of an address.
  public static String of(Address address) {
    return address.local().toLowerCase(Locale.ROOT) + ofDomain(address);
  }

  /// Of all of its domain: `@domain`.
  public static String ofDomain(Address address) {
    return "@" + DomainName.ascii(address.domain()).orElse(address.domainKey());
  }
}
