package dev.poststation.sasl;

import org.jspecify.annotations.Nullable;

/// EXTERNAL (RFC 4422 A): TLS has shown already who the client is; it may say which name it wants.
final class ExternalExchange implements Exchange {
  private final Accounts accounts;
  private final Channel channel;

  ExternalExchange(Accounts accounts, Channel channel) {
    this.accounts = accounts;
    this.channel = channel;
  }

  @Override
  public Step begin(byte @Nullable [] initial) throws UnavailableException {
    return initial == null ? new Step.Challenge(new byte[0]) : answer(initial);
  }

  @Override
  public Step answer(byte[] said) throws UnavailableException {
    String text = Words.text(said);
    var name = text == null || text.isEmpty() ? null : Words.name(text);
    if (text == null || (name != null && name.isEmpty())) {
      return Step.Failure.malformed("not a name");
    }
    String wanted = name == null ? "" : name.get();
    if (channel.peerChain().isEmpty()) {
      return Step.Failure.refused(wanted, "no client certificate");
    }
    return accounts
        .certificate(channel.peerChain(), wanted)
        .<Step>map(login -> new Step.Success(login, wanted))
        .orElseGet(() -> Step.Failure.refused(wanted, "the certificate is no user's"));
  }
}
