package dev.poststation.os;

import java.io.IOException;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.security.spec.PSSParameterSpec;
import java.util.Locale;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/// The channel bindings of a TLS session of the JDK. Pure functions.
final class ChannelBinding {
  private static final String LABEL = "EXPORTER-Channel-Binding"; // RFC 9266 2
  private static final int OCTETS = 32;

  private ChannelBinding() {}

  /// Null where it is not to be had.
  ///
  /// @param client whether the session is that of the client: its own certificate, if it has shown
  ///   one, is not the server's
  static byte @Nullable [] of(SSLSession session, boolean client, Binding kind) {
    return switch (kind) {
      case EXPORTER -> exporter(session);
      case SERVER_END_POINT -> serverEndPoint(session, client);
    };
  }

  /// Only TLS 1.3 guarantees that the keys differ from those of every other session: in TLS 1.2
  /// that depends on an extension, and nobody tells whether it was used (RFC 9266 4).
  private static byte @Nullable [] exporter(SSLSession session) {
    if (!session.getProtocol().equals("TLSv1.3")
        || !(session instanceof ExtendedSSLSession extended)) {
      return null;
    }
    try {
      return extended.exportKeyingMaterialData(LABEL, new byte[0], OCTETS);
    } catch (SSLException | UnsupportedOperationException _) {
      return null; // Not by this provider.
    }
  }

  private static byte @Nullable [] serverEndPoint(SSLSession session, boolean client) {
    try {
      Certificate[] chain = client ? session.getPeerCertificates() : session.getLocalCertificates();
      if (chain == null || chain.length == 0 || !(chain[0] instanceof X509Certificate server)) {
        return null;
      }
      String hash = hash(server);
      return hash == null ? null : MessageDigest.getInstance(hash).digest(server.getEncoded());
    } catch (SSLPeerUnverifiedException | GeneralSecurityException _) {
      return null;
    }
  }

  /// The hash of the certificate's signature, where there is exactly one; SHA-256 in the place of
  /// those that are broken (RFC 5929 4.1).
  private static @Nullable String hash(X509Certificate certificate)
      throws GeneralSecurityException {
    String algorithm = certificate.getSigAlgName().toUpperCase(Locale.ROOT);
    if (algorithm.equals("RSASSA-PSS")) {
      var parameters = AlgorithmParameters.getInstance("RSASSA-PSS");
      try {
        parameters.init(certificate.getSigAlgParams());
      } catch (IOException e) {
        throw new GeneralSecurityException(e);
      }
      return parameters.getParameterSpec(PSSParameterSpec.class).getDigestAlgorithm();
    }
    int with = algorithm.indexOf("WITH");
    if (with < 0) {
      return null; // Ed25519 and its like have no hash of their own.
    }
    String name = algorithm.substring(0, with);
    return switch (name) {
      case "MD5", "SHA1" -> "SHA-256";
      case "SHA224", "SHA256", "SHA384", "SHA512" -> "SHA-" + name.substring("SHA".length());
      default -> name;
    };
  }
}
