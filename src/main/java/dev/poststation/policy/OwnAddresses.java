package dev.poststation.policy;

import dev.poststation.message.AddressPatterns;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.AddressParser;
import java.util.List;
import java.util.Optional;

/// Which addresses are a user's own. The one place that knows. Pure functions.
final class OwnAddresses {
  private OwnAddresses() {}

  /// Whether the address is the user's: one of those that were written down for it; where there are
  /// none, that which is its name, or its name in the domain of this relay.
  ///
  /// @param written `user@domain`, or `@domain`
  /// @param hostname our name
  static boolean include(String user, List<String> written, String hostname, Address address) {
    List<String> own = written.isEmpty() ? List.of(of(user, hostname)) : written;
    return new AddressPatterns(own).match(address);
  }

  /// The first whole address among them that any mail may have: in ASCII.
  static Optional<Address> first(String user, List<String> written, String hostname) {
    List<String> own = written.isEmpty() ? List.of(of(user, hostname)) : written;
    return own.stream()
        .filter(each -> each.indexOf('@') > 0)
        .flatMap(each -> AddressParser.parse(each).stream())
        .filter(address -> !address.isInternational())
        .findFirst();
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
