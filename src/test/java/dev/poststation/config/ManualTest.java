package dev.poststation.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.os.Os;
import dev.poststation.sim.Golden;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/// The manual and the sample file are made from the code; `-Dgolden.write=true` makes them anew.
final class ManualTest {
  @Test
  void theReferencePageIsUpToDate() throws IOException {
    Golden.check(Path.of("docs/reference/configuration.md"), Manual.page(Os.real()));
  }

  @Test
  void theSampleFileIsUpToDate() throws IOException {
    Golden.check(Path.of("etc/poststation.conf"), Manual.sample(Os.real()));
  }

  @Test
  void theSmallestFileOfTheManualRelaysMail() {
    var bench = new Bench();
    bench.disk.with("/etc/poststation/provider.secret", "secret");
    bench.right(Manual.SMALLEST);
  }

  @Test
  void theSampleFileAsItIsLacksNothingButTheWay() {
    var problems = new Bench().load(Manual.sample(Os.real())).problems();
    assertThat(problems)
        .extracting(each -> each.message().split(":", 2)[0])
        .allMatch(each -> each.startsWith("there are no "));
  }

  @Test
  void theSampleFileWithEveryKeySetIsAccepted() throws IOException {
    var bench = new Bench();
    bench.disk.with("/etc/poststation/anchors", "test. 60 IN DS 1 13 2 " + "AB".repeat(32));
    bench.disk.with("/etc/poststation/provider.secret", "secret");
    bench.disk.with("/etc/letsencrypt/live/relay.example.com/fullchain.pem", "…");
    bench.disk.with("/etc/letsencrypt/live/relay.example.com/privkey.pem", "…");
    bench.disk.with(
        "/etc/poststation/partner-ca.pem",
        Files.readString(Path.of("src/test/resources/tls/authority.pem")));
    bench.disk.with("/etc/poststation/clients-ca.pem", "…");
    bench.disk.with("/etc/poststation/directory-ca.pem", "…");
    bench.disk.with("/etc/poststation/directory.secret", "secret");
    bench.disk.with("/etc/poststation/issuer-ca.pem", "…");
    bench.disk.with("/etc/poststation/policy-ca.pem", "…");
    bench.disk.with("/etc/poststation/wkd-ca.pem", "…");
    bench.disk.with("/etc/poststation/report-ca.pem", "…");
    bench.disk.with("/etc/poststation/oauth.secret", "secret");
    bench.disk.with("/etc/poststation/oauth.pem", "…");
    bench.disk.with("/etc/poststation/oauth.key", "…");
    bench.disk.with("/run/refresh.token", "secret");
    bench.disk.with("/etc/poststation/srs.secret", "secret");
    bench.disk.with("/etc/dkimkeys/mail.private", "secret");
    bench.disk.with("/etc/poststation/smime.secret", "secret");
    bench.disk.with("/etc/poststation/smime-ca.pem", "…");
    bench.disk.with("/etc/poststation/openpgp.secret", "secret");
    bench.disk.with("/etc/poststation/proxy.secret", "secret");
    bench.disk.with("/etc/poststation/addresses.map", "a@old.example a@new.example");
    String all = Manual.sample(Os.real()).replaceAll("(?m)^(\\s*)#(?=\\S)", "$1");
    Configuration configuration = Bench.configuration(bench.load(all));
    assertThat(configuration.clients()).hasSize(1);
    assertThat(configuration.connectors().get("provider").auth()).isNotNull();
    assertThat(configuration.queue().retry()).hasSize(5);
  }
}
