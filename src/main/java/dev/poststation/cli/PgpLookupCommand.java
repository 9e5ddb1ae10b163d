package dev.poststation.cli;

import dev.poststation.content.Seals;
import dev.poststation.dns.DnsResolver;
import dev.poststation.os.Os;
import dev.poststation.smtp.Address;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `pgp lookup`.
@Command(
    name = "lookup",
    description = {
      "Ask the web server of somebody's domain for his key (Web Key Directory), as a relay with"
          + " openpgp.wkd = on does. Nothing is kept.",
      "Exits with 1 where there is none that mail can be encrypted for."
    })
final class PgpLookupCommand implements Callable<Integer> {
  private static final Duration TIME = Duration.ofMinutes(2);

  @Mixin private final Common common;

  @Parameters(paramLabel = "ADDRESS", description = "Whose key.")
  private String address = "";

  PgpLookupCommand(Os os) {
    common = new Common(os);
  }

  @Override
  public Integer call() {
    int at = address.lastIndexOf('@');
    if (at < 1 || at == address.length() - 1) {
      throw new Failure(Exit.WRONG, Words.shown(address) + " is no address: write user@domain.");
    }
    var whose = new Address(address.substring(0, at), address.substring(at + 1));
    var configuration = common.configuration();
    var os = common.os();
    var openPgp =
        Seals.of(
                os,
                configuration.data(),
                new DnsResolver(configuration.dns(), os),
                () -> configuration)
            .openPgp();
    try {
      var answer =
          openPgp.webKeys().look(whose, openPgp.keystore(), os.time().nanos() + TIME.toNanos());
      var key =
          answer
              .key()
              .orElseThrow(() -> new Failure(Exit.NO, "There is no key: " + answer.why() + "."));
      var now = os.time().now();
      if (common.json()) {
        common.print(Map.of("key", PgpText.json(key, now)));
      } else {
        PgpText.details(key, now, common.out());
      }
      if (!openPgp.webKeys().isOn()) {
        common.err().println("openpgp.wkd is off: mail is not encrypted by it.");
      }
      return Exit.OK;
    } catch (IOException e) {
      throw new Failure(Exit.NO, "Nobody knows: " + e.getMessage() + ".");
    }
  }
}
