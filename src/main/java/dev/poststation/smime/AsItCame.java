package dev.poststation.smime;

import java.io.IOException;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.cms.SignerInformation;

/// A signature whose attributes are taken in the order in which they came. Who signed them in
/// another order than that of DER, in which they are to be signed (RFC 5652 5.4), as in RFC 4134
/// 4.10, is verified by others, too. Confined to one thread.
final class AsItCame extends SignerInformation {
  AsItCame(SignerInformation signer) {
    super(signer);
  }

  @Override
  public byte[] getEncodedSignedAttributes() throws IOException {
    return signedAttributeSet.getEncoded(ASN1Encoding.DL);
  }
}
