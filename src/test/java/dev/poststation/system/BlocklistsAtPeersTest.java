package dev.poststation.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.admin.LiveRelay;
import dev.poststation.cli.Ran;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A blocklist that a real name server has is asked about addresses of ours.
@Tag("peer")
final class BlocklistsAtPeersTest {
  @TempDir Path directory;

  @Test
  void whoIsOnTheListIsSaidWithItsReasonInBothFamilies() throws Exception {
    try (var knot =
            DnsPeer.start(
                "2.0.0.127.zen A 127.0.0.2",
                "1.113.0.203.zen A 127.0.0.4",
                "1.113.0.203.zen TXT \"https://zen.test/query/203.0.113.1\"",
                "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.zen A 127.0.0.2",
                "*.closed A 127.255.255.254");
        var relay =
            new LiveRelay(
                directory,
                """
                clients = [ { name = local, networks = ["127.0.0.1"] } ]
                dns { servers = ["127.0.0.1:%d"] }
                connectors { hop { hosts = ["127.0.0.1:9"], blocklists = ["zen.test", "closed.test"]
                  source = [ { address = "127.0.0.2", public = "203.0.113.1" }
                             { address = "127.0.0.3", public = "203.0.113.2" }
                             { address = "::1", public = "2001:db8::1" } ] } }
                routes = [ { via = [hop] } ]
                """
                    .formatted(knot.port()))) {
      Until.holds(
          "the lists were asked",
          Duration.ofSeconds(20),
          () -> Ran.with(relay.file(), "connector list").out().contains("https://zen.test/"));
      assertThat(Ran.with(relay.file(), "connector list").out())
          .contains("listed everywhere: zen.test lists it (127.0.0.4: https://zen.test/query/")
          .contains("listed everywhere: zen.test lists it (127.0.0.2)")
          .containsPattern("127\\.0\\.0\\.3 +works");
      assertThat(Ran.with(relay.file(), "status").out())
          .contains("Blocklist closed.test is not believed: it answers 127.255.255.254");
    }
  }
}
