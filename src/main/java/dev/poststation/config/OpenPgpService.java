package dev.poststation.config;

import java.util.List;

/// What a service of OpenPGP does, with its settings. Immutable.
public sealed interface OpenPgpService extends SealService {
  /// Signs mail by the key of its author, or of his domain.
  record Sign(Wish wish, boolean anyAuthor) implements OpenPgpService, Signs {
    static final List<String> KEYS = List.of("policy", "tag", "tag-header", "any-author");

    static Sign read(Section in) {
      return new Sign(Wish.read(in), SealService.anyAuthor(in));
    }
  }

  /// Encrypts mail for its recipients.
  record Encrypt(Wish wish, OnMissing onMissing, Prefer prefer)
      implements OpenPgpService, Encrypts {
    static final List<String> KEYS = List.of("policy", "tag", "tag-header", "on-missing", "prefer");

    static Encrypt read(Section in) {
      return new Encrypt(Wish.read(in), SealService.onMissing(in), SealService.prefer(in));
    }
  }

  /// Decrypts mail that is for one of our keys.
  record Decrypt() implements OpenPgpService, Decrypts {}

  /// Says in the header what is to be thought of a signature.
  record Verify(OnBroken onBroken) implements OpenPgpService, Verifies {
    static final List<String> KEYS = List.of("on-broken");

    static Verify read(Section in) {
      return new Verify(SealService.onBroken(in));
    }
  }
}
