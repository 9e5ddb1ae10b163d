package dev.poststation.content;

import dev.poststation.message.Octets;
import dev.poststation.openpgp.Key;
import dev.poststation.openpgp.OpenPgp;
import dev.poststation.openpgp.Signer;
import dev.poststation.seal.SealWork;
import dev.poststation.smtp.Address;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Supplier;

/// Signatures of OpenPGP (RFC 3156 5). Safe for any thread.
record OpenPgpSignatures(Supplier<OpenPgp> openPgp) implements Signing.Signatures<Key> {
  @Override
  public String word() {
    return "openpgp-sign";
  }

  @Override
  public String way() {
    return "OpenPGP";
  }

  @Override
  public Optional<Key> signer(Address author) {
    return openPgp.get().keystore().signer(author);
  }

  @Override
  public Signing.Signature sign(Octets entity, Key by) throws IOException {
    var kept = openPgp.get();
    return new Signing.Signature(
        "application/pgp-signature",
        Signer.MICALG,
        "name=signature.asc",
        """
        Content-Description: OpenPGP digital signature\r
        Content-Disposition: attachment; filename=signature.asc\r
        """,
        Signer.sign(entity, by, kept.keystore(), kept.now()),
        "SHA256");
  }

  @Override
  public SealWork work() {
    return openPgp.get().work();
  }
}
