package dev.poststation.tls;

import dev.poststation.config.Account;
import dev.poststation.config.CertificateFiles;
import dev.poststation.config.Connector;
import dev.poststation.config.OauthGrant;
import dev.poststation.config.Origin;
import dev.poststation.config.TlsFor;
import dev.poststation.config.TlsTerms;
import dev.poststation.os.Os;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The certificates that this relay shows as a client, as those who look after them see them: to
/// next hops (`certificate` of a connector), and to token servers, by what it signs with their keys
/// (`client-certificate` of `auth`). Safe for any thread; reads files that have changed, those for
/// token servers each time.
public record ShownCertificates(ClientTls tls, Os os) {
  private static final String EXPIRED =
      "; hosts that ask for it will not let this relay in: renew it, new files are read by"
          + " themselves";

  private static final String EXPIRED_OAUTH =
      "; no new token is asked for: renew it, there and here, new files are read by themselves";

  /// Files that a connector uses, be they good or not.
  private record Named(Connector connector, CertificateFiles files, boolean oauth) {
    String where() {
      return oauth
          ? ", by which token servers know connector " + connector.name() + ","
          : ", which connector " + connector.name() + " shows,";
    }

    String kept(String why) {
      return "Connector "
          + connector.name()
          + " shows the certificate that was read before, until a restart: its files cannot be used"
          + " as they are now: "
          + why;
    }

    String unusable() {
      return oauth
          ? "Connector %s gets no new token: its client-certificate cannot be used: "
              .formatted(connector.name())
          : "No mail leaves by connector %s over TLS: its own certificate cannot be used: "
              .formatted(connector.name());
    }
  }

  /// Those that next hops of a connector are shown and that can be used.
  public List<Certificates.InUse> toNextHops(Connector connector) {
    return usable(named(connector).filter(each -> !each.oauth));
  }

  /// Those that token servers of a connector know it by and that can be used.
  public List<Certificates.InUse> toTokenServers(Connector connector) {
    return usable(named(connector).filter(Named::oauth));
  }

  /// What an administrator should know of them, in one sentence each.
  public List<String> concerns(Collection<Connector> connectors) {
    List<String> concerns = new ArrayList<>();
    connectors.stream().flatMap(ShownCertificates::named).forEach(each -> look(each, concerns));
    return concerns;
  }

  private void look(Named each, List<String> concerns) {
    try {
      var used = read(each);
      used.concern(os.time().now(), each.where(), each.oauth ? EXPIRED_OAUTH : EXPIRED)
          .ifPresent(concerns::add);
      used.problem().map(each::kept).ifPresent(concerns::add);
    } catch (TlsException e) {
      concerns.add(each.unusable() + e.getMessage());
    }
  }

  /// When each expires, by its file, in seconds since 1970.
  public Map<String, Long> expiries(Collection<Connector> connectors) {
    Map<String, Long> expiries = new TreeMap<>();
    usable(connectors.stream().flatMap(ShownCertificates::named))
        .forEach(each -> expiries.put(each.chain() + "", each.expires().getEpochSecond()));
    return expiries;
  }

  /// Whether the files of each cannot be used as they are now, by its chain.
  public Map<String, Boolean> unusable(Collection<Connector> connectors) {
    Map<String, Boolean> unusable = new TreeMap<>();
    connectors.stream()
        .flatMap(ShownCertificates::named)
        .forEach(
            each -> unusable.merge(each.files.chain() + "", isBroken(each), Boolean::logicalOr));
    return unusable;
  }

  private boolean isBroken(Named each) {
    try {
      return read(each).problem().isPresent();
    } catch (TlsException _) {
      return true;
    }
  }

  private List<Certificates.InUse> usable(Stream<Named> some) {
    List<Certificates.InUse> all = new ArrayList<>();
    some.forEach(
        each -> {
          try {
            all.add(read(each));
          } catch (TlsException _) {
            // A concern says so.
          }
        });
    return all;
  }

  /// As they are used: what next hops are shown stays in use when new files are no good.
  private Certificates.InUse read(Named each) throws TlsException {
    return each.oauth
        ? ClientKey.inUse(each.files.chain(), each.files.key(), os.disk())
        : tls.certificate(each.files, os.disk());
  }

  private static Stream<Named> named(Connector connector) {
    var shown =
        Stream.concat(Stream.of(connector.tls()), connector.tlsFor().stream().map(TlsFor::terms))
            .map(TlsTerms::certificate)
            .filter(Objects::nonNull)
            .distinct()
            .map(files -> new Named(connector, files, false));
    var auth = connector.auth();
    var proofs =
        auth == null
            ? Stream.<Named>empty()
            : auth.accounts().stream()
                .map(Account::grant)
                .flatMap(grant -> proof(grant).stream())
                .distinct()
                .map(files -> new Named(connector, files, true));
    return Stream.concat(shown, proofs);
  }

  private static Optional<CertificateFiles> proof(@Nullable OauthGrant grant) {
    return grant == null || grant.certificate() == null || grant.key() == null
        ? Optional.empty()
        : Optional.of(new CertificateFiles(grant.certificate(), grant.key(), Origin.DEFAULT));
  }
}
