package dev.poststation.cli;

import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.poststation.admin.LiveRelay;
import dev.poststation.os.Os;
import dev.poststation.sim.PassingTime;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A file that somebody breaks while the relay runs, which goes on with what it read before: an
/// administrator hears of it before the next start fails.
class BrokenCertificateTest {
  private static final Path KEYS = Path.of("src/test/resources/tls");
  private static final String CHAIN = "there is no certificate in it; name a file in PEM format";

  @TempDir Path directory;

  private final HttpClient http = HttpClient.newHttpClient();

  /// How far the clock is ahead: files are not looked at all the time.
  private final AtomicLong ahead = new AtomicLong();

  private Os os() {
    var real = Os.real();
    var time =
        new PassingTime(real.time()) {
          @Override
          public long nanos() {
            return super.nanos() + ahead.get();
          }
        };
    return new Os(time, real.network(), real.tasks(), real.chance(), real.disk(), real.processes());
  }

  private Path put(String target, String source) throws Exception {
    return Files.copy(KEYS.resolve(source), directory.resolve(target), REPLACE_EXISTING);
  }

  private String get(LiveRelay relay, String path) throws Exception {
    ahead.addAndGet(Duration.ofSeconds(5).toNanos());
    var uri = URI.create("http://127.0.0.1:" + relay.admin().getPort() + path);
    var answer = http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
    assertThat(answer.statusCode()).isEqualTo(200);
    return answer.body();
  }

  private static String run(LiveRelay relay, String... words) {
    var out = new StringWriter();
    var printer = new PrintWriter(out);
    var all = new ArrayList<>(List.of(words));
    all.addAll(List.of("--config", relay.file().toString()));
    new Program(Os.real(), printer, printer).run(all.toArray(String[]::new));
    return out.toString();
  }

  private void says(LiveRelay relay, Path file, String said) throws Exception {
    assertThat(get(relay, "/health")).startsWith("ok\n").contains(said).hasLineCount(2);
    assertThat(get(relay, "/metrics"))
        .contains("poststation_certificate_unusable{file=\"" + file + "\"} 1");
    assertThat(run(relay, "status")).contains("Warning: ").contains(said);
  }

  private void isWell(LiveRelay relay) throws Exception {
    assertThat(get(relay, "/health")).isEqualTo("ok\n");
    assertThat(get(relay, "/metrics"))
        .contains("poststation_certificate_unusable{file=\"" + directory.resolve("chain.pem"))
        .doesNotContainPattern("poststation_certificate_unusable\\{.*\\} 1");
  }

  @Test
  void itIsToldUntilItIsGoodAgain() throws Exception {
    put("chain.pem", "relay.pem");
    Path key = put("key.pem", "relay.key");
    put("shown.pem", "rsa.pem");
    put("shown.key", "rsa.key");
    put("ca.pem", "authority.pem");
    String more =
        """
        certificates = [ { chain = "chain.pem", key = "key.pem" } ]
        listeners.other { bind = "127.0.0.1:0", client-certificates = request
                          client-authorities = "ca.pem" }
        connectors.other { hosts = ["127.0.0.1:9"]
                           certificate { chain = "shown.pem", key = "shown.key" } }
        """;
    try (var relay = new LiveRelay(directory, more, os())) {
      isWell(relay);

      Path chain = put("chain.pem", "make.sh");
      says(relay, chain, "certificates: " + chain + ": " + CHAIN);
      assertThat(run(relay, "status"))
          .containsPattern("certificate of .*: expires in .* d .*; read before, its files cannot");
      assertThat(run(relay, "check"))
          .contains("The running relay says: ")
          .contains(chain + ": " + CHAIN + " (");
      var status = new ObjectMapper().readTree(run(relay, "status", "--json"));
      assertThat(status.path("certificates").path(0).path("problem").asText()).contains(CHAIN);
      put("chain.pem", "relay.pem");
      isWell(relay);

      put("key.pem", "rsa.key");
      says(relay, chain, key + ": it is not the key of the certificate in " + chain);
      put("key.pem", "relay.key");
      isWell(relay);

      Path authorities = put("ca.pem", "make.sh");
      says(relay, authorities, "client-authorities " + authorities + ": there is no certificate");
      put("ca.pem", "authority.pem");
      isWell(relay);

      Path shown = put("shown.pem", "make.sh");
      says(relay, shown, "Connector other shows the certificate that was read before, until");
      Files.delete(shown);
      says(relay, shown, shown + ": there is no such file");
      put("shown.pem", "rsa.pem");
      isWell(relay);
    }
  }
}
