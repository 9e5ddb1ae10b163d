package dev.poststation.content;

import dev.poststation.config.ArcService;
import dev.poststation.dkim.ArcSealer;
import dev.poststation.dkim.Signing;
import dev.poststation.dkim.SigningDomains;
import dev.poststation.dns.DomainName;
import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.function.Supplier;

/// Seals mail that goes on to somebody else (ARC): tells him, under our signature, what was found
/// of the mail as it came here. Safe for any thread; the work is done on the caller's.
final class ArcSealing implements Service {
  private final String domain;
  private final Supplier<SigningDomains> domains;

  ArcSealing(ArcService settings, Supplier<SigningDomains> domains) {
    this.domain =
        DomainName.ascii(settings.domain().toLowerCase(Locale.ROOT)).orElse(settings.domain());
    this.domains = domains;
  }

  @Override
  public String describe() {
    return "arc-seal by " + domain;
  }

  @Override
  public Finding examine(Message message, Facts facts, Duration atMost) throws ServiceException {
    var came = facts.came();
    try {
      return switch (domains
          .get()
          .sealer()
          .seal(
              mail(came == null ? message : came),
              mail(message),
              domain,
              facts.hostname(),
              atMost)) {
        case Signing.Result.Signed(var fields, var by) ->
            new Finding.Changed(message.withFront(fields), "sealed by " + String.join(", ", by));
        case Signing.Result.Unsigned(var why) -> new Finding.Unchanged("not sealed: " + why);
        case Signing.Result.Failed(var why) -> throw ServiceException.atThisMail(why);
      };
    } catch (IOException e) {
      throw ServiceException.atThisMail("the mail cannot be read: " + e.getMessage());
    }
  }

  private static ArcSealer.Mail mail(Message message) {
    return new ArcSealer.Mail(message.header(), message.body()::open);
  }
}
