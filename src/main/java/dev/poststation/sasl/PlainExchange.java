package dev.poststation.sasl;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// PLAIN (RFC 4616): `[authzid] NUL authcid NUL passwd`.
final class PlainExchange implements Exchange {
  private final Accounts accounts;
  private @Nullable Guess guess;

  PlainExchange(Accounts accounts) {
    this.accounts = accounts;
  }

  @Override
  public Step begin(byte @Nullable [] initial) throws UnavailableException {
    return initial == null ? new Step.Challenge(new byte[0]) : answer(initial);
  }

  @Override
  public Step answer(byte[] said) throws UnavailableException {
    int first = indexOfNul(said, 0);
    int second = first < 0 ? -1 : indexOfNul(said, first + 1);
    if (second < 0) {
      return Step.Failure.malformed("not three parts");
    }
    String authorize = Words.text(Arrays.copyOf(said, first));
    String user = Words.text(Arrays.copyOfRange(said, first + 1, second));
    String password = Words.text(Arrays.copyOfRange(said, second + 1, said.length));
    if (authorize == null || user == null || password == null) {
      return Step.Failure.malformed("not three parts in UTF-8");
    }
    guess = guess(Mechanism.PLAIN, user, password);
    return check(accounts, authorize, user, password);
  }

  @Override
  public @Nullable Guess guess() {
    return guess;
  }

  /// Name and password, if they can be some.
  static @Nullable Guess guess(Mechanism mechanism, String user, String password) {
    var name = Words.name(user);
    boolean any = name.isPresent() && password.length() <= Words.PASSWORD_MAX;
    return any ? Guess.said(mechanism, name.get(), password) : null;
  }

  private static int indexOfNul(byte[] octets, int from) {
    for (int i = from; i < octets.length; i++) {
      if (octets[i] == 0) {
        return i;
      }
    }
    return -1;
  }

  /// Name and password, as PLAIN and LOGIN bring them.
  ///
  /// @param authorize the name that the client wants to have, or empty
  static Step check(Accounts accounts, String authorize, String user, String password)
      throws UnavailableException {
    var name = Words.name(user);
    if (name.isEmpty() || password.isEmpty()) {
      return Step.Failure.malformed("no name or no password");
    }
    if (password.length() > Words.PASSWORD_MAX) {
      return Step.Failure.malformed("the password is too long");
    }
    var login = accounts.password(name.get(), password);
    return login.isEmpty()
        ? Step.Failure.refused(name.get(), accounts.refusal(name.get()))
        : Words.success(login.get(), name.get(), user, authorize);
  }
}
