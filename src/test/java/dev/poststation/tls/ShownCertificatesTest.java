package dev.poststation.tls;

import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.Connector;
import dev.poststation.config.Loaded;
import dev.poststation.config.Loader;
import dev.poststation.os.Os;
import dev.poststation.sim.SimTime;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A certificate that next hops and token servers are shown, as an administrator hears of it.
class ShownCertificatesTest {
  private static final Path KEYS = Path.of("src/test/resources/tls").toAbsolutePath();

  @TempDir Path directory;

  private Collection<Connector> connectors() throws Exception {
    return connectors(KEYS);
  }

  private Collection<Connector> connectors(Path keys) throws Exception {
    Path file = directory.resolve("poststation.conf");
    Files.writeString(
        file,
        """
        hostname = "relay.test"
        data = "data"
        listeners { relay { bind = "127.0.0.1:2525" } }
        clients = [ { name = local, networks = ["127.0.0.1"] } ]
        connectors {
          hybrid { hosts = ["127.0.0.1:9"], tls = required
                   certificate { chain = "%1$s/relay.pem", key = "%1$s/relay.key" } }
          other { hosts = ["127.0.0.1:9"] }
          cloud { preset = microsoft365, hosts = ["127.0.0.1:9"]
                  auth = [
                    { user = "one@example.com", tenant = "example.com", client-id = "some"
                      client-certificate = "%1$s/rsa.pem", client-key = "%1$s/rsa.key" }
                    { user = "two@example.com", tenant = "example.com", client-id = "some"
                      client-certificate = "%1$s/rsa.pem", client-key = "%1$s/rsa.key" } ] }
        }
        routes = [ { via = [hybrid, other] } ]
        """
            .formatted(keys));
    return ((Loaded.Good) new Loader(Os.real(), Map.of()).load(file))
        .configuration()
        .connectors()
        .values();
  }

  private static ShownCertificates at(String time) {
    var real = Os.real();
    var os =
        new Os(
            new SimTime(Instant.parse(time)),
            real.network(),
            real.tasks(),
            real.chance(),
            real.disk(),
            real.processes());
    return new ShownCertificates(ClientTls.system(os.disk()), os);
  }

  @Test
  void oneThatNobodyRenewsIsAConcernBeforeItEnds() throws Exception {
    assertThat(at("2126-10-01T00:00:00Z").concerns(connectors())).isEmpty();
    assertThat(at("2126-10-25T00:00:00Z").concerns(connectors()))
        .containsExactlyInAnyOrder(
            "The certificate in "
                + KEYS
                + "/relay.pem, which connector hybrid shows, expires at 2126-10-31T04:32:44Z:"
                + " whatever renews it has not done so; new files are read by themselves",
            "The certificate in "
                + KEYS
                + "/rsa.pem, by which token servers know connector cloud, expires at"
                + " 2126-10-31T04:32:45Z: whatever renews it has not done so; new files are read"
                + " by themselves");
    assertThat(at("2126-11-01T00:00:00Z").concerns(connectors()))
        .satisfiesExactlyInAnyOrder(
            tls ->
                assertThat(tls)
                    .contains("which connector hybrid shows, expired at 2126-10-31")
                    .contains("will not let this relay in"),
            oauth ->
                assertThat(oauth)
                    .contains("by which token servers know connector cloud, expired at 2126-10-31")
                    .contains("no new token is asked for"));
  }

  @Test
  void oneForTokensThatCannotBeUsedIsAConcern() throws Exception {
    for (String each : List.of("relay.pem", "relay.key", "rsa.pem", "rsa.key")) {
      Files.copy(KEYS.resolve(each), directory.resolve(each));
    }
    var connectors = connectors(directory);
    Files.writeString(directory.resolve("rsa.pem"), "nothing");
    assertThat(at("2126-10-01T00:00:00Z").concerns(connectors))
        .singleElement()
        .asString()
        .startsWith("Connector cloud gets no new token: its client-certificate cannot be used: ")
        .contains("rsa.pem")
        .contains("there is no certificate in it");
    assertThat(at("2126-10-01T00:00:00Z").unusable(connectors))
        .containsEntry(directory + "/relay.pem", false)
        .containsEntry(directory + "/rsa.pem", true);
  }

  @Test
  void itsEndIsKnownByItsFile() throws Exception {
    assertThat(at("2126-10-01T00:00:00Z").expiries(connectors()))
        .containsExactly(
            Map.entry(KEYS + "/relay.pem", Instant.parse("2126-10-31T04:32:44Z").getEpochSecond()),
            Map.entry(KEYS + "/rsa.pem", Instant.parse("2126-10-31T04:32:45Z").getEpochSecond()));
  }

  @Test
  void filesThatCannotBeUsedAnyMoreStayInUse() throws Exception {
    for (String each : List.of("relay.pem", "relay.key", "rsa.pem", "rsa.key")) {
      Files.copy(KEYS.resolve(each), directory.resolve(each));
    }
    var connectors = connectors(directory);
    var shown = at("2126-10-01T00:00:00Z");
    assertThat(shown.concerns(connectors)).isEmpty();
    assertThat(shown.unusable(connectors)).hasSize(2).doesNotContainValue(true);
    Files.writeString(directory.resolve("relay.pem"), "nothing");
    assertThat(shown.concerns(connectors))
        .singleElement()
        .asString()
        .startsWith("Connector hybrid shows the certificate that was read before, until a")
        .endsWith(
            directory + "/relay.pem: there is no certificate in it; name a file in PEM format");
    assertThat(shown.unusable(connectors))
        .containsEntry(directory + "/relay.pem", true)
        .containsEntry(directory + "/rsa.pem", false);
    assertThat(at("2126-10-01T00:00:00Z").concerns(connectors))
        .as("after a restart")
        .singleElement()
        .asString()
        .startsWith("No mail leaves by connector hybrid over TLS: its own certificate cannot")
        .contains("there is no certificate in it");
    Files.copy(KEYS.resolve("relay.pem"), directory.resolve("relay.pem"), REPLACE_EXISTING);
    assertThat(shown.concerns(connectors)).as("good again").isEmpty();
    assertThat(shown.unusable(connectors)).doesNotContainValue(true);
  }
}
