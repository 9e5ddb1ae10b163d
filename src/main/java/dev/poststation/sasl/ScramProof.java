package dev.poststation.sasl;

import java.io.ByteArrayOutputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// SCRAM (RFC 5802, 7677) at our end, with or without channel binding: the server learns nothing
/// that it could log in with elsewhere, and must show that it knows the password too. One that says
/// that we are in without having shown it is not believed.
final class ScramProof implements Proof {
  /// RFC 7677 4. With fewer, whoever plays the server could soon guess the password.
  private static final int ITERATIONS_MIN = 4096;

  /// What is recommended where nothing else protects a stored password. More would let a server
  /// keep a core of ours busy.
  private static final int ITERATIONS_MAX = 600_000;

  private static final Pattern FIRST =
      Pattern.compile(
          "r=([!-+\\--~]{1,1024}),s=([A-Za-z0-9+/=]{1,1024}),i=([1-9][0-9]{0,8})"
              + "(?:,[A-Za-z]=[^,]+){0,9}");
  private static final Pattern LAST =
      Pattern.compile("(?:v=([A-Za-z0-9+/=]{1,128})|e=([^,]{1,200}))(?:,[A-Za-z]=[^,]+){0,9}");

  private final ScramKeys.Hash hash;
  private final Identity who;
  private final String header;
  private final byte[] binding;
  private final String nonce;
  private final String first;
  private final List<String> secrets = new ArrayList<>();
  private byte @Nullable [] signature;
  private boolean verified;
  private String error = "";

  /// @param bound null where the connection has nothing of its own
  /// @param offersBinding whether the server offers to bind; when it does not, though we could, we
  ///   say so: whoever took it from its list is found out (RFC 5802 6)
  /// @param nonce printable, without comma, never there before
  ScramProof(
      Mechanism mechanism,
      Identity who,
      @Nullable Bound bound,
      boolean offersBinding,
      String nonce) {
    this.hash =
        switch (mechanism) {
          case SCRAM_SHA_1, SCRAM_SHA_1_PLUS -> ScramKeys.Hash.SHA_1;
          default -> ScramKeys.Hash.SHA_256;
        };
    this.who = who;
    if (mechanism.bound() && bound != null) {
      this.header = Gs2Header.bound(bound.kind().word());
      this.binding = bound.octets();
    } else {
      this.header = bound != null && !offersBinding ? Gs2Header.COULD_BIND : Gs2Header.UNBOUND;
      this.binding = new byte[0];
    }
    this.nonce = nonce;
    this.first =
        "n=" + Gs2Header.quoted(SaslPrep.said(who.user()).orElse(who.user())) + ",r=" + nonce;
    secrets.add(who.secret());
  }

  @Override
  public byte[] initial() {
    return Words.octets(header + first);
  }

  @Override
  public Answer answer(byte[] challenge) {
    String text = Words.text(challenge);
    if (text == null || verified || !error.isEmpty()) {
      return new Answer.Cancel("does not speak SCRAM");
    }
    byte[] expected = signature;
    return expected == null ? prove(text) : verify(expected, text);
  }

  private Answer prove(String text) {
    Matcher found = FIRST.matcher(text);
    byte[] salt = found.matches() ? decoded(found.group(2)) : null;
    if (salt == null || salt.length == 0) {
      return new Answer.Cancel("does not speak SCRAM");
    }
    String both = found.group(1);
    if (!both.startsWith(nonce) || both.length() == nonce.length()) {
      return new Answer.Cancel("answers another login than this one");
    }
    int iterations = Integer.parseInt(found.group(3));
    if (iterations < ITERATIONS_MIN || iterations > ITERATIONS_MAX) {
      return new Answer.Cancel(
          iterations < ITERATIONS_MIN
              ? "wants the password hashed "
                  + iterations
                  + " times only, so that it could be guessed: less than "
                  + ITERATIONS_MIN
                  + " are refused"
              : "wants the password hashed "
                  + iterations
                  + " times: more than "
                  + ITERATIONS_MAX
                  + " are refused, for they would keep this machine busy");
    }
    var bound = new ByteArrayOutputStream();
    bound.writeBytes(Words.octets(header));
    bound.writeBytes(binding);
    String last = "c=" + encoded(bound.toByteArray()) + ",r=" + both;
    String said = first + "," + text + "," + last;
    // Servers that know nothing of SASLprep have it as it is, and so have we what it forbids.
    String password = SaslPrep.said(who.secret()).filter(it -> !it.isEmpty()).orElse(who.secret());
    byte[] salted = hash.salted(password, salt, iterations);
    byte[] proof = hash.hmac(salted, "Client Key");
    byte[] mask = hash.hmac(hash.of(proof), said);
    for (int i = 0; i < proof.length; i++) {
      proof[i] ^= mask[i];
    }
    signature = hash.hmac(hash.hmac(salted, "Server Key"), said);
    secrets.add(encoded(proof));
    return new Answer.Octets(Words.octets(last + ",p=" + encoded(proof)));
  }

  private Answer verify(byte[] expected, String text) {
    Matcher found = LAST.matcher(text);
    if (!found.matches()) {
      return new Answer.Cancel("does not speak SCRAM");
    }
    if (found.group(2) != null) {
      error = found.group(2);
      return new Answer.Octets(new byte[0]);
    }
    byte[] shown = decoded(found.group(1));
    if (shown == null || !MessageDigest.isEqual(shown, expected)) {
      return new Answer.Cancel("cannot show that it knows the password: it is not to be trusted");
    }
    verified = true;
    return new Answer.Octets(new byte[0]);
  }

  @Override
  public @Nullable String doubt() {
    return verified
        ? null
        : "took the login without showing that it knows the password: it is not to be trusted";
  }

  @Override
  public String told() {
    return error;
  }

  @Override
  public List<String> secrets() {
    return secrets;
  }

  private static String encoded(byte[] octets) {
    return Base64.getEncoder().encodeToString(octets);
  }

  private static byte @Nullable [] decoded(String base64) {
    try {
      return Base64.getDecoder().decode(base64);
    } catch (IllegalArgumentException _) {
      return null;
    }
  }
}
