package dev.poststation.route;

import dev.poststation.config.Connector;
import java.util.List;

/// What is known of a host, where the terms of TLS depend on the DNS. Immutable.
///
/// @param vouched whether its name is beyond doubt: from the configuration, or DNSSEC vouches for
///   the MX record
/// @param otherwise what is demanded of TLS where the DNS says nothing of its certificate
/// @param source where that comes from, for people
/// @param names other names that its certificate may carry where an authority is named
public record Assurance(
    boolean vouched, Connector.Tls otherwise, String source, List<String> names) {
  /// Nothing is known.
  public static final Assurance NONE =
      new Assurance(false, Connector.Tls.OPPORTUNISTIC, "nothing in the DNS", List.of());

  public Assurance {
    names = List.copyOf(names);
  }
}
