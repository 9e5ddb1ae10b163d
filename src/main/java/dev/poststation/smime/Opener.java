package dev.poststation.smime;

import java.io.IOException;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.cms.CMSObjectIdentifiers;
import org.bouncycastle.asn1.cms.ContentInfo;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.cms.CMSAuthEnvelopedData;
import org.bouncycastle.cms.CMSEnvelopedData;
import org.bouncycastle.cms.CMSException;
import org.bouncycastle.cms.KeyAgreeRecipientId;
import org.bouncycastle.cms.KeyTransRecipientId;
import org.bouncycastle.cms.Recipient;
import org.bouncycastle.cms.RecipientInformation;
import org.bouncycastle.cms.RecipientInformationStore;
import org.bouncycastle.cms.jcajce.JceKeyAgreeAuthEnvelopedRecipient;
import org.bouncycastle.cms.jcajce.JceKeyAgreeEnvelopedRecipient;
import org.bouncycastle.cms.jcajce.JceKeyTransAuthEnvelopedRecipient;
import org.bouncycastle.cms.jcajce.JceKeyTransEnvelopedRecipient;

/// Decrypts what is for one of our keys (RFC 5652 6, RFC 5083). All of the content is in memory.
/// Stateless.
public final class Opener {
  private static final int RECIPIENTS_MAX = 1000;

  private Opener() {}

  /// What was in an envelope.
  ///
  /// @param by whose key opened it
  /// @param cipher for people
  public record Opened(byte[] content, Entry by, String cipher) {}

  /// Whether it is encrypted: other CMS is not for here.
  ///
  /// @throws IOException when it is no CMS; the message is a clause
  public static boolean isEncrypted(byte[] cms) throws IOException {
    var type = type(cms);
    return type.equals(CMSObjectIdentifiers.envelopedData)
        || type.equals(CMSObjectIdentifiers.authEnvelopedData);
  }

  private static ASN1ObjectIdentifier type(byte[] cms) throws IOException {
    try {
      return ContentInfo.getInstance(cms).getContentType();
    } catch (IllegalArgumentException | IllegalStateException e) {
      throw new IOException("it is no CMS that can be read", e);
    }
  }

  /// Decrypts; empty: it is for none of the keys.
  ///
  /// @throws IOException when it is damaged, or the key cannot be had; the message is a clause
  public static Optional<Opened> open(byte[] cms, Keystore keys) throws IOException {
    try {
      if (type(cms).equals(CMSObjectIdentifiers.authEnvelopedData)) {
        var data = new CMSAuthEnvelopedData(cms);
        return open(data.getRecipientInfos(), true, cipher(gcm(cms)), keys);
      }
      var data = new CMSEnvelopedData(cms);
      String cipher = cipher(data.getContentEncryptionAlgorithm().getAlgorithm());
      return open(data.getRecipientInfos(), false, cipher, keys);
    } catch (CMSException | IllegalArgumentException | IllegalStateException e) {
      throw new IOException("it cannot be decrypted: " + e.getMessage(), e);
    }
  }

  private static ASN1ObjectIdentifier gcm(byte[] cms) {
    return org.bouncycastle.asn1.cms.AuthEnvelopedData.getInstance(
            ContentInfo.getInstance(cms).getContent())
        .getAuthEncryptedContentInfo()
        .getContentEncryptionAlgorithm()
        .getAlgorithm();
  }

  private static Optional<Opened> open(
      RecipientInformationStore all, boolean authenticated, String cipher, Keystore keys)
      throws IOException, CMSException {
    if (all.size() > RECIPIENTS_MAX) {
      throw new IOException("it is too complex: it is for " + all.size() + " recipients");
    }
    var own = keys.own();
    for (RecipientInformation each : all.getRecipients()) {
      for (var candidate : own) {
        var entry = candidate.entry();
        var holder = candidate.holder();
        if (each.getRID() instanceof KeyTransRecipientId id && id.match(holder)) {
          var key = keys.key(entry);
          Recipient recipient =
              authenticated
                  ? new JceKeyTransAuthEnvelopedRecipient(key).setProvider(Certificates.PROVIDER)
                  : new JceKeyTransEnvelopedRecipient(key).setProvider(Certificates.PROVIDER);
          return Optional.of(new Opened(each.getContent(recipient), entry, cipher));
        }
        if (each.getRID() instanceof KeyAgreeRecipientId id && id.match(holder)) {
          var key = keys.key(entry);
          Recipient recipient =
              authenticated
                  ? new JceKeyAgreeAuthEnvelopedRecipient(key).setProvider(Certificates.PROVIDER)
                  : new JceKeyAgreeEnvelopedRecipient(key).setProvider(Certificates.PROVIDER);
          return Optional.of(new Opened(each.getContent(recipient), entry, cipher));
        }
      }
    }
    return Optional.empty();
  }

  private static String cipher(ASN1ObjectIdentifier algorithm) {
    if (algorithm.equals(NISTObjectIdentifiers.id_aes256_GCM)) {
      return "aes-256-gcm";
    }
    if (algorithm.equals(NISTObjectIdentifiers.id_aes128_GCM)) {
      return "aes-128-gcm";
    }
    if (algorithm.equals(NISTObjectIdentifiers.id_aes256_CBC)) {
      return "aes-256-cbc";
    }
    if (algorithm.equals(NISTObjectIdentifiers.id_aes128_CBC)) {
      return "aes-128-cbc";
    }
    return algorithm.equals(PKCSObjectIdentifiers.des_EDE3_CBC) ? "3des" : algorithm.getId();
  }
}
