package dev.poststation.tls;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/// Chooses a certificate for a handshake: of those that fit the asked name best, the first of the
/// type that JSSE asks for; without a name, or with one that none fits, the first configured is the
/// default (with others for the same names, so that ECDSA and RSA may stand side by side). An alias
/// is the certificate's number. Immutable; safe for any thread.
final class ServerKeys extends X509ExtendedKeyManager {
  private final List<CertifiedKey> keys;

  ServerKeys(List<CertifiedKey> keys) {
    this.keys = List.copyOf(keys);
  }

  /// The number of the certificate for a client that asks for `name`, or -1.
  int choose(@Nullable String name, String keyType) {
    var best = name == null ? CertifiedKey.Fit.NONE : bestFit(name);
    for (int i = 0; i < keys.size(); i++) {
      var key = keys.get(i);
      boolean chosen =
          (name == null || best == CertifiedKey.Fit.NONE)
              ? key.sameNames(keys.getFirst())
              : key.fit(name) == best;
      if (chosen && key.keyType().equals(keyType)) {
        return i;
      }
    }
    return -1;
  }

  private CertifiedKey.Fit bestFit(String name) {
    var best = CertifiedKey.Fit.NONE;
    for (CertifiedKey key : keys) {
      var fit = key.fit(name);
      if (fit.compareTo(best) > 0) {
        best = fit;
      }
    }
    return best;
  }

  @Override
  public @Nullable String chooseServerAlias(
      String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
    var session = socket instanceof SSLSocket secure ? secure.getHandshakeSession() : null;
    return alias(keyType, session);
  }

  @Override
  public @Nullable String chooseEngineServerAlias(
      String keyType, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
    return alias(keyType, engine == null ? null : engine.getHandshakeSession());
  }

  private @Nullable String alias(String keyType, @Nullable SSLSession session) {
    int number = choose(requestedName(session), keyType);
    return number < 0 ? null : Integer.toString(number);
  }

  private static @Nullable String requestedName(@Nullable SSLSession session) {
    if (session instanceof ExtendedSSLSession extended) {
      for (var name : extended.getRequestedServerNames()) {
        if (name instanceof SNIHostName host) {
          return host.getAsciiName();
        }
      }
    }
    return null;
  }

  @Override
  public X509Certificate[] getCertificateChain(String alias) {
    return keys.get(Integer.parseInt(alias)).chain().toArray(X509Certificate[]::new);
  }

  @Override
  public PrivateKey getPrivateKey(String alias) {
    return keys.get(Integer.parseInt(alias)).key();
  }

  @Override
  public String[] getServerAliases(String keyType, Principal @Nullable [] issuers) {
    List<String> aliases = new ArrayList<>();
    for (int i = 0; i < keys.size(); i++) {
      if (keys.get(i).keyType().equals(keyType)) {
        aliases.add(Integer.toString(i));
      }
    }
    return aliases.toArray(String[]::new);
  }

  @Override
  public String[] getClientAliases(String keyType, Principal @Nullable [] issuers) {
    return new String[0];
  }

  @Override
  public @Nullable String chooseClientAlias(
      String[] keyTypes, Principal @Nullable [] issuers, @Nullable Socket socket) {
    return null;
  }
}
