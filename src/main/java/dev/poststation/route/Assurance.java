package dev.poststation.route;

import dev.poststation.config.Connector;
import dev.poststation.sts.StsTerms;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What is known of a host, where the terms of TLS depend on what is published. Immutable.
///
/// @param vouched whether its name is beyond doubt: from the configuration, or DNSSEC vouches for
///   the MX record
/// @param otherwise what is demanded of TLS where the DNS says nothing of its certificate
/// @param source where that comes from, for people
/// @param names other names that its certificate may carry where an authority is named
/// @param sts what the domain's policy says of it where the DNS says nothing; null: there is none
/// @param unsure whether the domain may have a policy that cannot be had now
public record Assurance(
    boolean vouched,
    Connector.Tls otherwise,
    String source,
    List<String> names,
    @Nullable StsTerms sts,
    boolean unsure) {
  /// Nothing is known.
  public static final Assurance NONE =
      new Assurance(
          false, Connector.Tls.OPPORTUNISTIC, "nothing in the DNS", List.of(), null, false);

  public Assurance {
    names = List.copyOf(names);
  }

  /// One without a policy.
  public Assurance(boolean vouched, Connector.Tls otherwise, String source, List<String> names) {
    this(vouched, otherwise, source, names, null, false);
  }

  /// The same where nobody knows now whether there is a policy.
  Assurance unsurely() {
    return new Assurance(vouched, otherwise, source, names, sts, true);
  }

  /// The same where a policy says that of the host.
  Assurance with(StsTerms terms) {
    return new Assurance(
        vouched,
        terms.enforced() ? Connector.Tls.VERIFY : otherwise,
        terms.enforced() ? terms.title() : source,
        names,
        terms,
        false);
  }
}
