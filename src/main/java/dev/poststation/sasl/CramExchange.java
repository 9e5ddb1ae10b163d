package dev.poststation.sasl;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/// CRAM-MD5 (RFC 2195): the client shows that it knows the password without saying it. We must know
/// it, too.
final class CramExchange implements Exchange {
  private static final Pattern ANSWER = Pattern.compile("(.+) ([0-9a-f]{32})", Pattern.DOTALL);

  /// In the place of a password that is not there, so that the answer takes as long.
  private static final String NO_SECRET = "-";

  private final Accounts accounts;
  private final String challenge;
  private @Nullable Guess guess;

  /// @param challenge one that was never there before
  CramExchange(Accounts accounts, String challenge) {
    this.accounts = accounts;
    this.challenge = challenge;
  }

  @Override
  public Step begin(byte @Nullable [] initial) {
    return initial == null
        ? new Step.Challenge(Words.octets(challenge))
        : Step.Failure.malformed("the server speaks first"); // RFC 4954 4
  }

  @Override
  public Step answer(byte[] said) throws UnavailableException {
    String text = Words.text(said);
    var found = ANSWER.matcher(text == null ? "" : text);
    if (!found.matches()) {
      return Step.Failure.malformed("not a name and a digest");
    }
    var name = Words.name(found.group(1));
    if (name.isEmpty()) {
      return Step.Failure.malformed("no name");
    }
    byte[] theirs = Words.octets(found.group(2));
    guess =
        Guess.proved(
            Mechanism.CRAM_MD5,
            name.get(),
            password -> MessageDigest.isEqual(digest(password), theirs));
    var known = accounts.clearText(name.get());
    String secret = known.map(Accounts.ClearText::secret).orElse(NO_SECRET);
    boolean right = MessageDigest.isEqual(digest(secret), theirs);
    return right && known.isPresent()
        ? new Step.Success(known.get().login(), name.get())
        : Step.Failure.refused(name.get(), accounts.refusal(name.get()));
  }

  @Override
  public @Nullable Guess guess() {
    return guess;
  }

  private byte[] digest(String secret) {
    return Words.octets(digest(secret, Words.octets(challenge)));
  }

  /// What shows that somebody knows the password.
  static String digest(String secret, byte[] challenge) {
    try {
      var mac = Mac.getInstance("HmacMD5");
      mac.init(new SecretKeySpec(Words.octets(secret), "HmacMD5"));
      return HexFormat.of().formatHex(mac.doFinal(challenge));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
