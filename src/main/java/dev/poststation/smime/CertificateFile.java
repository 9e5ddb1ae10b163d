package dev.poststation.smime;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Reads the files that certificates and keys travel in: PKCS #12, PKCS #7, PEM, DER. Pure
/// functions.
public final class CertificateFile {
  private static final int SEQUENCE = 0x30;

  private CertificateFile() {}

  /// A certificate that a file has.
  ///
  /// @param chain the authorities that came with it, from the nearest
  /// @param key null: it has no key with it
  public record Found(
      X509Certificate certificate, List<X509Certificate> chain, @Nullable PrivateKey key) {
    public Found {
      chain = List.copyOf(chain);
    }
  }

  /// What a file has.
  ///
  /// @param password is asked for where the file has keys
  /// @throws IOException when it cannot be understood; the message is a clause
  public static List<Found> read(byte[] octets, Supplier<String> password) throws IOException {
    if (isPkcs12(octets)) {
      return keys(octets, password.get());
    }
    if (new String(octets, ISO_8859_1).contains("PRIVATE KEY-----")) {
      // Of its certificate alone somebody would think that it signs now.
      throw new IOException(
          "it has a private key in PEM; make a PKCS #12 file of key and certificate:"
              + " openssl pkcs12 -export -inkey KEY.pem -in CERTIFICATE.pem -out FILE.p12");
    }
    List<X509Certificate> all = new ArrayList<>();
    try {
      var factory = CertificateFactory.getInstance("X.509", Certificates.PROVIDER);
      for (var each : factory.generateCertificates(new ByteArrayInputStream(octets))) {
        if (each instanceof X509Certificate certificate) {
          all.add(certificate);
        }
      }
    } catch (GeneralSecurityException e) {
      throw new IOException("it has no certificate that can be read", e);
    }
    if (all.isEmpty()) {
      throw new IOException("it has no certificate");
    }
    var authorities = all.stream().filter(each -> each.getBasicConstraints() >= 0).toList();
    var found =
        all.stream()
            .filter(each -> each.getBasicConstraints() < 0)
            .map(each -> new Found(each, chain(each, authorities), null))
            .toList();
    if (found.isEmpty()) {
      throw new IOException("it has only certificates of authorities");
    }
    return found;
  }

  private static List<X509Certificate> chain(
      X509Certificate certificate, List<X509Certificate> authorities) {
    List<X509Certificate> chain = new ArrayList<>();
    var at = certificate;
    for (int i = 0; i < authorities.size(); i++) {
      var issuer = at.getIssuerX500Principal();
      var next =
          authorities.stream()
              .filter(each -> each.getSubjectX500Principal().equals(issuer))
              .findFirst();
      if (next.isEmpty() || chain.contains(next.get())) {
        break;
      }
      at = next.get();
      chain.add(at);
    }
    return chain;
  }

  /// A sequence that begins with the version 3 (RFC 7292 4).
  private static boolean isPkcs12(byte[] octets) {
    if (octets.length < 16 || octets[0] != SEQUENCE) {
      return false;
    }
    int length = octets[1] & 0xff;
    int at = length > 0x80 ? 2 + (length & 0x7f) : 2;
    return at + 3 <= octets.length && octets[at] == 2 && octets[at + 1] == 1 && octets[at + 2] == 3;
  }

  private static List<Found> keys(byte[] octets, String password) throws IOException {
    List<Found> found = new ArrayList<>();
    boolean bare = false;
    try {
      var store = KeyStore.getInstance("PKCS12", Certificates.PROVIDER);
      store.load(new ByteArrayInputStream(octets), password.toCharArray());
      for (String alias : Collections.list(store.aliases())) {
        if (store.isKeyEntry(alias)
            && store.getKey(alias, password.toCharArray()) instanceof PrivateKey key) {
          List<X509Certificate> chain = new ArrayList<>();
          // There is none where the file has the key alone.
          Certificate @Nullable [] with = store.getCertificateChain(alias);
          for (var each : with == null ? new Certificate[0] : with) {
            chain.add(Certificates.ours((X509Certificate) each));
          }
          if (chain.isEmpty()) {
            bare = true;
            continue;
          }
          found.add(new Found(chain.removeFirst(), chain, Sealing.ours(key)));
        }
      }
    } catch (IOException e) {
      throw new IOException("the password does not open it, or it is damaged", e);
    } catch (GeneralSecurityException e) {
      throw new IOException("it cannot be read: " + e.getMessage(), e);
    }
    if (bare) {
      throw new IOException("it has a private key, but not its certificate");
    }
    if (found.isEmpty()) {
      throw new IOException("it has no private key");
    }
    return found;
  }
}
