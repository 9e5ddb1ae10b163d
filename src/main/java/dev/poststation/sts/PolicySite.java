package dev.poststation.sts;

import dev.poststation.config.StsSettings;
import dev.poststation.os.Os;
import dev.poststation.tls.AlternativeNames;
import dev.poststation.tls.ClientTls;
import dev.poststation.tls.HttpsCall;
import dev.poststation.tlsrpt.ResultType;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Supplier;

/// Where domains publish their policies (RFC 8461 3.3). Safe for any thread; blocks the calling
/// one.
@FunctionalInterface
public interface PolicySite {
  /// The text of a domain's policy as it is now.
  ///
  /// @param domain in the spelling of `DomainName`
  /// @throws IOException when it cannot be had; the message is one clause that says why
  String fetch(String domain) throws IOException;

  /// That of the Internet: `https://mta-sts.DOMAIN/.well-known/mta-sts.txt`.
  static PolicySite of(Supplier<StsSettings> settings, Os os) {
    return new Https(
        settings,
        os,
        domain -> URI.create("https://mta-sts." + domain + "/.well-known/mta-sts.txt"));
  }

  /// Over HTTPS, from the place that is told for a domain.
  record Https(Supplier<StsSettings> settings, Os os, Function<String, URI> place)
      implements PolicySite {
    /// RFC 8461 3.3 suggests this.
    private static final int SIZE_MAX = 64 * 1024;

    @Override
    public String fetch(String domain) throws IOException {
      var now = settings.get();
      var from = place(domain);
      var tls = ClientTls.trusting(now.authorities(), os.disk());
      // A silent DNS would hold the carrier of a virtual thread.
      Executor threads = task -> os.tasks().platform("mta-sts", task);
      var request = HttpRequest.newBuilder(from).header("Accept", "text/plain").build();
      var answer = call(new HttpsCall(tls, now.timeout(), SIZE_MAX, threads), request);
      if (answer.statusCode() != 200) {
        throw new IOException(from + " answers " + answer.statusCode());
      }
      // Whoever may put a picture there may not speak for the domain.
      String type = answer.headers().firstValue("Content-Type").orElse("");
      int end = type.indexOf(';');
      String media = (end < 0 ? type : type.substring(0, end)).strip().toLowerCase(Locale.ROOT);
      if (!media.equals("text/plain")) {
        throw new StsException(ResultType.STS_POLICY_INVALID, from + " is not text/plain");
      }
      return new String(answer.body(), StandardCharsets.UTF_8);
    }

    /// RFC 8460 4.3.2.2 tells a site that is not trusted from one that does not answer.
    private static HttpResponse<byte[]> call(HttpsCall call, HttpRequest request)
        throws IOException {
      try {
        var answer = call.send(request);
        var flaw = AlternativeNames.flaw(chain(answer), request.uri().getHost());
        if (flaw.isPresent()) {
          throw new StsException(
              ResultType.STS_WEBPKI_INVALID,
              request.uri() + ": its certificate " + flaw.get().words());
        }
        return answer;
      } catch (IOException e) {
        for (Throwable each = e; each != null; each = each.getCause()) {
          if (each instanceof CertificateException) {
            throw new StsException(ResultType.STS_WEBPKI_INVALID, String.valueOf(e.getMessage()));
          }
        }
        throw e;
      }
    }

    private static List<X509Certificate> chain(HttpResponse<byte[]> answer) throws IOException {
      List<X509Certificate> chain = new ArrayList<>();
      for (var each : answer.sslSession().orElseThrow().getPeerCertificates()) {
        if (each instanceof X509Certificate certificate) {
          chain.add(certificate);
        }
      }
      return chain;
    }

    /// What the DNS has as a name (`a_b.example`) need not be one that a site can have.
    private URI place(String domain) throws IOException {
      try {
        return place.apply(domain).parseServerAuthority();
      } catch (IllegalArgumentException | URISyntaxException e) {
        throw new IOException("mta-sts." + domain + " is no name that a site can have", e);
      }
    }
  }
}
