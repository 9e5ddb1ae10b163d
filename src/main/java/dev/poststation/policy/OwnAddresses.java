package dev.poststation.policy;

import dev.poststation.message.AddressPatterns;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.AddressParser;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Which addresses are a user's own. The one place that knows. What it made of those that were
/// written down it keeps until others are: somebody may have a thousand. Bounded: whoever sent
/// nothing for longest is made anew. Safe for any thread.
final class OwnAddresses {
  private static final int MOST = 1_000;

  private final Map<String, Made> made =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Made> eldest) {
          return size() > MOST;
        }
      };

  private record Made(List<String> written, String hostname, AddressPatterns patterns) {
    /// Mostly the very same list, as long as the user is the same.
    boolean isOf(List<String> others, String otherHostname) {
      return written.equals(others) && hostname.equals(otherHostname);
    }
  }

  /// Whether the address is the user's: one of those that were written down for it; where there are
  /// none, that which is its name, or its name in the domain of this relay.
  ///
  /// @param written `user@domain`, or `@domain`
  /// @param hostname our name
  boolean include(String user, List<String> written, String hostname, Address address) {
    Made known;
    synchronized (made) {
      known = made.get(user);
    }
    if (known == null || !known.isOf(written, hostname)) {
      var patterns = new AddressPatterns(all(user, written, hostname));
      known = new Made(written, hostname, patterns);
      synchronized (made) {
        made.put(user, known);
      }
    }
    return known.patterns.match(address);
  }

  private static List<String> all(String user, List<String> written, String hostname) {
    return written.isEmpty() ? List.of(of(user, hostname)) : written;
  }

  /// The first whole address among them that any mail may have: in ASCII.
  static Optional<Address> first(String user, List<String> written, String hostname) {
    return all(user, written, hostname).stream()
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
