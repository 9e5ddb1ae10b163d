package dev.poststation.admin;

import static dev.poststation.sim.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Backup and check of a relay that runs, as programs see them.
class UpkeepRoutesTest {
  @TempDir Path directory;
  private LiveRelay relay;
  private HttpClient http;

  @BeforeEach
  void start() throws Exception {
    relay = new LiveRelay(directory);
    http = HttpClient.newHttpClient();
  }

  @AfterEach
  void stop() {
    http.close();
    relay.close();
  }

  private HttpRequest.Builder request(String path) throws IOException {
    return HttpRequest.newBuilder(
            URI.create("http://127.0.0.1:" + relay.admin().getPort() + "/api/v1/" + path))
        .header("Authorization", "Bearer " + Files.readString(relay.token()).strip());
  }

  private JsonNode ask(HttpRequest.Builder request, int status) throws Exception {
    var response = http.send(request.build(), BodyHandlers.ofString());
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    return new ObjectMapper().readTree(response.body());
  }

  @Test
  void aBackupIsAnArchiveWhoseManifestComesLast() throws Exception {
    relay.send("anna@here.example", "bob@there.example");
    var response = http.send(request("backup").build(), BodyHandlers.ofByteArray());

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("Content-Type").orElseThrow())
        .startsWith("application/zip");
    long octets = response.headers().firstValueAsLong("Poststation-Octets").orElseThrow();
    assertThat((long) response.body().length).isBetween(octets, octets + 10_000);
    List<String> names = new ArrayList<>();
    JsonNode manifest = null;
    try (var zip = new ZipInputStream(new ByteArrayInputStream(response.body()))) {
      for (var entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        names.add(entry.getName());
        if (entry.getName().equals("backup.json")) {
          manifest = new ObjectMapper().readTree(zip.readAllBytes());
        }
      }
    }
    assertThat(names).contains("admin.token", "spool/CURRENT").endsWith("backup.json");
    assertThat(manifest).isNotNull();
    assertThat(manifest.path("mails").asInt()).isEqualTo(1);
    assertThat(manifest.path("running").asBoolean()).isTrue();
    assertThat(manifest.path("files")).hasSize(names.size() - 1);
    assertThat(checkpoint()).doesNotExist();
  }

  private Path checkpoint() {
    return directory.resolve("data/checkpoint");
  }

  @Test
  void oneBackupAtATimeAndWhoeverGoesAwayLeavesNothing() throws Exception {
    for (int i = 0; i < 3; i++) { // More than the connection holds while nobody reads.
      relay.sendLarge(8_000_000);
    }
    HttpResponse<InputStream> first =
        http.send(request("backup").build(), BodyHandlers.ofInputStream());
    assertThat(first.statusCode()).isEqualTo(200);
    assertThat(checkpoint()).exists();
    assertThat(ask(request("backup"), 503).path("error").asText())
        .isEqualTo("A backup is being made just now: wait until it has ended.");
    first.body().close();
    eventually("nothing is left", () -> !Files.exists(checkpoint()));

    eventually("another one is made", this::backupIsMade);
  }

  private boolean backupIsMade() {
    try {
      var answer = http.send(request("backup").build(), BodyHandlers.discarding());
      return answer.statusCode() == 200;
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aCheckIsBegunAndAskedFor() throws Exception {
    assertThat(ask(request("spool/check"), 404).path("error").asText()).contains("No check");
    relay.send("anna@here.example", "bob@there.example");
    var begun = ask(request("spool/check").POST(HttpRequest.BodyPublishers.noBody()), 200);
    assertThat(begun.path("started").asText()).endsWith("Z");
    eventually("it has ended", () -> !state().path("running").asBoolean());

    assertThat(state().path("clean").asBoolean()).isTrue();
    assertThat(state().path("mails").asInt()).isEqualTo(1);
    assertThat(state().path("mailsRead").asInt()).isEqualTo(1);
    assertThat(state().path("found")).isEmpty();
  }

  private JsonNode state() {
    try {
      return ask(request("spool/check"), 200);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void withoutTheTokenThereIsNeither() throws Exception {
    for (String path : new String[] {"backup", "spool/check"}) {
      var uri = URI.create("http://127.0.0.1:" + relay.admin().getPort() + "/api/v1/" + path);
      var response = http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
      assertThat(response.statusCode()).isEqualTo(401);
    }
    assertThat(checkpoint()).doesNotExist();
  }
}
