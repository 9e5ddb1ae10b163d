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
  /// mail is weak.
  /// Whoever has a domain writes where: nothing within our own networks is called, unless
  /// `authorities` says that sites of our own are meant.
  static ReportSite of(
      Supplier<Optional<TlsReportSettings>> settings, Resolver resolver, Os os) {
    return (to, report) -> {
      var authorities = settings.get().map(TlsReportSettings::authorities).orElse(null);
      if (authorities == null) {
        check(to, resolver);
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

  private static void check(URI to, Resolver resolver) throws IOException {
    String own = "; sites of our own need authorities in tls-reports";
    if (to.getPort() != -1 && to.getPort() != HTTPS) {
      throw new IOException(to + " is not at port " + HTTPS + own);
    }
    String host = to.getHost();
    // An IPv6 address has brackets there.
    String plain = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    if (!(resolver.addresses(plain) instanceof Answer.Found<InetAddress>(var addresses))) {
      throw new IOException(host + " has no address, or cannot be looked up now");
    }
    for (var address : addresses) {
      if (Networks.isPrivate(address)
          || address.isAnyLocalAddress()
          || address.isMulticastAddress()) {
        throw new IOException(
            host + " is " + IpText.of(address) + ", which is nowhere in the Internet" + own);
      }
    }
  }
}
