package dev.poststation.content;

import dev.poststation.dkim.Signing;
import dev.poststation.dkim.SigningDomains;
import java.io.IOException;
import java.time.Duration;
import java.util.function.Supplier;

/// Signs mail of ours by the domain of its author (DKIM). Which domains, and by which keys, `dkim`
/// of the configuration says. Safe for any thread; the work is done on the caller's.
///
/// What comes from outside is not signed, whoever it says that it is from: the signature would make
/// a forged mail ours, for everybody to whom it is sent on (RFC 6376 5.1 and 8.5).
final class DkimSigning implements Service {
  private final Supplier<SigningDomains> domains;

  DkimSigning(Supplier<SigningDomains> domains) {
    this.domains = domains;
  }

  @Override
  public String describe() {
    return "dkim-sign";
  }

  @Override
  public Finding examine(Message message, Facts facts, Duration atMost) throws ServiceException {
    if (!facts.fromUs()) {
      return new Finding.Unchanged("not signed: " + facts.cameFromOutside());
    }
    try {
      return switch (domains.get().signing().sign(message.header(), message.body()::open)) {
        case Signing.Result.Signed(var fields, var by) ->
            new Finding.Changed(message.withFront(fields), "signed by " + String.join(", ", by));
        case Signing.Result.Unsigned(var why) -> new Finding.Unchanged("not signed: " + why);
        case Signing.Result.Failed(var why) -> throw ServiceException.atThisMail(why);
      };
    } catch (IOException e) {
      throw ServiceException.atThisMail("the mail cannot be read: " + e.getMessage());
    }
  }
}
