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
