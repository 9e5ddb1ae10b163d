package dev.poststation.smime;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.security.KeyPairGenerator;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.pkcs.PKCS12PfxPduBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS12SafeBagBuilder;
import org.bouncycastle.pkcs.jcajce.JcePKCS12MacCalculatorBuilder;
import org.bouncycastle.pkcs.jcajce.JcePKCSPBEOutputEncryptorBuilder;
import org.junit.jupiter.api.Test;

final class CertificateFileTest {
  @Test
  void aKeyWithoutItsCertificateIsToldInOneSentence() throws Exception {
    var generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(256);
    char[] password = "secret".toCharArray();
    var encryptor =
        new JcePKCSPBEOutputEncryptorBuilder(PKCSObjectIdentifiers.pbeWithSHAAnd3_KeyTripleDES_CBC)
            .setProvider(Certificates.PROVIDER)
            .build(password);
    byte[] file =
        new PKCS12PfxPduBuilder()
            .addData(
                new JcaPKCS12SafeBagBuilder(generator.generateKeyPair().getPrivate(), encryptor)
                    .build())
            .build(new JcePKCS12MacCalculatorBuilder().setProvider(Certificates.PROVIDER), password)
            .getEncoded();
    assertThatThrownBy(() -> CertificateFile.read(file, () -> "secret"))
        .isInstanceOf(IOException.class)
        .hasMessage("it has a private key, but not its certificate");
  }

  @Test
  void aKeyInPemIsToldHowItBecomesAFileThatIsTaken() {
    byte[] octets = "-----BEGIN PRIVATE KEY-----\nMII=\n".getBytes(ISO_8859_1);
    assertThatThrownBy(() -> CertificateFile.read(octets, () -> ""))
        .hasMessage(
            "it has a private key in PEM; make a PKCS #12 file of key and certificate: openssl"
                + " pkcs12 -export -inkey KEY.pem -in CERTIFICATE.pem -out FILE.p12");
  }
}
