package dev.poststation.openpgp;

import dev.poststation.seal.Form;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.bouncycastle.openpgp.PGPKeyRing;

/// Keys in files: in armor, the private parts encrypted, as other programs read them too.
/// Stateless.
final class KeyForm implements Form<Key> {
  @Override
  public String word() {
    return "openpgp";
  }

  @Override
  public String suffix() {
    return ".asc";
  }

  @Override
  public Key parse(Head head, byte[] octets) throws IOException {
    var found = KeyFile.read(octets);
    if (found.size() > 1) {
      throw new IOException("it has several keys");
    }
    var key = found.getFirst();
    if (key.secret() != null && !Sealing.isSealed(key.secret())) {
      throw new IOException("its private key is not encrypted");
    }
    return new Key(head.names(), head.origin(), head.added(), key.ring(), key.secret());
  }

  @Override
  public String text(Key entry) {
    PGPKeyRing secret = entry.secret();
    try {
      return Armor.of(secret == null ? entry.ring() : secret);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // It is written into memory.
    }
  }
}
