package dev.poststation.sasl;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;

/// The client's end of SCRAM, for tests; its parts can be changed to see what the server makes of
/// it.
public final class ScramClient {
  private final ScramKeys.Hash hash;
  private final String user;
  private final String password;
  private String header = "n,,";
  private String nonce = "rOprNGfwEbeRWgbNEkqO";
  private byte[] binding = {};
  private String said = "";
  private ScramKeys keys;

  public ScramClient(ScramKeys.Hash hash, String user, String password) {
    this.hash = hash;
    this.user = user;
    this.password = password;
  }

  /// Begins with this GS2 header.
  public ScramClient header(String other) {
    header = other;
    return this;
  }

  /// Binds to a channel.
  public ScramClient binding(String kind, byte[] octets) {
    header = "p=" + kind + ",,";
    binding = octets;
    return this;
  }

  public byte[] first() {
    return octets(header + "n=" + user + ",r=" + nonce);
  }

  /// The answer to the server's first message.
  public byte[] last(byte[] theirs) throws Exception {
    String message = text(theirs);
    Map<Character, String> parts = new HashMap<>();
    for (String part : message.split(",")) {
      parts.put(part.charAt(0), part.substring(2));
    }
    var base64 = Base64.getDecoder();
    int iterations = Integer.parseInt(parts.get('i'));
    keys = ScramKeys.derive(hash, password, base64.decode(parts.get('s')), iterations);
    byte[] head = octets(header);
    byte[] bound = Arrays.copyOf(head, head.length + binding.length);
    System.arraycopy(binding, 0, bound, head.length, binding.length);
    String withoutProof = "c=" + Base64.getEncoder().encodeToString(bound) + ",r=" + parts.get('r');
    said = "n=" + user + ",r=" + nonce + "," + message + "," + withoutProof;
    byte[] proof = hash.hmac(salted(base64.decode(parts.get('s')), iterations), "Client Key");
    byte[] signature = hash.hmac(keys.storedKey(), said);
    for (int i = 0; i < proof.length; i++) {
      proof[i] ^= signature[i];
    }
    return octets(withoutProof + ",p=" + Base64.getEncoder().encodeToString(proof));
  }

  /// Hi() of RFC 5802 2.2, in its own words: the tests must not believe the code under test.
  private byte[] salted(byte[] salt, int iterations) {
    byte[] key = octets(password);
    byte[] block = Arrays.copyOf(salt, salt.length + 4);
    block[salt.length + 3] = 1;
    byte[] round = hash.hmac(key, block);
    byte[] all = round.clone();
    for (int i = 1; i < iterations; i++) {
      round = hash.hmac(key, round);
      for (int at = 0; at < all.length; at++) {
        all[at] ^= round[at];
      }
    }
    return all;
  }

  /// Whether the server showed that it knows the keys.
  public boolean believes(byte[] theirs) {
    byte[] signature = hash.hmac(keys.serverKey(), said);
    return text(theirs).equals("v=" + Base64.getEncoder().encodeToString(signature));
  }

  private static byte[] octets(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String text(byte[] octets) {
    return new String(octets, StandardCharsets.UTF_8);
  }
}
