package dev.poststation.account;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/// A server's end of TLS with a certificate for mx.example and 127.0.0.1, which `AUTHORITY` vouches
/// for.
final class TlsSockets {
  static final Path AUTHORITY = Path.of("src/test/resources/tls/authority.pem");

  private TlsSockets() {}

  static SSLContext context() throws Exception {
    var store = KeyStore.getInstance("PKCS12");
    char[] password = "changeit".toCharArray();
    try (InputStream in =
        Files.newInputStream(Path.of("src/test/resources/tls/nexthop-issued.p12"))) {
      store.load(in, password);
    }
    var managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(store, password);
    var context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    return context;
  }
}
