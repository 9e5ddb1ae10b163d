package dev.poststation.smime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.Signature;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Set;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.DERSet;
import org.bouncycastle.asn1.DERTaggedObject;
import org.bouncycastle.asn1.DERUTF8String;
import org.bouncycastle.asn1.DLSequence;
import org.bouncycastle.asn1.DLSet;
import org.bouncycastle.asn1.DLTaggedObject;
import org.bouncycastle.asn1.cms.Attribute;
import org.bouncycastle.asn1.cms.AttributeTable;
import org.bouncycastle.asn1.cms.CMSAttributes;
import org.bouncycastle.asn1.cms.CMSObjectIdentifiers;
import org.bouncycastle.asn1.cms.IssuerAndSerialNumber;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.smime.SMIMEEncryptionKeyPreferenceAttribute;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaCertStore;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.cms.CMSProcessableByteArray;
import org.bouncycastle.cms.CMSSignedDataGenerator;
import org.bouncycastle.cms.jcajce.JcaSimpleSignerInfoGeneratorBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
    return Verifier.verify(null, cms, anchors, "anna@example.com", NOW, true, () -> false);
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
                    true,
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
    return naming(
        key,
        by,
        old
            ? new Attribute(new ASN1ObjectIdentifier("1.3.6.1.4.1.311.16.4"), new DERSet(name))
            : new SMIMEEncryptionKeyPreferenceAttribute(name),
        all);
  }

  private static byte[] naming(
      KeyPair key, X509Certificate by, Attribute attribute, List<X509Certificate> all)
      throws Exception {
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

  @Test
  void aWishThatNobodyCanReadIsNoneAndTheSignatureAsGoodAsItIs() throws Exception {
    var root = pair();
    var own = pair();
    var authority = certificate("CN=Root", root, "CN=Root", root);
    var mine = certificate("E=anna@example.com", own, "CN=Root", root);
    for (ASN1Encodable wish :
        List.of(
            new DERUTF8String("no"),
            DERNull.INSTANCE,
            new DERSequence(),
            new DERTaggedObject(false, 0, new DERUTF8String("no")),
            new DERTaggedObject(false, 1, new DERUTF8String("no")),
            new DERTaggedObject(true, 2, new DERSequence()))) {
      var attribute = new Attribute(PKCSObjectIdentifiers.id_aa_encrypKeyPref, new DERSet(wish));
      var verdict = verdict(naming(own, mine, attribute, List.of(mine)), authority);
      assertThat(verdict.outcome()).as("%s", wish).isEqualTo(Verifier.Outcome.GOOD);
      assertThat(verdict.offer()).as("%s", wish).isNull();
    }
  }

  @ParameterizedTest
  @CsvSource({"1.2.3.4.5", "1.2.840.10045.2.1", "1.2.840.113549.1.1.1"})
  void aCertificateWhoseKeyNobodyCanReadEncryptsNothingAndVouchesForNothing(String algorithm)
      throws Exception {
    var root = pair();
    var own = pair();
    var authority = certificate("CN=Root", root, "CN=Root", root);
    var mine = certificate("E=anna@example.com", own, "CN=Root", root);
    var made =
        new X509v3CertificateBuilder(
                new X500Name("CN=Root"),
                BigInteger.TEN,
                Date.from(NOW.minusSeconds(60)),
                Date.from(NOW.plusSeconds(60)),
                new X500Name("E=anna@example.com"),
                new SubjectPublicKeyInfo(
                    new AlgorithmIdentifier(
                        new ASN1ObjectIdentifier(algorithm),
                        algorithm.endsWith(".2.1")
                            ? X9ObjectIdentifiers.prime256v1
                            : DERNull.INSTANCE),
                    new byte[] {7, 7}))
            .build(
                new JcaContentSignerBuilder("SHA256withECDSA")
                    .setProvider(Certificates.PROVIDER)
                    .build(root.getPrivate()));
    var odd = Certificates.read(made.getEncoded());
    assertThat(Certificates.mayEncrypt(odd)).isFalse();
    assertThat(Certificates.keyOf(odd)).isEqualTo("a key of an unknown kind");
    assertThat(Chain.hasIssued(odd, odd)).isFalse();
    var named = verdict(naming(own, mine, odd, List.of(mine, odd), false), authority);
    assertThat(named.outcome()).isEqualTo(Verifier.Outcome.GOOD);
    assertThat(named.offer()).isNull();
    var signed = verdict(signed(own, odd, 1, List.of(odd)), authority);
    assertThat(signed.outcome()).isEqualTo(Verifier.Outcome.UNREADABLE);
  }

  /// As in RFC 4134 4.6. Who verified it fell over.
  @ParameterizedTest
  @CsvSource({"DSA, 1.2.840.10040.4.1", "EC, 1.2.840.10045.2.1"})
  void aKeyWithoutParametersOfItsOwnIsNotLookedAt(String kind, String algorithm) throws Exception {
    var generator = KeyPairGenerator.getInstance(kind, Certificates.PROVIDER);
    generator.initialize(kind.equals("DSA") ? 1024 : 256);
    var own = generator.generateKeyPair();
    var root = pair();
    var authority = certificate("CN=Root", root, "CN=Root", root);
    var whole = SubjectPublicKeyInfo.getInstance(own.getPublic().getEncoded());
    var bare =
        new SubjectPublicKeyInfo(
            new AlgorithmIdentifier(
                new ASN1ObjectIdentifier(algorithm), kind.equals("DSA") ? null : DERNull.INSTANCE),
            whole.getPublicKeyData().getOctets());
    var builder =
        new X509v3CertificateBuilder(
            new X500Name("CN=Root"),
            BigInteger.TEN,
            Date.from(NOW.minusSeconds(60)),
            Date.from(NOW.plusSeconds(60)),
            new X500Name("E=anna@example.com"),
            bare);
    var signer = new JcaContentSignerBuilder("SHA256withECDSA").setProvider(Certificates.PROVIDER);
    var holder = builder.build(signer.build(root.getPrivate()));
    var signed = new CMSSignedDataGenerator();
    signed.addSignerInfoGenerator(
        new JcaSimpleSignerInfoGeneratorBuilder()
            .setProvider(Certificates.PROVIDER)
            .build("SHA256with" + kind.replace("EC", "ECDSA"), own.getPrivate(), holder));
    signed.addCertificate(holder);
    var cms = signed.generate(new CMSProcessableByteArray(CONTENT), true).getEncoded();
    var verdict = verdict(cms, authority);
    assertThat(verdict.outcome()).isEqualTo(Verifier.Outcome.UNREADABLE);
    assertThat(verdict.why()).contains("without parameters of its own");
  }

  /// As in RFC 4134 4.10, which OpenSSL verifies.
  @Test
  void attributesThatWereSignedInTheOrderInWhichTheyCameAreGood() throws Exception {
    var root = pair();
    var own = pair();
    var authority = certificate("CN=Root", root, "CN=Root", root);
    var mine = certificate("E=anna@example.com", own, "CN=Root", root);
    var cms = signedInAnotherOrder(own, mine, CONTENT);
    assertThat(verdict(cms, authority).outcome()).isEqualTo(Verifier.Outcome.GOOD);
    var other = signedInAnotherOrder(own, mine, "Hallo\r\n".getBytes(StandardCharsets.US_ASCII));
    assertThat(verdict(other, authority).outcome()).isEqualTo(Verifier.Outcome.BROKEN);
  }

  private static byte[] signedInAnotherOrder(KeyPair key, X509Certificate by, byte[] digested)
      throws Exception {
    var digest = new AlgorithmIdentifier(NISTObjectIdentifiers.id_sha256);
    var hash = MessageDigest.getInstance("SHA-256").digest(digested);
    var attributes =
        new DLSet(
            new ASN1Encodable[] {
              new Attribute(CMSAttributes.messageDigest, new DERSet(new DEROctetString(hash))),
              new Attribute(CMSAttributes.contentType, new DERSet(CMSObjectIdentifiers.data))
            });
    var signature = Signature.getInstance("SHA256withECDSA");
    signature.initSign(key.getPrivate());
    signature.update(attributes.getEncoded(ASN1Encoding.DL));
    var certificate = Certificates.holder(by).toASN1Structure();
    // What is made of DER would be sorted.
    var signer =
        list(
            new ASN1Integer(1),
            new IssuerAndSerialNumber(certificate),
            digest,
            new DLTaggedObject(false, 0, attributes),
            new AlgorithmIdentifier(X9ObjectIdentifiers.ecdsa_with_SHA256),
            new DEROctetString(signature.sign()));
    var data =
        list(CMSObjectIdentifiers.data, new DLTaggedObject(true, 0, new DEROctetString(CONTENT)));
    var signed =
        list(
            new ASN1Integer(1),
            new DLSet(digest),
            data,
            new DLTaggedObject(false, 0, new DLSet(certificate)),
            new DLSet(signer));
    return list(CMSObjectIdentifiers.signedData, new DLTaggedObject(true, 0, signed))
        .getEncoded(ASN1Encoding.DL);
  }

  private static DLSequence list(ASN1Encodable... elements) {
    return new DLSequence(elements);
  }
}
