package dev.poststation.message;

import dev.poststation.dns.DomainName;
import dev.poststation.dns.NumericAddress;
import dev.poststation.smtp.Address;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// The address patterns of one condition, as keys in a set. An address has a few keys, one for each
/// pattern that could mean it, so that matching costs the same for one pattern as for ten thousand.
/// Immutable.
///
/// - `user@example.com`: this mailbox, local part without regard to case and quotes: it is what
///   administrators expect.
/// - `example.com` or `@example.com`: all mailboxes of this domain, not of those below.
/// - `.example.com`: all mailboxes of the domains below, at any depth, not of `example.com`.
/// - `<>`: the null reverse-path.
///
/// Domains are compared by their A-labels and address literals by their address.
public final class AddressPatterns {
  private static final String NULL_KEY = "<>";
  private static final List<String> NULL_KEYS = List.of(NULL_KEY);

  private final Set<String> keys;
  private final Set<Kind> kinds;

  /// Which kinds of patterns there are: the keys of other kinds need not be made.
  public enum Kind {
    /// `user@domain`
    MAILBOX,
    /// `domain`
    DOMAIN,
    /// `.domain`
    BELOW
  }

  /// @param patterns as they were read; none: every address is meant
  public AddressPatterns(List<String> patterns) {
    Set<String> all = HashSet.newHashSet(patterns.size());
    patterns.forEach(pattern -> all.add(keyOf(pattern)));
    this.keys = all;
    this.kinds = kinds(all);
  }

  /// Whether there is no condition at all.
  public boolean isEmpty() {
    return keys.isEmpty();
  }

  /// Its keys.
  public Set<String> keys() {
    return keys;
  }

  /// Whether the address with these keys is meant.
  public boolean match(List<String> addressKeys) {
    if (keys.isEmpty()) {
      return true;
    }
    for (int i = 0; i < addressKeys.size(); i++) {
      if (keys.contains(addressKeys.get(i))) {
        return true;
      }
    }
    return false;
  }

  /// Whether the address is meant.
  public boolean match(Address address) {
    return keys.isEmpty() || match(keysOf(address, kinds));
  }

  /// The kinds of its patterns; the null reverse-path is none.
  public Set<Kind> kinds() {
    return kinds;
  }

  private static Set<Kind> kinds(Set<String> keys) {
    Set<Kind> kinds = EnumSet.noneOf(Kind.class);
    for (String key : keys) {
      if (!key.equals(NULL_KEY)) {
        kinds.add(
            key.indexOf('@') >= 0 ? Kind.MAILBOX : key.startsWith(".") ? Kind.BELOW : Kind.DOMAIN);
      }
    }
    return kinds;
  }

  /// The keys of all patterns of these kinds that mean this address.
  public static List<String> keysOf(Address address, Set<Kind> kinds) {
    if (address.isNull()) {
      return NULL_KEYS;
    }
    if (kinds.isEmpty()) {
      return List.of();
    }
    String domain = domainKey(address.domain());
    List<String> keys = new ArrayList<>(6);
    if (kinds.contains(Kind.MAILBOX)) {
      keys.add(localKey(address.local()) + "@" + domain);
    }
    if (kinds.contains(Kind.DOMAIN)) {
      keys.add(domain);
    }
    if (kinds.contains(Kind.BELOW) && !domain.startsWith("[")) {
      for (int dot = domain.indexOf('.'); dot >= 0; dot = domain.indexOf('.', dot + 1)) {
        keys.add(domain.substring(dot));
      }
    }
    return keys;
  }

  /// By which a mailbox is compared with others: without regard to case, to quotes that change
  /// nothing, and to how a domain is written. Of the null reverse-path it is `<>`.
  public static String mailboxKey(Address address) {
    return address.isNull()
        ? NULL_KEY
        : localKey(address.local()) + "@" + domainKey(address.domain());
  }

  private static String keyOf(String pattern) {
    int at = pattern.lastIndexOf('@');
    if (at > 0) {
      return localKey(pattern.substring(0, at)) + "@" + domainKey(pattern.substring(at + 1));
    }
    if (pattern.equals(NULL_KEY)) {
      return NULL_KEY;
    }
    String domain = pattern.substring(at + 1);
    return domain.startsWith(".") ? "." + domainKey(domain.substring(1)) : domainKey(domain);
  }

  private static String localKey(String local) {
    String plain = local.startsWith("\"") ? unquoted(local) : local;
    return isLowerAscii(plain) ? plain : composed(plain).toLowerCase(Locale.ROOT);
  }

  private static String composed(String text) {
    return Normalizer.normalize(text, Normalizer.Form.NFC);
  }

  private static boolean isLowerAscii(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c > 127 || (c >= 'A' && c <= 'Z')) {
        return false;
      }
    }
    return true;
  }

  /// RFC 5321 4.1.2: `"smith"@example.com` and `smith@example.com` are the same mailbox.
  private static String unquoted(String local) {
    var plain = new StringBuilder(local.length());
    for (int i = 1; i < local.length() - 1; i++) {
      char c = local.charAt(i);
      if (c == '\\' && i + 1 < local.length() - 1) {
        c = local.charAt(++i);
      }
      plain.append(c);
    }
    return plain.toString();
  }

  private static String domainKey(String domain) {
    if (domain.startsWith("[")) {
      var address = NumericAddress.parse(domain);
      return address.isPresent()
          ? "[" + address.get().getHostAddress() + "]"
          : domain.toLowerCase(Locale.ROOT);
    }
    return DomainName.ascii(domain).orElseGet(() -> domain.toLowerCase(Locale.ROOT));
  }
}
