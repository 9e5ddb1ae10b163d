package dev.poststation.config;

import java.util.List;

/// Other terms of TLS for the mail exchangers of some domains: an entry of `tls-for`. Immutable.
///
/// @param to the domains: `example.com`, or `.example.com` for all that are below it
public record TlsFor(List<String> to, TlsTerms terms, Origin origin) {
  public TlsFor {
    to = List.copyOf(to);
  }
}
