package dev.poststation.content;

import dev.poststation.dkim.Signing;
import dev.poststation.dkim.SigningDomains;
import java.io.IOException;
import java.time.Duration;
import java.util.function.Supplier;

/// Signs mail by the domain of its author (DKIM). Which domains, and by which keys, `dkim` of the
/// configuration says. Safe for any thread; the work is done on the caller's.
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
