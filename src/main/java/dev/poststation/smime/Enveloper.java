package dev.poststation.smime;

import dev.poststation.config.SmimeService;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.spec.MGF1ParameterSpec;
import java.util.List;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.cms.CMSAlgorithm;
import org.bouncycastle.cms.CMSAuthEnvelopedDataGenerator;
import org.bouncycastle.cms.CMSEnvelopedDataGenerator;
import org.bouncycastle.cms.CMSException;
import org.bouncycastle.cms.CMSProcessableByteArray;
import org.bouncycastle.cms.RecipientInfoGenerator;
import org.bouncycastle.cms.jcajce.JceCMSContentEncryptorBuilder;
import org.bouncycastle.cms.jcajce.JceKeyAgreeRecipientInfoGenerator;
import org.bouncycastle.cms.jcajce.JceKeyTransRecipientInfoGenerator;
import org.bouncycastle.operator.OutputAEADEncryptor;
import org.bouncycastle.operator.jcajce.JcaAlgorithmParametersConverter;

/// Encrypts for several recipients (RFC 5652 6, RFC 5083): by RSA or ECDH, the content by AES. All
/// of the content is in memory. Safe for any thread; keys are random.
public final class Enveloper {
  private Enveloper() {}

  /// Encrypts.
  ///
  /// @throws IOException when it cannot be done for one of them; the message is a clause
  public static byte[] envelop(byte[] content, List<Entry> to, SmimeService.Encrypt how)
      throws IOException {
    try {
      var encryptor =
          new JceCMSContentEncryptorBuilder(cipher(how.cipher()))
              .setProvider(Certificates.PROVIDER)
              .build();
      var data = new CMSProcessableByteArray(content);
      if (encryptor instanceof OutputAEADEncryptor aead) {
        var generator = new CMSAuthEnvelopedDataGenerator();
        for (var each : to) {
          generator.addRecipientInfoGenerator(recipient(each.certificate(), how));
        }
        return generator.generate(data, aead).toASN1Structure().getEncoded(ASN1Encoding.DER);
      }
      var generator = new CMSEnvelopedDataGenerator();
      for (var each : to) {
        generator.addRecipientInfoGenerator(recipient(each.certificate(), how));
      }
      return generator.generate(data, encryptor).toASN1Structure().getEncoded(ASN1Encoding.DER);
    } catch (CMSException | GeneralSecurityException e) {
      throw new IOException("it cannot be encrypted: " + e.getMessage(), e);
    }
  }

  private static ASN1ObjectIdentifier cipher(SmimeService.Cipher cipher) {
    return switch (cipher) {
      case AES_256_GCM -> CMSAlgorithm.AES256_GCM;
      case AES_128_GCM -> CMSAlgorithm.AES128_GCM;
      case AES_256_CBC -> CMSAlgorithm.AES256_CBC;
      case AES_128_CBC -> CMSAlgorithm.AES128_CBC;
    };
  }

  private static RecipientInfoGenerator recipient(
      X509Certificate certificate, SmimeService.Encrypt how)
      throws GeneralSecurityException, CMSException {
    if (certificate.getPublicKey() instanceof ECPublicKey key) {
      // RFC 5753 3.1.1, with the KDF that RFC 8551 2.3 demands.
      var ephemeral = KeyPairGenerator.getInstance("EC", Certificates.PROVIDER);
      ephemeral.initialize(key.getParams());
      var pair = ephemeral.generateKeyPair();
      return new JceKeyAgreeRecipientInfoGenerator(
              CMSAlgorithm.ECDH_SHA256KDF,
              pair.getPrivate(),
              pair.getPublic(),
              CMSAlgorithm.AES256_WRAP)
          .addRecipient(certificate)
          .setProvider(Certificates.PROVIDER);
    }
    if (how.keyTransport() == SmimeService.KeyTransport.PKCS1) {
      return new JceKeyTransRecipientInfoGenerator(certificate).setProvider(Certificates.PROVIDER);
    }
    var oaep =
        new OAEPParameterSpec(
            "SHA-256", "MGF1", MGF1ParameterSpec.SHA256, PSource.PSpecified.DEFAULT);
    var algorithm =
        new JcaAlgorithmParametersConverter()
            .getAlgorithmIdentifier(PKCSObjectIdentifiers.id_RSAES_OAEP, oaep);
    return new JceKeyTransRecipientInfoGenerator(certificate, algorithm)
        .setProvider(Certificates.PROVIDER);
  }
}
