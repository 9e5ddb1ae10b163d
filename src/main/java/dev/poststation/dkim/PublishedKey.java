package dev.poststation.dkim;

import dev.poststation.dns.Resolver;
import dev.poststation.dns.Resolver.Answer;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;

/// The key that the DNS has for a signature (RFC 6376 3.6, RFC 8301, RFC 8463). Immutable.
sealed interface PublishedKey {
  /// RFC 8301 3.2: what is signed by a shorter one is not signed.
  int RSA_LEAST = 1024;

  /// What stands in front of a raw key of Ed25519 in X.509's form (RFC 8410 4).
  byte[] ED25519_FRONT = HexFormat.of().parseHex("302a300506032b6570032100");

  /// This one.
  ///
  /// @param strict whether `i=` must have the very domain (`t=s`)
  record Good(PublicKey key, Algorithm algorithm, boolean strict) implements PublishedKey {}

  /// None that counts.
  record None(String why) implements PublishedKey {}

  /// Nobody knows now.
  record Unknown(String why) implements PublishedKey {}

  /// Asks the DNS. Blocking.
  static PublishedKey look(Resolver resolver, String selector, String domain) {
    String name = SigningKey.recordName(selector, domain);
    return switch (resolver.texts(name).answer()) {
      case Answer.Found<String>(var texts) -> read(name, texts);
      case Answer.NoRecord<String> _, Answer.NoName<String> _ -> new None(name + " does not exist");
      case Answer.Failed<String>(var reason) -> new Unknown(name + ": " + reason);
    };
  }

  private static PublishedKey read(String name, List<String> texts) {
    if (texts.size() > 1) {
      return new None(name + " has " + texts.size() + " records"); // RFC 6376 3.6.2.2
    }
    var tags = Tags.parse(texts.getFirst());
    if (tags.isEmpty()
        || !tags.get().has("p")
        || (tags.get().has("v") && !tags.get().get("v").equals("DKIM1"))) {
      return new None(name + " is no record of a key");
    }
    return key(name, tags.get());
  }

  private static PublishedKey key(String name, Tags tags) {
    String open = tags.packed("p");
    if (open.isEmpty()) {
      return new None(name + " was taken back");
    }
    if (!allows(tags, "h", "sha256") || !allows(tags, "s", "email")) {
      return new None(name + " is not for mail that is signed so");
    }
    String kind = tags.has("k") ? tags.get("k").toLowerCase(Locale.ROOT) : "rsa";
    boolean strict = tags.has("t") && Arrays.asList(tags.packed("t").split(":")).contains("s");
    try {
      byte[] octets = Base64.getDecoder().decode(open);
      return switch (kind) {
        case "rsa" -> rsa(name, octets, strict);
        case "ed25519" -> new Good(ed25519(octets), Algorithm.ED25519_SHA256, strict);
        default -> new None(name + " has a key of kind " + kind);
      };
    } catch (GeneralSecurityException | IllegalArgumentException _) {
      return new None(name + " has no key that can be read");
    }
  }

  private static boolean allows(Tags tags, String tag, String wanted) {
    var all = Arrays.asList(tags.packed(tag).toLowerCase(Locale.ROOT).split(":"));
    return !tags.has(tag) || all.contains(wanted) || (tag.equals("s") && all.contains("*"));
  }

  private static PublishedKey rsa(String name, byte[] octets, boolean strict)
      throws GeneralSecurityException {
    var key =
        (RSAPublicKey) KeyFactory.getInstance("RSA").generatePublic(new X509EncodedKeySpec(octets));
    int bits = key.getModulus().bitLength();
    return bits < RSA_LEAST
        ? new None(name + " has a key of " + bits + " bits")
        : new Good(key, Algorithm.RSA_SHA256, strict);
  }

  private static PublicKey ed25519(byte[] raw) throws GeneralSecurityException {
    byte[] der = Arrays.copyOf(ED25519_FRONT, ED25519_FRONT.length + raw.length);
    System.arraycopy(raw, 0, der, ED25519_FRONT.length, raw.length);
    return KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(der));
  }
}
