package dev.poststation.dkim;

import java.util.Arrays;
import java.util.Optional;

/// How is signed.
public enum Algorithm {
  /// RFC 6376 3.3.1: every verifier knows it.
  RSA_SHA256("rsa-sha256", "rsa", "SHA256withRSA"),
  /// RFC 8463: short keys and fast signatures, which many verifiers still ignore.
  ED25519_SHA256("ed25519-sha256", "ed25519", "Ed25519");

  private final String word;
  private final String key;
  private final String java;

  Algorithm(String word, String key, String java) {
    this.word = word;
    this.key = key;
    this.java = java;
  }

  /// As `a=` has it.
  public String word() {
    return word;
  }

  /// As `k=` of the record has it.
  public String key() {
    return key;
  }

  /// As Java calls it.
  String java() {
    return java;
  }

  /// The one of that word.
  public static Optional<Algorithm> of(String word) {
    return Arrays.stream(values()).filter(each -> each.word.equals(word)).findFirst();
  }
}
