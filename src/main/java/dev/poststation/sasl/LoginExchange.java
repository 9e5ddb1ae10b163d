package dev.poststation.sasl;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// LOGIN, as draft-murchison-sasl-login describes what everybody does: name and password, each
/// asked for.
final class LoginExchange implements Exchange {
  private static final byte[] USER = "Username:".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] PASSWORD = "Password:".getBytes(StandardCharsets.US_ASCII);

  private final Accounts accounts;
  private @Nullable String user;
  private @Nullable Guess guess;

  LoginExchange(Accounts accounts) {
    this.accounts = accounts;
  }

  @Override
  public Step begin(byte @Nullable [] initial) throws UnavailableException {
    // An empty answer at once does not mean an empty name: such clients want to be asked.
    return initial == null || initial.length == 0 ? new Step.Challenge(USER) : answer(initial);
  }

  @Override
  public Step answer(byte[] said) throws UnavailableException {
    String text = Words.text(said);
    if (text == null) {
      return Step.Failure.malformed("not UTF-8");
    }
    var name = user;
    if (name == null) {
      user = text;
      return new Step.Challenge(PASSWORD);
    }
    guess = PlainExchange.guess(Mechanism.LOGIN, name, text);
    return PlainExchange.check(accounts, "", name, text);
  }

  @Override
  public @Nullable Guess guess() {
    return guess;
  }
}
