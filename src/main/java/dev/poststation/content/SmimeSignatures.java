package dev.poststation.content;

import dev.poststation.config.SmimeService;
import dev.poststation.message.Octets;
import dev.poststation.mime.Transfer;
import dev.poststation.seal.SealWork;
import dev.poststation.smime.Entry;
import dev.poststation.smime.Signer;
import dev.poststation.smime.Smime;
import dev.poststation.smtp.Address;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Supplier;

/// Signatures of S/MIME (RFC 8551 3.5.3). Safe for any thread.
record SmimeSignatures(SmimeService.Sign settings, Supplier<Smime> smime)
    implements Signing.Signatures<Entry> {
  @Override
  public String word() {
    return "smime-sign";
  }

  @Override
  public String way() {
    return "S/MIME";
  }

  @Override
  public Optional<Entry> signer(Address author) {
    return smime.get().keystore().signer(author);
  }

  @Override
  public Signing.Signature sign(Octets entity, Entry by) throws IOException {
    var kept = smime.get();
    var signature = Signer.sign(entity, by, kept.keystore().key(by), settings, kept.now());
    return new Signing.Signature(
        "application/pkcs7-signature",
        signature.micalg(),
        "name=smime.p7s",
        """
        Content-Transfer-Encoding: base64\r
        Content-Disposition: attachment; filename=smime.p7s\r
        """,
        Transfer.encode(signature.cms(), "base64"),
        signature.algorithm());
  }

  @Override
  public SealWork work() {
    return smime.get().work();
  }
}
