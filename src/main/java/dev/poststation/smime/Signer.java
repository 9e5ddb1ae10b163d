package dev.poststation.smime;

import dev.poststation.config.SmimeService;
import dev.poststation.message.Octets;
import java.io.IOException;
import java.io.OutputStream;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Locale;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERSet;
import org.bouncycastle.asn1.cms.Attribute;
import org.bouncycastle.asn1.cms.AttributeTable;
import org.bouncycastle.asn1.cms.CMSAttributes;
import org.bouncycastle.asn1.cms.CMSObjectIdentifiers;
import org.bouncycastle.asn1.cms.Time;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.smime.SMIMECapabilitiesAttribute;
import org.bouncycastle.asn1.smime.SMIMECapabilityVector;
import org.bouncycastle.cert.jcajce.JcaCertStore;
import org.bouncycastle.cms.CMSException;
import org.bouncycastle.cms.CMSSignedDataGenerator;
import org.bouncycastle.cms.CMSTypedData;
import org.bouncycastle.cms.DefaultSignedAttributeTableGenerator;
import org.bouncycastle.cms.jcajce.JcaSignerInfoGeneratorBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;

/// Makes detached signatures (RFC 5652 5, RFC 8551 3.5). Pure functions; of the content only a
/// window is in memory.
public final class Signer {
  private Signer() {}

  /// A signature.
  ///
  /// @param micalg the digest, as multipart/signed names it (RFC 8551 3.5.3.2)
  /// @param algorithm for people
  public record Signature(byte[] cms, String micalg, String algorithm) {}

  /// Signs.
  ///
  /// @throws IOException when the content cannot be read, or the key does not sign; the message is
  ///   a clause
  public static Signature sign(
      Octets content, Entry by, PrivateKey key, SmimeService.Sign how, Instant now)
      throws IOException {
    var certificate = by.certificate();
    String algorithm = algorithm(certificate, how);
    try {
      var digests =
          new JcaDigestCalculatorProviderBuilder().setProvider(Certificates.PROVIDER).build();
      var signer =
          new JcaContentSignerBuilder(algorithm).setProvider(Certificates.PROVIDER).build(key);
      var generator = new CMSSignedDataGenerator();
      generator.addSignerInfoGenerator(
          new JcaSignerInfoGeneratorBuilder(digests)
              .setSignedAttributeGenerator(
                  new DefaultSignedAttributeTableGenerator(attributes(now)))
              .build(signer, certificate));
      List<X509Certificate> certificates = new ArrayList<>();
      certificates.add(certificate);
      // Who verifies has the root, or does not trust it.
      by.chain().stream().filter(each -> !Chain.isRoot(each)).forEach(certificates::add);
      generator.addCertificates(new JcaCertStore(certificates));
      var signed = generator.generate(new Streamed(content), false);
      return new Signature(
          signed.toASN1Structure().getEncoded(ASN1Encoding.DER),
          micalg(certificate, how),
          algorithm);
    } catch (CMSException | OperatorCreationException | GeneralSecurityException e) {
      throw new IOException("the key of " + by + " does not sign: " + e.getMessage(), e);
    }
  }

  private static String algorithm(X509Certificate certificate, SmimeService.Sign how) {
    String digest = how.digest().name();
    return switch (certificate.getPublicKey()) {
      case RSAPublicKey _ ->
          digest + (how.padding() == SmimeService.Padding.PSS ? "WITHRSAANDMGF1" : "WITHRSA");
      case ECPublicKey _ -> digest + "WITHECDSA";
      case java.security.PublicKey other -> other.getAlgorithm(); // Ed25519, RFC 8419
    };
  }

  private static String micalg(X509Certificate certificate, SmimeService.Sign how) {
    return switch (certificate.getPublicKey()) {
      case RSAPublicKey _, ECPublicKey _ ->
          "sha-" + how.digest().name().substring(3).toLowerCase(Locale.ROOT);
      case java.security.PublicKey other ->
          other.getAlgorithm().equals("Ed448") ? "shake256-512" : "sha-512"; // RFC 8419 3.1
    };
  }

  /// When it was signed, and what the author's program could read (RFC 8551 2.5.2).
  private static AttributeTable attributes(Instant now) {
    var can = new SMIMECapabilityVector();
    for (ASN1ObjectIdentifier each :
        List.of(
            NISTObjectIdentifiers.id_aes256_GCM,
            NISTObjectIdentifiers.id_aes128_GCM,
            NISTObjectIdentifiers.id_aes256_CBC,
            NISTObjectIdentifiers.id_aes128_CBC)) {
      can.addCapability(each);
    }
    var table = new org.bouncycastle.asn1.ASN1EncodableVector();
    table.add(new Attribute(CMSAttributes.signingTime, new DERSet(new Time(Date.from(now)))));
    table.add(new SMIMECapabilitiesAttribute(can));
    return new AttributeTable(table);
  }

  private record Streamed(Octets content) implements CMSTypedData {
    @Override
    public ASN1ObjectIdentifier getContentType() {
      return CMSObjectIdentifiers.data;
    }

    @Override
    public void write(OutputStream out) throws IOException {
      try (var in = content.open()) {
        in.transferTo(out);
      }
    }

    @Override
    public Object getContent() {
      return content;
    }
  }
}
