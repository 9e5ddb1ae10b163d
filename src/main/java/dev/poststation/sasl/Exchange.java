package dev.poststation.sasl;

import dev.poststation.os.Chance;
import org.jspecify.annotations.Nullable;

/// One attempt of one client to log in. Confined to one thread at a time; what a client says never
/// makes it throw anything but that the accounts cannot be asked. After a success or a failure it
/// is over.
public interface Exchange {
  /// The client chose the mechanism.
  ///
  /// @param initial what it said at once, or null: nothing, which is not the same as empty
  Step begin(byte @Nullable [] initial) throws UnavailableException;

  /// The client answers our challenge.
  Step answer(byte[] said) throws UnavailableException;

  /// What the client said to show a password, once it has; null where that cannot be compared.
  default @Nullable Guess guess() {
    return null;
  }

  /// A new attempt.
  static Exchange of(Mechanism mechanism, Accounts accounts, Channel channel, Chance chance) {
    return switch (mechanism) {
      case SCRAM_SHA_256_PLUS, SCRAM_SHA_256, SCRAM_SHA_1_PLUS, SCRAM_SHA_1 ->
          new ScramExchange(mechanism, accounts, channel, Words.nonce(chance));
      case EXTERNAL -> new ExternalExchange(accounts, channel);
      case OAUTHBEARER -> new TokenExchange(accounts, false);
      case XOAUTH2 -> new TokenExchange(accounts, true);
      case PLAIN -> new PlainExchange(accounts);
      case LOGIN -> new LoginExchange(accounts);
      case CRAM_MD5 ->
          new CramExchange(accounts, "<" + Words.nonce(chance) + "@" + channel.hostname() + ">");
    };
  }
}
