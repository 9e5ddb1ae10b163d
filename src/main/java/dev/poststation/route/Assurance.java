package dev.poststation.route;

import dev.poststation.config.Connector;
import dev.poststation.sts.Policies;
import dev.poststation.sts.StsTerms;
import dev.poststation.tlsrpt.ResultType;
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
/// @param trouble what is wrong with a policy that the domain announces; null: nothing
/// @param domain whose mail exchanger it is; empty: that of whoever gets the mail
public record Assurance(
    boolean vouched,
    Connector.Tls otherwise,
    String source,
    List<String> names,
    @Nullable StsTerms sts,
    boolean unsure,
    @Nullable ResultType trouble,
    String domain) {
  /// Nothing is known.
  public static final Assurance NONE =
      new Assurance(false, Connector.Tls.OPPORTUNISTIC, "nothing in the DNS", List.of());

  public Assurance {
    names = List.copyOf(names);
  }

  /// One without a policy.
  public Assurance(boolean vouched, Connector.Tls otherwise, String source, List<String> names) {
    this(vouched, otherwise, source, names, null, false, null, "");
  }

  /// Whether the same is demanded of the host: a connection that was made under the other one is
  /// good for mail under this one. When a policy is fetched anew, and says the same, it is.
  public boolean demandsAs(Assurance other) {
    return vouched == other.vouched
        && otherwise == other.otherwise
        && names.equals(other.names)
        && unsure == other.unsure
        && domain.equals(other.domain)
        && (sts == null ? other.sts == null : other.sts != null && sts.demandsAs(other.sts));
  }

  /// The same where that was found in the place of a policy.
  Assurance where(Policies.Found published) {
    return published instanceof Policies.Found.None none
        ? new Assurance(
            vouched, otherwise, source, names, sts, !none.sure(), none.trouble(), domain)
        : this;
  }

  /// The same of a mail exchanger of a smarthost.
  Assurance whose(String smarthost) {
    return new Assurance(vouched, otherwise, source, names, sts, unsure, trouble, smarthost);
  }

  /// The same where a policy says that of the host.
  Assurance with(StsTerms terms) {
    return new Assurance(
        vouched,
        terms.enforced() ? Connector.Tls.VERIFY : otherwise,
        terms.enforced() ? terms.title() : source,
        names,
        terms,
        false,
        null,
        domain);
  }
}
