package dev.poststation.profile;

import java.util.Set;

/// What a mail shows at its end, beside its header. Immutable.
///
/// @param pipelining whether the client said RCPT or DATA before it had the reply to what it said
///   before
/// @param bareNewlines whether CR or LF stood alone in it
/// @param domains of its recipients, in lower case
/// @param octets how large it is
public record ContentFacts(
    boolean pipelining, boolean bareNewlines, Set<String> domains, int recipients, long octets) {
  public ContentFacts {
    domains = Set.copyOf(domains);
  }
}
