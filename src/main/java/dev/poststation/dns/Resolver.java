package dev.poststation.dns;

import java.net.InetAddress;
import java.time.Duration;
import java.util.List;

/// Questions to the DNS, answered with the difference between "no" and "not now". Blocking; safe
/// for any thread.
public interface Resolver {
  /// The mail exchangers of a domain, as published: unsorted, a null MX (RFC 7505) is one entry
  /// with host ".".
  Answer<MailExchanger> mailExchangers(String domain);

  /// The addresses of a host, IPv6 before IPv4, shuffled within each. An address literal or numeric
  /// address is answered without asking.
  Answer<InetAddress> addresses(String host);

  /// The same, by an answer that is not older than this, whatever its TTL.
  Answer<InetAddress> addresses(String host, Duration notOlder);

  /// The names that the DNS has for an address (PTR), without dot at the end: whoever has the
  /// address may have written anything.
  Answer<String> names(InetAddress address);

  /// An answer, and whether it is proven.
  ///
  /// @param secure whether DNSSEC vouches for all of it, aliases included; false says nothing more
  ///   than that nobody does
  /// @param name that has the records, after all aliases
  record Assured<T>(Answer<T> answer, boolean secure, String name) {}

  /// As `mailExchangers`, with what DNSSEC says of it.
  default Assured<MailExchanger> assuredExchangers(String domain) {
    return new Assured<>(mailExchangers(domain), false, domain);
  }

  /// As `addresses`, with what DNSSEC says of it; an answer for one family is enough.
  default Assured<InetAddress> assuredAddresses(String host) {
    return new Assured<>(addresses(host), false, host);
  }

  /// What a name is an alias of (CNAME), that alone.
  default Assured<String> assuredAlias(String name) {
    return new Assured<>(new Answer.NoRecord<>(), false, name);
  }

  /// What certificates must be, as `_25._tcp.mx.example.com` says (RFC 6698).
  default Assured<Tlsa> tlsa(String name) {
    return new Assured<>(new Answer.NoRecord<>(), false, name);
  }

  /// The texts of a name (TXT), each put together.
  default Assured<String> texts(String name) {
    return new Assured<>(new Answer.NoRecord<>(), false, name);
  }

  /// What an administrator should know of the name servers, one sentence each. May ask them.
  default List<String> concerns() {
    return List.of();
  }

  /// An MX record. `host` without dot at the end, except for the null MX.
  record MailExchanger(int preference, String host) {}

  /// The answer to a question.
  sealed interface Answer<T> {
    /// There are records, at least one.
    record Found<T>(List<T> records) implements Answer<T> {
      public Found {
        records = List.copyOf(records);
      }
    }

    /// The name exists, but has no such record.
    record NoRecord<T>() implements Answer<T> {}

    /// The name does not exist (NXDOMAIN).
    record NoName<T>() implements Answer<T> {}

    /// Nobody knows now: time-out, SERVFAIL, network. To be asked again.
    record Failed<T>(String reason) implements Answer<T> {}
  }
}
