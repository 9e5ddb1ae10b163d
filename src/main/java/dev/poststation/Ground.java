package dev.poststation;

import dev.poststation.config.Configuration;
import dev.poststation.config.OauthGrant;
import dev.poststation.config.StsSettings;
import dev.poststation.config.TlsReportSettings;
import dev.poststation.dns.Resolver;
import dev.poststation.oauth.TokenSite;
import dev.poststation.os.Os;
import dev.poststation.policy.PeerSite;
import dev.poststation.reporting.ReportSite;
import dev.poststation.spool.Spool;
import dev.poststation.spool.SpoolException;
import dev.poststation.sts.PolicySite;
import java.util.Optional;
import java.util.function.Supplier;

/// What the relay stands on beside the machine: the DNS and the spool, which do their own I/O. The
/// simulation of the whole relay brings its own.
public interface Ground {
  /// Opens nothing.
  Resolver resolver(Configuration configuration, Os os);

  /// Opens the spool.
  ///
  /// @throws SpoolException when it cannot be used
  Spool spool(Configuration configuration, Os os) throws SpoolException;

  /// The token server of a grant.
  default TokenSite tokenSite(OauthGrant grant, Os os) {
    return TokenSite.of(grant, os);
  }

  /// Where providers publish the networks of their servers.
  default PeerSite peerSite(Resolver resolver, Os os) {
    return PeerSite.of(resolver, os);
  }

  /// Where domains publish their policies of TLS.
  default PolicySite policySite(Supplier<StsSettings> settings, Os os) {
    return PolicySite.of(settings, os);
  }

  /// Where domains take reports about TLS.
  default ReportSite reportSite(
      Supplier<Optional<TlsReportSettings>> settings, Resolver resolver, Os os) {
    return ReportSite.of(settings, resolver, os);
  }
}
