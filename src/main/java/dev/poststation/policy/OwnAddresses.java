package dev.poststation.policy;

import dev.poststation.message.AddressPatterns;
import dev.poststation.smtp.Address;
import java.util.List;

/// Which addresses are a user's own. The one place that knows. Pure functions.
final class OwnAddresses {
  private OwnAddresses() {}

  /// Whether the address is the user's: that which is its name, or its name in the domain of this
  /// relay.
  ///
  /// @param hostname our name
  static boolean include(String user, String hostname, Address address) {
    return new AddressPatterns(List.of(of(user, hostname))).match(address);
  }

  private static String of(String user, String hostname) {
    return user.contains("@") ? user : user + "@" + domain(hostname);
  }

  /// `example.com` of `relay.example.com`; a name of two labels is a domain itself.
  private static String domain(String hostname) {
    int dot = hostname.indexOf('.');
    boolean more = dot >= 0 && hostname.indexOf('.', dot + 1) >= 0;
    return more ? hostname.substring(dot + 1) : hostname;
  }
}
