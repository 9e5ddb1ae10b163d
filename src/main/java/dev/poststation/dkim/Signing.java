package dev.poststation.dkim;

import dev.poststation.config.DkimDomain;
import dev.poststation.dns.DomainName;
import dev.poststation.message.AddressPatterns;
import dev.poststation.message.HeaderAddresses;
import dev.poststation.message.HeaderFields;
import dev.poststation.os.Time;
import dev.poststation.smtp.Address;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Signs a mail by the domain of its author, as `dkim` of the configuration says. Safe for any
/// thread; the work is done on the caller's.
///
/// Whose mail it is From says, not the envelope: that is what DMARC compares `d=` with (RFC 7489
/// 3.1.1). Of several authors the first one counts.
public final class Signing {
  private final Keyring keyring;
  private final Time time;
  private volatile Others others = new Others(Map.of(), Map.of());

  /// The domains that sign for authors elsewhere, with their patterns; null: for all.
  private record Others(
      Map<String, DkimDomain> from, Map<String, @Nullable AddressPatterns> patterns) {}

  /// @param keyring of the configuration in force
  public Signing(Keyring keyring, Time time) {
    this.keyring = keyring;
    this.time = time;
  }

  /// What came of a mail.
  public sealed interface Result {
    /// It is signed.
    ///
    /// @param fields to be put in front of it, with CRLF
    /// @param by the keys, in their order, for the trace
    record Signed(byte[] fields, List<String> by) implements Result {
      public Signed {
        by = List.copyOf(by);
      }
    }

    /// It is not to be signed.
    ///
    /// @param why a clause for the trace
    record Unsigned(String why) implements Result {}

    /// It should be signed, and cannot be now: `on-error` is what to do.
    ///
    /// @param why a clause for the log
    record Failed(String why) implements Result {}
  }

  /// Signs a mail. Nothing may change it behind that but fields in front.
  ///
  /// @param header all its fields, with CRLF, without the empty line
  /// @throws IOException when the body cannot be read
  public Result sign(byte[] header, Octets body) throws IOException {
    var fields = HeaderFields.of(header, true);
    String objection = SignedFields.objection(fields);
    if (!objection.isEmpty()) {
      return new Result.Unsigned(objection);
    }
    var author = author(header, fields);
    if (author.isEmpty()) {
      return new Result.Unsigned("the address in From cannot be understood");
    }
    var domains = domains(author.get());
    if (domains.isEmpty()) {
      return new Result.Unsigned("dkim has no domain for " + author.get().domain());
    }
    List<Signer.Order> orders = new ArrayList<>();
    for (String domain : domains) {
      var keys = keyring.of(domain);
      var fault = keys.flatMap(DomainKeys::fault);
      if (fault.isPresent()) {
        return new Result.Failed(fault.get());
      }
      keys.ifPresent(each -> order(each, orders));
    }
    if (orders.isEmpty()) {
      return new Result.Unsigned("no key of " + String.join(", ", domains) + " is active");
    }
    byte[] signed = Signer.sign(header, body, orders, time.now());
    return new Result.Signed(signed, orders.stream().map(each -> each.key().toString()).toList());
  }

  private static void order(DomainKeys keys, List<Signer.Order> orders) {
    for (var held : keys.in(KeyEntry.State.ACTIVE)) {
      var key = held.key();
      if (key != null) {
        orders.add(new Signer.Order(key, keys.terms()));
      }
    }
  }

  private static Optional<Address> author(byte[] header, HeaderFields fields) {
    return fields.fields().stream()
        .filter(field -> field.name().equals("from"))
        .findFirst()
        .map(field -> field.raw(header))
        .flatMap(HeaderAddresses::mailboxes)
        .map(mailboxes -> mailboxes.getFirst().address());
  }

  /// The domains that sign mail of an author: his own or the nearest above it first, then those
  /// that sign for others, too.
  List<String> domains(Address author) {
    List<String> domains = new ArrayList<>(2);
    var sections = keyring.sections();
    DomainName.ascii(author.domain())
        .flatMap(name -> nearest(name, sections))
        .ifPresent(domains::add);
    others(sections)
        .forEach(
            (domain, patterns) -> {
              if (!domains.contains(domain) && (patterns == null || patterns.match(author))) {
                domains.add(domain);
              }
            });
    return domains;
  }

  private static Optional<String> nearest(String name, Map<String, DkimDomain> sections) {
    String at = name;
    while (true) {
      var section = sections.get(at);
      if (section != null && (at.equals(name) || section.subdomains())) {
        return Optional.of(at);
      }
      int dot = at.indexOf('.');
      if (dot < 0) {
        return Optional.empty();
      }
      at = at.substring(dot + 1);
    }
  }

  @SuppressWarnings("ReferenceEquality") // Each configuration has its own.
  private Map<String, @Nullable AddressPatterns> others(Map<String, DkimDomain> sections) {
    var now = others;
    if (now.from != sections) {
      Map<String, @Nullable AddressPatterns> patterns = new LinkedHashMap<>();
      sections.forEach(
          (domain, section) -> {
            if (section.alsoFor().contains(DkimDomain.ANY)) {
              patterns.put(domain, null);
            } else if (!section.alsoFor().isEmpty()) {
              patterns.put(domain, new AddressPatterns(section.alsoFor()));
            }
          });
      now = new Others(sections, patterns);
      others = now;
    }
    return now.patterns;
  }
}
