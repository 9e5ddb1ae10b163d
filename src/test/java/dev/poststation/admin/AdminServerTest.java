package dev.poststation.admin;

import static dev.poststation.sim.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.poststation.config.Loaded;
import dev.poststation.os.Os;
import dev.poststation.sim.ServerLog;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;

/// The API of a relay that runs, as programs see it.
class AdminServerTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir static Path directory;
  private static LiveRelay relay;
  private static HttpClient http;
  private static String token;

  private record Answer(int status, JsonNode body) {}

  @BeforeAll
  static void start() throws Exception {
    relay = new LiveRelay(directory);
    http = HttpClient.newHttpClient();
    token = Files.readString(relay.token()).strip();
  }

  @AfterAll
  static void stop() {
    http.close();
    relay.close();
  }

  @BeforeEach
  void emptyTheQueue() throws Exception {
    post("queue/delete", "{\"all\":true}");
    eventually("the queue is empty", () -> list("").isEmpty());
  }

  private static HttpResponse<String> exchange(String path, String body, String authorization)
      throws IOException, InterruptedException {
    var request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + relay.admin().getPort() + path));
    if (!authorization.isEmpty()) {
      request.header("Authorization", authorization);
    }
    if (body != null) {
      request.POST(HttpRequest.BodyPublishers.ofString(body));
    }
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private static Answer ask(String path, String body) throws IOException, InterruptedException {
    var response = exchange("/api/v1/" + path, body, "Bearer " + token);
    return new Answer(response.statusCode(), JSON.readTree(response.body()));
  }

  private static Answer get(String path) throws IOException, InterruptedException {
    return ask(path, null);
  }

  private static Answer post(String path, String body) throws IOException, InterruptedException {
    return ask(path, body);
  }

  private static JsonNode list(String query) {
    try {
      return get("queue?" + query).body().path("mails");
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /// Sends a mail and waits until it has failed once.
  private static String deferred(String from, String... to) throws IOException {
    String id = relay.send(from, to);
    eventually(
        id + " was tried",
        () -> {
          for (var mail : list("")) {
            if (mail.path("id").asText().equals(id)) {
              return mail.path("recipients").path(0).path("attempts").asInt() > 0
                  || !mail.path("place").asText().equals("active");
            }
          }
          return false;
        });
    return id;
  }

  @Test
  void withoutTheTokenThereIsOnlyHealthAndMetrics() throws Exception {
    for (String path : new String[] {"status", "queue", "trace/06A1B2C3D4E5F", "nothing"}) {
      var refused = exchange("/api/v1/" + path, null, "");
      assertThat(refused.statusCode()).isEqualTo(401);
      assertThat(refused.body()).contains("Not authorised");
      assertThat(exchange("/api/v1/" + path, null, "Bearer 0000").statusCode()).isEqualTo(401);
    }
    assertThat(exchange("/api/v1/queue/delete", "{\"all\":true}", "").statusCode()).isEqualTo(401);
    assertThat(exchange("/health", null, "").body()).isEqualTo("ok\n");
    assertThat(exchange("/metrics", null, "").body()).contains("poststation_sessions");
  }

  @Test
  void theTraceKnowsTheMessageIdThatTheRelayAdded() throws Exception {
    String id = relay.send("anna@here.example", "bob@there.example");

    assertThat(get("trace/" + id).body().path("text").asText())
        .contains("Message-ID <" + id + "@relay.test>");
  }

  @Test
  void aLimitThatIsTakenAtAStartOnlyStaysAsItWasAndIsNamed() throws Exception {
    String good = relay.read();
    try {
      relay.write(good + "limits { active-mails = 77, hops = 33 }\n");
      var done = post("reload", "").body();
      assertThat(done.path("nextStart").toString()).isEqualTo("[\"limits.active-mails\"]");
      var limits = relay.relay().configuration().limits();
      assertThat(limits.activeMails()).isEqualTo(10_000);
      assertThat(limits.hops()).isEqualTo(33);
    } finally {
      relay.write(good);
      post("reload", "");
    }
  }

  @Test
  void aPortInUseIsOneSentenceAndNothingIsLoggedBesides() {
    var said = new ListAppender<ILoggingEvent>();
    said.start();
    var root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    root.addAppender(said);
    try {
      assertThatThrownBy(
              () ->
                  AdminServer.start(
                      Os.real(),
                      relay.relay(),
                      () -> new Loaded.Bad(List.of(), List.of(), Optional.empty())))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("admin.bind: cannot listen on 127.0.0.1:")
          .hasMessageContaining("stop what uses it");
    } finally {
      root.detachAppender(said);
    }
    assertThat(said.list).isEmpty();
  }

  @Test
  void whereItReallyListensIsNotedInTheDataDirectory() {
    var data = relay.relay().configuration().data();

    assertThat(AdminAddress.read(Os.real(), data)).contains(relay.admin());
    assertThat(AdminAddress.read(Os.real(), directory)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "queue?domian=there.example              |  | domian",
        "queue?domain=a.example&domain=b.example |  | is there twice",
        "queue?limit=5&dryRun=true               |  | dryRun",
        "status?verbose                          |  | verbose",
        "queue/hold             | {\"destination\":\"next\",\"dryrun\":true} | dryRun",
        "queue/hold             | {\"destination\":\"next\",\"older_than\":\"1d\"} | older-than",
        "queue/hold?dryRun=true | {\"destination\":\"next\"} | nothing is",
        "queue/hold             | {\"destination\":\"none\",\"destination\":\"next\"} | no JSON"
            + " object",
        "queue/hold             | {\"destination\":\"next\"} {\"dryRun\":true} | no JSON object",
        "explain | {\"client\":\"127.0.0.1\",\"from\":\"a@b.example\",\"rcpt\":\"a@b.example\"} |"
            + " rcpt",
        "reload                 | {\"dryRun\":true} | dryRun"
      })
  void whatNobodyReadsIsRefusedAndNothingIsDone(String path, String body, String said)
      throws Exception {
    String id = deferred("anna@here.example", "bob@there.example");

    var answer = ask(path, body);

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.body().path("error").asText()).contains(said);
    assertThat(get("queue/" + id).body().path("place").asText()).isNotEqualTo("held");
  }

  @Test
  void aRequestThatIsTooLargeIsRefusedAndSoIsAListThatWouldBe() throws Exception {
    String large = "{\"text\":\"" + "x".repeat(1_500_000) + "\"}";
    assertThat(exchange("/api/v1/queue/hold", large, "Bearer " + token).statusCode())
        .isEqualTo(413);
    assertThat(get("queue?limit=10001").status()).isEqualTo(400);
    assertThat(get("queue?limit=10000").status()).isEqualTo(200);
  }

  @Test
  void neitherSlashesNorDotsLeadAroundTheToken() throws Exception {
    for (String path :
        new String[] {
          "/api//v1/status",
          "//api/v1/status",
          "/api/v1/status/",
          "/API/v1/status",
          "/api/v1/./status"
        }) {
      assertThat(exchange(path, null, "").body()).as(path).doesNotContain("hostname");
    }
  }

  @Test
  void statusSaysWhereItListens() throws Exception {
    var status = get("status").body();

    assertThat(status.path("hostname").asText()).isEqualTo("relay.test");
    assertThat(status.path("listeners").path(0).path("port").asInt())
        .isEqualTo(relay.relay().listening().getFirst().getPort());
  }

  @Test
  void aMailThatWaitsIsListedWithItsReason() throws Exception {
    String id = deferred("anna@here.example", "bob@there.example");

    var mail = list("").path(0);
    assertThat(mail.path("id").asText()).isEqualTo(id);
    assertThat(mail.path("sender").asText()).isEqualTo("anna@here.example");
    var recipient = mail.path("recipients").path(0);
    assertThat(recipient.path("reason").asText()).contains("127.0.0.1");
    assertThat(recipient.path("destination").asText()).isEqualTo("next");
    assertThat(get("queue/" + id).body()).isEqualTo(mail);
  }

  @Test
  void filtersNarrowTheListDown() throws Exception {
    String one = deferred("anna@here.example", "bob@there.example");
    String two = deferred("carl@here.example", "dora@elsewhere.example");

    assertThat(list("sender=anna@here.example").findValuesAsText("id")).containsExactly(one);
    assertThat(list("domain=ELSEWHERE.example").findValuesAsText("id")).containsExactly(two);
    assertThat(list("recipient=@there.example").findValuesAsText("id")).containsExactly(one);
    assertThat(list("destination=next")).hasSize(2);
    assertThat(list("older-than=1h")).isEmpty();
    assertThat(list("place=held")).isEmpty();
    var limited = get("queue?limit=1").body();
    assertThat(limited.path("mails")).hasSize(1);
    assertThat(limited.path("more").asBoolean()).isTrue();
  }

  @Test
  void groupsCountRecipientsByDestinationAndReason() throws Exception {
    deferred("anna@here.example", "bob@there.example", "ben@there.example");
    deferred("anna@here.example", "bob@there.example");

    var groups = get("queue?group=destination").body().path("groups");
    int recipients = 0;
    for (var group : groups) {
      recipients += group.path("recipients").asInt();
      assertThat(group.path("reason").asText()).isNotEmpty();
    }
    assertThat(recipients).isEqualTo(3);
  }

  @Test
  void aMailIsHeldReleasedAndDeleted() throws Exception {
    String id = deferred("anna@here.example", "bob@there.example");
    String body = "{\"ids\":[\"" + id + "\"]}";

    assertThat(post("queue/hold", body).body().path("done").asInt()).isEqualTo(1);
    eventually("it is held", () -> list("place=held").size() == 1);
    post("queue/release", body);
    eventually("it is released", () -> list("place=held").isEmpty());
    assertThat(post("queue/delete", body).body().path("done").asInt()).isEqualTo(1);
    eventually("it is gone", () -> list("").isEmpty());

    var trace = get("trace/" + id).body();
    assertThat(trace.path("text").asText())
        .contains("An administrator: hold", "An administrator: delete");
    assertThat(trace.path("entries").path(0).path("event").asText()).isEqualTo("queued");
  }

  @Test
  void aDryRunChangesNothing() throws Exception {
    String id = deferred("anna@here.example", "bob@there.example");

    var answer = post("queue/delete", "{\"all\":true,\"dryRun\":true}").body();

    assertThat(answer.path("matched").asInt()).isEqualTo(1);
    assertThat(answer.path("done").asInt()).isZero();
    assertThat(answer.path("ids").path(0).asText()).isEqualTo(id);
    assertThat(list("")).hasSize(1);
  }

  @Test
  void aDryRunNamesAHundredRecipientsOfAMailAndCountsTheRest() throws Exception {
    var to = new String[150];
    Arrays.setAll(to, i -> "user" + i + "@there.example");
    deferred("anna@here.example", to);

    var answer = post("queue/bounce", "{\"all\":true,\"dryRun\":true}").body();

    var mail = answer.path("mails").path(0);
    assertThat(mail.path("recipients")).hasSize(100);
    assertThat(mail.path("more").asInt()).isEqualTo(50);
    assertThat(mail.path("others").asInt()).isZero();
  }

  @Test
  void theWholeQueueIsOnlyMeantWhenThatIsSaid() throws Exception {
    String id = deferred("anna@here.example", "bob@there.example");

    assertThat(post("queue/delete", "{}").status()).isEqualTo(400);
    assertThat(get("queue/" + id).status()).isEqualTo(200);
  }

  @Test
  void whatIsWrongWithARequestIsSaidInASentence() throws Exception {
    assertThat(get("queue/nonsense").status()).isEqualTo(400);
    assertThat(get("queue/06A1B2C3D4E5F").status()).isEqualTo(404);
    assertThat(get("trace/06A1B2C3D4E5F").status()).isEqualTo(404);
    assertThat(get("queue?older-than=soon").body().path("error").asText()).contains("2h or 3d");
    assertThat(get("queue?place=attic").status()).isEqualTo(400);
    assertThat(get("queue?limit=0").status()).isEqualTo(400);
    assertThat(get("queue?group=moon").status()).isEqualTo(400);
    assertThat(post("queue/burn", "{}").status()).isEqualTo(404);
    assertThat(post("queue/hold", "no JSON").status()).isEqualTo(400);
    assertThat(post("queue/hold", "{\"ids\":\"x\"}").status()).isEqualTo(400);
    assertThat(post("queue/hold", "{\"all\":\"yes\"}").status()).isEqualTo(400);
    assertThat(post("explain", "{\"client\":\"moon\"}").body().path("error").asText())
        .isEqualTo("client: \"moon\" is no IP address.");
    var nothing = get("nothing");
    assertThat(nothing.status()).isEqualTo(404);
    assertThat(nothing.body().path("error").asText()).isNotEmpty();
  }

  @Test
  void aBrokenFileKeepsTheOldConfiguration() throws Exception {
    String good = relay.read();
    try {
      relay.write(good.replace("networks = [\"127.0.0.1\"]", "network = [\"127.0.0.1\"]"));
      var said = ServerLog.of(Reload.class);
      var refused = post("reload", "");
      assertThat(refused.status()).isEqualTo(409);
      assertThat(said.end())
          .anyMatch(
              line ->
                  line.startsWith("ERROR The configuration was not reloaded, the old one stays: ")
                      && line.contains("did you mean"));
      assertThat(refused.body().path("problems").toString()).contains("did you mean");
      assertThat(relay.relay().configuration().clients().getFirst().name()).isEqualTo("local");

      relay.write(
          good.replace("name = local", "name = renamed").replace("relay.test", "other.test"));
      var done = post("reload", "").body();
      assertThat(done.path("reloaded").asBoolean()).isTrue();
      assertThat(done.path("nextStart").toString()).isEqualTo("[\"hostname\"]");
      assertThat(relay.relay().configuration().clients().getFirst().name()).isEqualTo("renamed");
      assertThat(relay.relay().configuration().hostname()).isEqualTo("relay.test");
      assertThat(post("reload", "").body().path("nextStart").toString())
          .isEqualTo("[\"hostname\"]");
    } finally {
      relay.write(good);
      post("reload", "");
    }
  }

  @Test
  void aPortInUseIsOneSentence(@TempDir Path other) throws Exception {
    assertThatThrownBy(() -> AdminServer.start(Os.real(), relay.relay(), () -> null))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("admin.bind: cannot listen on 127.0.0.1:" + relay.admin().getPort());
  }
}
