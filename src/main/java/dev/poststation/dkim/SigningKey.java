package dev.poststation.dkim;

import java.security.GeneralSecurityException;
import java.security.Signature;

/// A key that signs for a domain. Immutable.
///
/// @param domain with A-labels, in lower case (RFC 8616)
/// @param selector under which its record stands
public record SigningKey(String domain, String selector, KeyPairOf keys) {
  /// How it signs.
  public Algorithm algorithm() {
    return keys.algorithm();
  }

  /// Where its record stands.
  public String recordName() {
    return recordName(selector, domain);
  }

  /// Where the record of a selector stands (RFC 6376 3.6.2.1).
  static String recordName(String selector, String domain) {
    return selector + "._domainkey." + domain;
  }

  /// Signs what is hashed of a header.
  byte[] sign(byte[] hashed) {
    try {
      var signature = Signature.getInstance(algorithm().java());
      signature.initSign(keys.secret());
      signature.update(
          switch (algorithm()) {
            case RSA_SHA256 -> hashed;
            case ED25519_SHA256 -> BodyHash.sha256().digest(hashed); // RFC 8463 3
          });
      return signature.sign();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the key " + recordName() + " does not sign", e);
    }
  }

  @Override
  public String toString() {
    return selector + "." + domain + " (" + algorithm().word() + ")";
  }
}
