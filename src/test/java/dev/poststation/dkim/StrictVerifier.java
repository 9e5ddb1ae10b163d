package dev.poststation.dkim;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.EdECPoint;
import java.security.spec.EdECPublicKeySpec;
import java.security.spec.NamedParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Verifies the first signature of a mail, by RFC 6376 6 alone and with nothing of the signer:
/// fields and bodies are taken apart by regular expressions. What is not in good form is no
/// signature.
final class StrictVerifier {
  private StrictVerifier() {}

  /// The tags of a field; the value as it stands, without folds.
  static Map<String, String> tags(String value) {
    Map<String, String> tags = new HashMap<>();
    for (String tag : value.split(";", -1)) {
      if (!tag.isBlank()) {
        String[] parts = tag.split("=", 2);
        if (parts.length < 2 || tags.put(parts[0].strip(), parts[1].strip()) != null) {
          throw new AssertionError("no tag, or one that is there twice: " + tag);
        }
      }
    }
    return tags;
  }

  /// Why the first signature does not hold; empty: it does.
  static String verify(byte[] mail, KeyRecord record) {
    String text = new String(mail, StandardCharsets.ISO_8859_1);
    int empty = text.startsWith("\r\n") ? 0 : text.indexOf("\r\n\r\n") + 2;
    List<String> fields = new ArrayList<>(List.of(text.substring(0, empty).split("\r\n(?![ \t])")));
    String body = text.substring(empty + 2);
    String own = fields.removeFirst();
    if (!own.startsWith("DKIM-Signature:")) {
      return "no signature";
    }
    var tags = tags(own.substring(own.indexOf(':') + 1));
    var forms = String.valueOf(tags.get("c")).split("/");
    if (tags.containsKey("l")) {
      return "l=";
    }
    String hash = hash(body(body, forms[1].equals("relaxed")));
    if (!hash.equals(without(tags.get("bh")))) {
      return "body";
    }
    var hashed = new StringBuilder();
    for (String name : without(tags.get("h")).split(":")) {
      for (int i = fields.size() - 1; i >= 0; i--) {
        if (name(fields.get(i)).equals(name.toLowerCase(Locale.ROOT))) {
          hashed.append(field(fields.remove(i), forms[0].equals("relaxed"))).append("\r\n");
          break;
        }
      }
    }
    int b = own.lastIndexOf("b=") + 2;
    hashed.append(field(own.substring(0, b), forms[0].equals("relaxed")));
    return holds(tags, record, hashed.toString()) ? "" : "signature";
  }

  private static boolean holds(Map<String, String> tags, KeyRecord record, String hashed) {
    var key = tags(record.text());
    byte[] open = Base64.getDecoder().decode(key.get("p"));
    byte[] octets = hashed.getBytes(StandardCharsets.ISO_8859_1);
    try {
      boolean rsa = key.get("k").equals("rsa");
      if (!without(tags.get("a")).equals(key.get("k") + "-sha256")) {
        return false;
      }
      var signature = Signature.getInstance(rsa ? "SHA256withRSA" : "Ed25519");
      signature.initVerify(
          rsa
              ? KeyFactory.getInstance("RSA").generatePublic(new X509EncodedKeySpec(open))
              : ed25519(open));
      signature.update(rsa ? octets : MessageDigest.getInstance("SHA-256").digest(octets));
      return signature.verify(Base64.getDecoder().decode(without(tags.get("b"))));
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      return false;
    }
  }

  private static PublicKey ed25519(byte[] raw) throws GeneralSecurityException {
    byte[] big = raw.clone();
    for (int i = 0; i < big.length / 2; i++) {
      byte swapped = big[i];
      big[i] = big[big.length - 1 - i];
      big[big.length - 1 - i] = swapped;
    }
    boolean odd = (big[0] & 0x80) != 0;
    big[0] &= 0x7f;
    var point = new EdECPoint(odd, new BigInteger(1, big));
    return KeyFactory.getInstance("Ed25519")
        .generatePublic(new EdECPublicKeySpec(NamedParameterSpec.ED25519, point));
  }

  private static String name(String field) {
    return field.substring(0, Math.max(0, field.indexOf(':'))).strip().toLowerCase(Locale.ROOT);
  }

  private static String field(String field, boolean relaxed) {
    int colon = field.indexOf(':');
    return relaxed
        ? name(field)
            + ":"
            + field
                .substring(colon + 1)
                .replace("\r\n", "")
                .replaceAll("[ \t]+", " ")
                .replaceAll("^ | $", "")
        : field;
  }

  private static String body(String body, boolean relaxed) {
    String text = body;
    if (relaxed) {
      text = text.replaceAll("[ \t]+", " ").replaceAll(" (?=\r\n|$(?![\r\n]))", "");
    }
    text = text.replaceAll("(\r\n)+$(?![\r\n])", "");
    return text.isEmpty() && relaxed ? "" : text + "\r\n";
  }

  private static String hash(String text) {
    try {
      byte[] octets = text.getBytes(StandardCharsets.ISO_8859_1);
      return Base64.getEncoder()
          .encodeToString(MessageDigest.getInstance("SHA-256").digest(octets));
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  private static String without(String text) {
    return text.replaceAll("[ \t\r\n]", "");
  }

  /// A mail in which one octet is another one.
  static byte[] flipped(byte[] mail, int at, byte other) {
    var out = new ByteArrayOutputStream();
    try {
      out.write(Arrays.copyOf(mail, at));
      out.write(other);
      out.write(Arrays.copyOfRange(mail, at + 1, mail.length));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return out.toByteArray();
  }
}
