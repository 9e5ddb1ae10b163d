package dev.poststation.tls;

import dev.poststation.config.CertificateFiles;
import dev.poststation.config.Connector;
import dev.poststation.config.TlsFor;
import dev.poststation.config.TlsTerms;
import dev.poststation.os.Os;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/// The certificates that next hops are shown (`certificate` of a connector), as those who look
/// after them see them. Safe for any thread; reads files that have changed.
public record ShownCertificates(ClientTls tls, Os os) {
  private static final String EXPIRED =
      "; hosts that ask for it will not let this relay in: renew it, new files are read by"
          + " themselves";

  /// Those of a connector that can be used.
  public List<Certificates.InUse> of(Connector connector) {
    List<Certificates.InUse> all = new ArrayList<>();
    for (var files : files(connector)) {
      try {
        all.add(tls.certificate(files, os.disk()));
      } catch (TlsException _) {
        // A concern says so.
      }
    }
    return all;
  }

  /// What an administrator should know of them, in one sentence each.
  public List<String> concerns(Collection<Connector> connectors) {
    List<String> concerns = new ArrayList<>();
    var now = os.time().now();
    for (var connector : connectors) {
      String where = ", which connector " + connector.name() + " shows,";
      for (var files : files(connector)) {
        try {
          tls.certificate(files, os.disk()).concern(now, where, EXPIRED).ifPresent(concerns::add);
        } catch (TlsException e) {
          concerns.add(
              "No mail leaves by connector "
                  + connector.name()
                  + " over TLS: its own certificate cannot be used: "
                  + e.getMessage());
        }
      }
    }
    return concerns;
  }

  /// When each expires, by its file, in seconds since 1970.
  public Map<String, Long> expiries(Collection<Connector> connectors) {
    Map<String, Long> expiries = new TreeMap<>();
    connectors.stream()
        .flatMap(connector -> of(connector).stream())
        .forEach(each -> expiries.put(each.chain() + "", each.expires().getEpochSecond()));
    return expiries;
  }

  private static Set<CertificateFiles> files(Connector connector) {
    var files = new LinkedHashSet<CertificateFiles>();
    Stream.concat(Stream.of(connector.tls()), connector.tlsFor().stream().map(TlsFor::terms))
        .map(TlsTerms::certificate)
        .filter(Objects::nonNull)
        .forEach(files::add);
    return files;
  }
}
