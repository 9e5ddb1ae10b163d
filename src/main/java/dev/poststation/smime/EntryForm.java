package dev.poststation.smime;

import dev.poststation.seal.Form;
import dev.poststation.tls.Pem;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;

/// Certificates and keys in files: PEM, the private key encrypted (PKCS #8). Stateless.
final class EntryForm implements Form<Entry> {
  @Override
  public String word() {
    return "smime";
  }

  @Override
  public String suffix() {
    return ".pem";
  }

  @Override
  public Entry parse(Head head, byte[] octets) throws IOException {
    List<X509Certificate> certificates = new ArrayList<>();
    byte[] secret = null;
    for (var block : Certificates.blocks(octets)) {
      switch (block.label()) {
        case Pem.CERTIFICATE -> certificates.add(Certificates.read(block.der()));
        case Pem.ENCRYPTED_KEY -> secret = block.der();
        default -> throw new IOException("it has a block of " + block.label());
      }
    }
    if (certificates.isEmpty()) {
      throw new IOException("it has no certificate");
    }
    return new Entry(
        head.names(),
        head.origin(),
        head.added(),
        certificates.getFirst(),
        certificates.subList(1, certificates.size()),
        secret);
  }

  @Override
  public String text(Entry entry) {
    byte[] secret = entry.secret();
    return entry.pem() + (secret == null ? "" : Pem.of(Pem.ENCRYPTED_KEY, secret));
  }
}
