package dev.poststation.config;

import dev.poststation.sasl.Mechanism;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// An account at a next hop, and how we log in there (RFC 4954). Immutable.
///
/// @param connector the name of the connector that leads there
/// @param user its name there; empty: the certificate that we show has it (EXTERNAL)
/// @param mechanism the only one to use; null: the strongest that is offered
/// @param password null: there is none
/// @param grant how its tokens of OAuth 2 are got; null: it has none
/// @param origin where it stands
public record Account(
    String connector,
    String user,
    @Nullable Mechanism mechanism,
    @Nullable Secret password,
    @Nullable OauthGrant grant,
    Origin origin) {
  /// What it is called in log, trace and names of destinations.
  public String name() {
    return user.isEmpty() ? "certificate" : user;
  }

  /// The same with another password, or with another secret of its grant where it has one.
  public Account with(Secret secret) {
    return grant == null
        ? new Account(connector, user, mechanism, secret, null, origin)
        : new Account(connector, user, mechanism, password, grant.with(secret), origin);
  }

  /// The same with another certificate by which its grant proves who we are.
  public Account with(CertificateFiles proof) {
    return grant == null
        ? this
        : new Account(connector, user, mechanism, password, grant.with(proof), origin);
  }

  /// The same with another key of the service account that speaks for it.
  public Account with(Path key) {
    return grant == null
        ? this
        : new Account(connector, user, mechanism, password, grant.with(key), origin);
  }

  /// Whether both log in alike, wherever they stand.
  boolean sameAs(Account other) {
    var alike = other.grant == null ? null : other.grant.at(grant == null ? origin : grant.origin());
    return equals(
        new Account(
            other.connector, other.user, other.mechanism, other.password, alike, origin));
  }
}
