package dev.poststation.smime;

import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.ASN1TaggedObject;
import org.bouncycastle.asn1.cms.IssuerAndSerialNumber;
import org.bouncycastle.asn1.cms.RecipientKeyIdentifier;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cms.KeyTransRecipientId;
import org.bouncycastle.cms.SignerInformation;

/// By which certificate who signs a mail wants to be written to (RFC 8551 2.5.3). Pure functions.
final class Offers {
  /// Before it stood in RFC 2633, Outlook had one of its own.
  private static final ASN1ObjectIdentifier MICROSOFT =
      new ASN1ObjectIdentifier("1.3.6.1.4.1.311.16.4");

  /// Each is looked at like the one that signs.
  private static final int MOST = 3;

  private Offers() {}

  /// Those that it may be, the best first: the one that the signature names; without such a name
  /// the one that signs, and where that does not encrypt, others that came with it.
  static List<X509Certificate> of(
      SignerInformation signer,
      X509Certificate own,
      Map<X509CertificateHolder, X509Certificate> all) {
    Optional<KeyTransRecipientId> named;
    try {
      named = named(signer);
    } catch (RuntimeException _) {
      return List.of(); // Nobody can read it; the signature is as good as it is.
    }
    if (named.isPresent()) {
      var by = named.get();
      return all.entrySet().stream()
          .filter(each -> by.match(each.getKey()))
          .map(Map.Entry::getValue)
          .limit(1)
          .toList();
    }
    return Certificates.mayEncrypt(own) ? List.of(own) : others(all.values());
  }

  private static List<X509Certificate> others(Collection<X509Certificate> all) {
    return all.stream()
        .filter(each -> each.getBasicConstraints() < 0)
        .sorted(Comparator.comparing(X509Certificate::getNotBefore).reversed())
        .limit(MOST)
        .toList();
  }

  private static Optional<KeyTransRecipientId> named(SignerInformation signer) {
    var signed = signer.getSignedAttributes();
    if (signed == null) {
      return Optional.empty();
    }
    var preference = signed.get(PKCSObjectIdentifiers.id_aa_encrypKeyPref);
    var attribute = preference == null ? signed.get(MICROSOFT) : preference;
    if (attribute == null || attribute.getAttrValues().size() != 1) {
      return Optional.empty();
    }
    return Optional.of(named(attribute.getAttributeValues()[0]));
  }

  /// @throws RuntimeException when it cannot be read
  private static KeyTransRecipientId named(ASN1Encodable value) {
    if (!(value instanceof ASN1TaggedObject choice)) {
      return of(IssuerAndSerialNumber.getInstance(value));
    }
    return switch (choice.getTagNo()) {
      case 0 -> of(IssuerAndSerialNumber.getInstance(ASN1Sequence.getInstance(choice, false)));
      case 1 ->
          new KeyTransRecipientId(
              RecipientKeyIdentifier.getInstance(choice, false)
                  .getSubjectKeyIdentifier()
                  .getOctets());
      default -> new KeyTransRecipientId(ASN1OctetString.getInstance(choice, false).getOctets());
    };
  }

  private static KeyTransRecipientId of(IssuerAndSerialNumber name) {
    return new KeyTransRecipientId(name.getName(), name.getSerialNumber().getValue());
  }
}
