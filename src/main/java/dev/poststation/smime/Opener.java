package dev.poststation.smime;

import dev.poststation.seal.Attempt;
import dev.poststation.smtp.Address;
import java.io.IOException;
import java.security.PrivateKey;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.cms.AuthEnvelopedData;
import org.bouncycastle.asn1.cms.CMSObjectIdentifiers;
import org.bouncycastle.asn1.cms.ContentInfo;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.cert.X509CertificateHolder;
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

/// A mail that is encrypted, read up to where a key is needed (RFC 5652 6, RFC 5083). All of the
/// content is in memory. Confined to one thread.
public final class Opener {
  private static final int RECIPIENTS_MAX = 1000;

  private final RecipientInformationStore all;
  private final boolean authenticated;
  private final String cipher;

  private Opener(RecipientInformationStore all, boolean authenticated, String cipher) {
    this.all = all;
    this.authenticated = authenticated;
    this.cipher = cipher;
  }

  /// Reads it; empty: it is not encrypted, other CMS is not for here.
  ///
  /// @throws IOException when it is no CMS, or too complex; the message is a clause
  public static Optional<Opener> of(byte[] cms) throws IOException {
    try {
      var opener = read(cms);
      int recipients = opener.map(each -> each.all.size()).orElse(0);
      if (recipients > RECIPIENTS_MAX) {
        throw new IOException("it is too complex: it is for " + recipients + " recipients");
      }
      return opener;
    } catch (CMSException | IllegalArgumentException | IllegalStateException e) {
      throw new IOException("it is no CMS that can be read", e);
    }
  }

  private static Optional<Opener> read(byte[] cms) throws CMSException {
    var info = ContentInfo.getInstance(cms);
    if (info.getContentType().equals(CMSObjectIdentifiers.authEnvelopedData)) {
      var data = new CMSAuthEnvelopedData(cms);
      return Optional.of(new Opener(data.getRecipientInfos(), true, cipher(gcm(info))));
    }
    if (info.getContentType().equals(CMSObjectIdentifiers.envelopedData)) {
      var data = new CMSEnvelopedData(cms);
      String cipher = cipher(data.getContentEncryptionAlgorithm().getAlgorithm());
      return Optional.of(new Opener(data.getRecipientInfos(), false, cipher));
    }
    return Optional.empty();
  }

  private static ASN1ObjectIdentifier gcm(ContentInfo info) {
    return AuthEnvelopedData.getInstance(info.getContent())
        .getAuthEncryptedContentInfo()
        .getContentEncryptionAlgorithm()
        .getAlgorithm();
  }

  /// By what it is encrypted, for people.
  public String cipher() {
    return cipher;
  }

  /// The keys of one of its recipients for which it says that it is.
  public List<Entry> keys(Keystore keys, Address recipient) {
    return keys.own(recipient).stream()
        .filter(each -> mine(each.holder()).isPresent())
        .map(Keystore.Own::entry)
        .toList();
  }

  private Optional<RecipientInformation> mine(X509CertificateHolder holder) {
    for (RecipientInformation each : all.getRecipients()) {
      boolean mine =
          switch (each.getRID()) {
            case KeyTransRecipientId id -> id.match(holder);
            case KeyAgreeRecipientId id -> id.match(holder);
            default -> false;
          };
      if (mine) {
        return Optional.of(each);
      }
    }
    return Optional.empty();
  }

  /// Decrypts it by a key for which it says that it is.
  ///
  /// @throws IOException when the key cannot be had; the message is a clause
  public Attempt<byte[]> open(Entry entry, Keystore keys) throws IOException {
    var key = keys.key(entry);
    var mine = mine(Certificates.holder(entry.certificate()));
    if (mine.isEmpty()) {
      return new Attempt.Foreign<>();
    }
    try {
      return new Attempt.Opened<>(mine.get().getContent(recipient(mine.get(), key)));
    } catch (CMSException | RuntimeException e) { // Whatever Bouncy Castle makes of it.
      return new Attempt.Damaged<>("it cannot be decrypted: " + e.getMessage());
    }
  }

  private Recipient recipient(RecipientInformation mine, PrivateKey key) {
    var provider = Certificates.PROVIDER;
    if (mine.getRID() instanceof KeyTransRecipientId) {
      return authenticated
          ? new JceKeyTransAuthEnvelopedRecipient(key).setProvider(provider)
          : new JceKeyTransEnvelopedRecipient(key).setProvider(provider);
    }
    return authenticated
        ? new JceKeyAgreeAuthEnvelopedRecipient(key).setProvider(provider)
        : new JceKeyAgreeEnvelopedRecipient(key).setProvider(provider);
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
