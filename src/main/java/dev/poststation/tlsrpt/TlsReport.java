package dev.poststation.tlsrpt;

import java.time.Instant;
import java.util.List;

/// What one organisation saw of TLS when it sent mail to a domain (RFC 8460 4). Immutable. Texts
/// are as whoever reports wrote them; empty: nothing was said.
///
/// @param organization who reports
/// @param contact whom to ask about it
/// @param id of the report
public record TlsReport(
    String organization,
    String contact,
    String id,
    Instant start,
    Instant end,
    List<Policy> policies) {
  public TlsReport {
    policies = List.copyOf(policies);
  }

  /// What was seen under one policy.
  ///
  /// @param type `sts`, `tlsa` or `no-policy-found`
  /// @param lines the policy itself, or the records
  /// @param domain whose it is: the recipient's domain, or the host that the records are of
  /// @param mx the mail exchangers that the policy names
  /// @param successful sessions in which nothing was wrong
  /// @param failed those in which something was
  public record Policy(
      String type,
      List<String> lines,
      String domain,
      List<String> mx,
      long successful,
      long failed,
      List<Failure> failures) {
    public Policy {
      lines = List.copyOf(lines);
      mx = List.copyOf(mx);
      failures = List.copyOf(failures);
    }
  }

  /// Sessions that failed in the same way.
  ///
  /// @param result what failed, as [ResultType] has it, or a word that we do not know
  /// @param from the address of whoever sent
  /// @param host the mail exchanger
  /// @param hello what that calls itself
  /// @param to its address
  /// @param code what was said of it
  /// @param more where more stands
  public record Failure(
      String result,
      String from,
      String host,
      String hello,
      String to,
      long sessions,
      String code,
      String more) {}
}
