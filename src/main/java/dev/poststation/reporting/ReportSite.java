package dev.poststation.reporting;

import dev.poststation.config.TlsReportSettings;
import dev.poststation.dns.Resolver;
import dev.poststation.dns.Resolver.Answer;
import dev.poststation.os.IpText;
import dev.poststation.os.Networks;
import dev.poststation.os.Os;
import dev.poststation.tls.ClientTls;
import dev.poststation.tls.HttpsCall;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpRequest;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/// Where domains take reports over HTTPS (RFC 8460 5.4). Safe for any thread; blocks the calling
/// one.
@FunctionalInterface
public interface ReportSite {
  /// The only port of the Internet that reports go to.
  int HTTPS = 443;

  /// Posts a report.
  ///
  /// @param report compressed
  /// @return the status of the answer
  /// @throws IOException when there is none; the message is one clause that says why
  int post(URI to, byte[] report) throws IOException;

  /// Those of the Internet. A certificate that is not valid is no site: what is posted tells where
  /// mail is weak. Whoever has a domain writes where: nothing within our own networks is called,
  /// unless `authorities` says that sites of our own are meant. The address that was looked at is
  /// the one that is called.
  static ReportSite of(Supplier<Optional<TlsReportSettings>> settings, Resolver resolver, Os os) {
    return (to, report) -> {
      var authorities = settings.get().map(TlsReportSettings::authorities).orElse(null);
      if (authorities == null) {
        String host = host(to);
        var at = check(to, host, resolver);
        return new CheckedPost(os.network(), ClientTls.system(os.disk()), Reporter.SITE_TIMEOUT)
            .post(to, host, at, ReportMail.TYPE, report);
      }
      // A silent DNS would hold the carrier of a virtual thread.
      Executor threads = task -> os.tasks().platform("tls-reports", task);
      var request =
          HttpRequest.newBuilder(to)
              .header("Content-Type", ReportMail.TYPE)
              .POST(HttpRequest.BodyPublishers.ofByteArray(report))
              .build();
      var tls = ClientTls.trusting(authorities, os.disk());
      return new HttpsCall(tls, Reporter.SITE_TIMEOUT, 64 * 1024, threads)
          .send(request)
          .statusCode();
    };
  }

  /// An IPv6 address has brackets there.
  private static String host(URI to) {
    String host = to.getHost();
    return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
  }

  /// @return the address to call
  private static InetAddress check(URI to, String host, Resolver resolver) throws IOException {
    String own = "; sites of our own need authorities in tls-reports";
    if (to.getPort() != -1 && to.getPort() != HTTPS) {
      throw new IOException(to + " is not at port " + HTTPS + own);
    }
    if (!(resolver.addresses(host) instanceof Answer.Found<InetAddress>(var addresses))) {
      throw new IOException(host + " has no address, or cannot be looked up now");
    }
    for (var address : addresses) {
      if (!Networks.isOfInternet(address)) {
        throw new IOException(
            to.getHost()
                + " is "
                + IpText.of(address)
                + ", which is nowhere in the Internet"
                + own);
      }
    }
    // Not every machine has a way to IPv6, and one address is called only.
    return addresses.stream()
        .filter(Inet4Address.class::isInstance)
        .findFirst()
        .orElse(addresses.getFirst());
  }
}
