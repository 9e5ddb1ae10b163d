package dev.poststation.config;

import java.util.List;

/// Which way: an entry of `routes`. A rule without a condition matches all mail.
///
/// @param from sender patterns: `user@domain`, `@domain`, `domain`, `.domain` (and below), `<>`; empty: any
/// @param to recipient patterns, likewise
/// @param client names of client rules; empty: any
/// @param via names of connectors, tried in order
public record RouteRule(
    List<String> from, List<String> to, List<String> client, List<String> via, Origin origin) {
  public RouteRule {
    from = List.copyOf(from);
    to = List.copyOf(to);
    client = List.copyOf(client);
    via = List.copyOf(via);
  }
}
