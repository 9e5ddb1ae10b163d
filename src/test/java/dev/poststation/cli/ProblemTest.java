package dev.poststation.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.poststation.Ground;
import dev.poststation.admin.LiveRelay;
import dev.poststation.config.Configuration;
import dev.poststation.dns.Resolver;
import dev.poststation.os.Os;
import dev.poststation.sim.MemorySpool;
import dev.poststation.sim.ScriptedResolver;
import dev.poststation.spool.Spool;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A relay that refuses all mail says so wherever somebody may look.
class ProblemTest {
  @TempDir Path directory;

  private final HttpClient http = HttpClient.newHttpClient();

  private HttpResponse<String> get(LiveRelay relay, String path) throws Exception {
    var uri = URI.create("http://127.0.0.1:" + relay.admin().getPort() + path);
    return http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
  }

  private static String run(LiveRelay relay, String... words) {
    var out = new StringWriter();
    var printer = new PrintWriter(out);
    var all = new ArrayList<>(List.of(words));
    all.addAll(List.of("--config", relay.file().toString()));
    new Program(Os.real(), printer, printer).run(all.toArray(String[]::new));
    return out.toString();
  }

  /// What is left on the disk changes.
  private static String figureless(String text) {
    return text.replaceAll("[0-9]+ MB", "some MB");
  }

  private void says(LiveRelay relay, String problem, String metric) throws Exception {
    var health = get(relay, "/health");
    assertThat(health.statusCode()).isEqualTo(503);
    assertThat(health.body()).startsWith(problem).endsWith("\n");
    assertThat(run(relay, "status")).startsWith(problem);
    var status = new ObjectMapper().readTree(run(relay, "status", "--json"));
    assertThat(figureless(status.path("problem").asText() + "\n"))
        .isEqualTo(figureless(health.body()));
    assertThat(get(relay, "/metrics").body()).contains(metric + " 1.0");
  }

  @Test
  void aRelayThatHasNoRoomForMailSaysSoBeforeAnyIsRefused() throws Exception {
    try (var relay = new LiveRelay(directory, "spool { reserve = \"10 TB\" }")) {
      says(relay, "New mail is refused with 452: Only ", "poststation_spool_refuses{why=\"full\"}");
    }
  }

  @Test
  void aRelayWhoseSpoolIsOutOfOrderSaysSoUntilItWorksAgain() throws Exception {
    Files.createDirectory(directory.resolve("data")); // A spool on the disk would make it.
    var spool = new MemorySpool(Os.real().time());
    try (var relay = new LiveRelay(directory, "", new Over(spool))) {
      assertThat(get(relay, "/health").statusCode()).isEqualTo(200);
      assertThat(run(relay, "status")).startsWith("relay.test: Poststation ");

      spool.inOrder(false);
      says(
          relay,
          "New mail is refused with 451, and none leaves: it is out of order",
          "poststation_spool_refuses{why=\"out-of-order\"}");

      spool.inOrder(true);
      assertThat(get(relay, "/health").body()).isEqualTo("ok\n");
      assertThat(get(relay, "/metrics").body())
          .contains("poststation_spool_refuses{why=\"out-of-order\"} 0.0");
    }
  }

  private record Over(Spool spool) implements Ground {
    @Override
    public Resolver resolver(Configuration configuration, Os os) {
      return new ScriptedResolver();
    }

    @Override
    public Spool spool(Configuration configuration, Os os) {
      return spool;
    }
  }
}
