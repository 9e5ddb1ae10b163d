package dev.poststation.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.sim.Golden;
import dev.poststation.os.Os;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/// The manual and the sample file are made from the code; `-Dgolden.write=true` makes them anew.
final class ManualTest {
  private static String file(String name) {
    return Path.of(name).toAbsolutePath().toString();
  }

  @Test
  void theReferencePageIsUpToDate() throws IOException {
    Golden.check(file("docs/reference/configuration.md"), Manual.page(Os.real()));
  }

  @Test
  void theSampleFileIsUpToDate() throws IOException {
    Golden.check(file("etc/poststation.conf"), Manual.sample(Os.real()));
  }

  @Test
  void theSmallestFileOfTheManualRelaysMail() {
    var bench = new Bench();
    bench.disk.with("/etc/poststation/provider.secret", "secret");
    bench.right(Manual.SMALLEST);
  }

  @Test
  void theSampleFileWithEveryKeySetIsAccepted() {
    var bench = new Bench();
    bench.disk.with("/etc/poststation/provider.secret", "secret");
    bench.disk.with("/etc/letsencrypt/live/relay.example.com/fullchain.pem", "…");
    bench.disk.with("/etc/letsencrypt/live/relay.example.com/privkey.pem", "…");
    String all = Manual.sample(Os.real()).replaceAll("(?m)^(\\s*)#(?=\\S)", "$1");
    Configuration configuration = Bench.configuration(bench.load(all));
    assertThat(configuration.clients()).hasSize(1);
    assertThat(configuration.connectors().get("provider").auth()).isNotNull();
    assertThat(configuration.queue().retry()).hasSize(5);
  }
}
