package dev.poststation.smime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Set;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERSet;
import org.bouncycastle.asn1.cms.Attribute;
import org.bouncycastle.asn1.cms.AttributeTable;
import org.bouncycastle.asn1.cms.IssuerAndSerialNumber;
import org.bouncycastle.asn1.smime.SMIMEEncryptionKeyPreferenceAttribute;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.jcajce.JcaCertStore;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.cms.CMSProcessableByteArray;
import org.bouncycastle.cms.CMSSignedDataGenerator;
import org.bouncycastle.cms.jcajce.JcaSimpleSignerInfoGeneratorBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class VerifierTest {
  private static final byte[] CONTENT = "Hello\r\n".getBytes(StandardCharsets.US_ASCII);
  private static final Instant NOW = Instant.parse("2026-12-01T12:00:00Z");

  private int serial;

  private static KeyPair pair() throws Exception {
    var generator = KeyPairGenerator.getInstance("EC", Certificates.PROVIDER);
    generator.initialize(256);
    return generator.generateKeyPair();
  }

  private X509Certificate certificate(String subject, KeyPair of, String issuer, KeyPair by)
      throws Exception {
    serial++;
    var builder =
        new JcaX509v3CertificateBuilder(
            new X500Name(issuer),
            BigInteger.valueOf(serial),
            Date.from(NOW.minusSeconds(60)),
            Date.from(NOW.plusSeconds(60)),
            new X500Name(subject),
            of.getPublic());
    var signer = new JcaContentSignerBuilder("SHA256withECDSA").setProvider(Certificates.PROVIDER);
    return Certificates.read(builder.build(signer.build(by.getPrivate())).getEncoded());
  }

  private static byte[] signed(
      KeyPair key, X509Certificate by, int times, List<X509Certificate> all) throws Exception {
    var generator = new CMSSignedDataGenerator();
    for (int i = 0; i < times; i++) {
      generator.addSignerInfoGenerator(
          new JcaSimpleSignerInfoGeneratorBuilder()
              .setProvider(Certificates.PROVIDER)
              .build("SHA256withECDSA", key.getPrivate(), by));
    }
    generator.addCertificates(new JcaCertStore(all));
    return generator.generate(new CMSProcessableByteArray(CONTENT), true).getEncoded();
  }

  private static Verifier.Verdict verdict(byte[] cms, X509Certificate trusted) throws Exception {
    var anchors = Set.of(new TrustAnchor(trusted, null));
    return Verifier.verify(null, cms, anchors, "anna@example.com", NOW, () -> false);
  }

  @Test
  void aSignatureByACertificateOfATrustedAuthorityIsGood() throws Exception {
    var root = pair();
    var own = pair();
    var authority = certificate("CN=Root", root, "CN=Root", root);
    var mine = certificate("E=anna@example.com", own, "CN=Root", root);
    var cms = signed(own, mine, 1, List.of(mine));
    assertThat(verdict(cms, authority).outcome()).isEqualTo(Verifier.Outcome.GOOD);
    assertThatThrownBy(
            () ->
                Verifier.verify(
                    null,
                    cms,
                    Set.of(new TrustAnchor(authority, null)),
                    "anna@example.com",
                    NOW,
                    () -> true))
        .isInstanceOf(Verifier.TooLate.class);
  }

  /// All of one name, each issued by the same key: whoever looks for a path has no end of them.
  @Test
  void certificatesThatAllSeemToHaveIssuedEachOtherAreNoWayToAnAuthority() throws Exception {
    var root = pair();
    var own = pair();
    var authority = certificate("CN=Root", root, "CN=Root", root);
    List<X509Certificate> all = new ArrayList<>();
    for (int i = 0; i < 19; i++) {
      all.add(certificate("CN=Same", own, "CN=Same", own));
    }
    var mine = certificate("CN=Same", own, "CN=Same", own);
    all.add(mine);
    var verdict = verdict(signed(own, mine, 1, all), authority);
    assertThat(verdict.outcome()).isEqualTo(Verifier.Outcome.UNTRUSTED);
    assertThat(verdict.why()).contains("too complex");
    all.add(certificate("CN=Same", own, "CN=Same", own));
    var more = verdict(signed(own, mine, 1, all), authority);
    assertThat(more.outcome()).isEqualTo(Verifier.Outcome.UNREADABLE);
    assertThat(more.why()).contains("21 certificates");
  }

  @Test
  void moreSignaturesThanTenAreNotLookedAt() throws Exception {
    var root = pair();
    var authority = certificate("E=anna@example.com", root, "E=anna@example.com", root);
    var all = List.of(authority);
    assertThat(verdict(signed(root, authority, 10, all), authority).outcome())
        .isEqualTo(Verifier.Outcome.GOOD);
    var more = verdict(signed(root, authority, 11, all), authority);
    assertThat(more.outcome()).isEqualTo(Verifier.Outcome.UNREADABLE);
    assertThat(more.why()).contains("11 signatures");
  }

  @Test
  void theCertificateThatASignatureNamesForEncryptionIsOfferedIfItIsOfTheAuthorAndTrusted()
      throws Exception {
    var root = pair();
    var own = pair();
    var authority = certificate("CN=Root", root, "CN=Root", root);
    var mine = certificate("E=anna@example.com", own, "CN=Root", root);
    var other = certificate("E=anna@example.com", pair(), "CN=Root", root);
    var bert = certificate("E=bert@example.com", pair(), "CN=Root", root);
    var fake = certificate("E=anna@example.com", pair(), "CN=Fake", pair());
    var all = List.of(mine, other, bert, fake);
    var plain = verdict(signed(own, mine, 1, all), authority).offer();
    assertThat(plain).isEqualTo(new Trusted(mine, List.of(authority)));
    for (boolean microsoft : new boolean[] {false, true}) {
      var named = verdict(naming(own, mine, other, all, microsoft), authority);
      assertThat(named.offer()).isEqualTo(new Trusted(other, List.of(authority)));
      for (var wrong : List.of(bert, fake)) {
        var verdict = verdict(naming(own, mine, wrong, all, microsoft), authority);
        assertThat(verdict.outcome()).isEqualTo(Verifier.Outcome.GOOD);
        assertThat(verdict.offer()).isNull();
      }
    }
    assertThat(verdict(naming(own, mine, other, List.of(mine), false), authority).offer()).isNull();
  }

  private static byte[] naming(
      KeyPair key,
      X509Certificate by,
      X509Certificate named,
      List<X509Certificate> all,
      boolean old)
      throws Exception {
    var name =
        new IssuerAndSerialNumber(
            new X500Name(named.getIssuerX500Principal().getName()), named.getSerialNumber());
    var attribute =
        old
            ? new Attribute(new ASN1ObjectIdentifier("1.3.6.1.4.1.311.16.4"), new DERSet(name))
            : new SMIMEEncryptionKeyPreferenceAttribute(name);
    var table = new AttributeTable(new DERSet(attribute));
    var generator = new CMSSignedDataGenerator();
    generator.addSignerInfoGenerator(
        new JcaSimpleSignerInfoGeneratorBuilder()
            .setProvider(Certificates.PROVIDER)
            .setSignedAttributeGenerator(table)
            .build("SHA256withECDSA", key.getPrivate(), by));
    generator.addCertificates(new JcaCertStore(all));
    return generator.generate(new CMSProcessableByteArray(CONTENT), true).getEncoded();
  }
}
