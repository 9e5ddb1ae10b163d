package dev.poststation.smime;

import java.io.IOException;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.PBEParameterSpec;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.pkcs.EncryptedPrivateKeyInfo;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;

/// Private keys under a password, as OpenSSL reads them too: PKCS #8 with PBES2, AES-256 and
/// PBKDF2. By the JDK, which is several times faster at it. Pure functions; they are slow on
/// purpose.
final class Sealing {
  private static final String ALGORITHM = "PBEWithHmacSHA256AndAES_256";

  /// For HMAC-SHA-256, as OWASP counts (2023).
  private static final int ITERATIONS = 600_000;

  private Sealing() {}

  private static SecretKey under(String password) throws IOException, GeneralSecurityException {
    if (!password.chars().allMatch(c -> c >= ' ' && c < 127)) {
      throw new IOException("smime.password has other characters than those of ASCII");
    }
    return SecretKeyFactory.getInstance(ALGORITHM)
        .generateSecret(new PBEKeySpec(password.toCharArray()));
  }

  /// Encrypts a key.
  ///
  /// @param salt that nobody can guess
  static byte[] seal(PrivateKey key, String password, byte[] salt) throws IOException {
    try {
      var cipher = Cipher.getInstance(ALGORITHM);
      cipher.init(Cipher.ENCRYPT_MODE, under(password), new PBEParameterSpec(salt, ITERATIONS));
      byte[] sealed = cipher.doFinal(key.getEncoded());
      var how = ASN1Primitive.fromByteArray(cipher.getParameters().getEncoded());
      var by = new AlgorithmIdentifier(PKCSObjectIdentifiers.id_PBES2, how);
      return new EncryptedPrivateKeyInfo(by, sealed).getEncoded();
    } catch (GeneralSecurityException e) {
      throw new IOException("the key cannot be encrypted: " + e.getMessage(), e);
    }
  }

  /// Decrypts one.
  ///
  /// @throws IOException when the password is another one
  static PrivateKey open(byte[] sealed, String password) throws IOException {
    try {
      var info = EncryptedPrivateKeyInfo.getInstance(sealed);
      var how = AlgorithmParameters.getInstance(ALGORITHM);
      how.init(info.getEncryptionAlgorithm().getParameters().toASN1Primitive().getEncoded());
      var cipher = Cipher.getInstance(ALGORITHM);
      cipher.init(Cipher.DECRYPT_MODE, under(password), how);
      var key = PrivateKeyInfo.getInstance(cipher.doFinal(info.getEncryptedData()));
      return new JcaPEMKeyConverter().setProvider(Certificates.PROVIDER).getPrivateKey(key);
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw new IOException("smime.password does not open it", e);
    }
  }

  /// The same key as our provider has it.
  static PrivateKey ours(PrivateKey key) throws IOException {
    try {
      var factory = KeyFactory.getInstance(key.getAlgorithm(), Certificates.PROVIDER);
      return factory.generatePrivate(new PKCS8EncodedKeySpec(key.getEncoded()));
    } catch (GeneralSecurityException e) {
      throw new IOException("a key of " + key.getAlgorithm() + " cannot be used here", e);
    }
  }
}
