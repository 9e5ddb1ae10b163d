package dev.poststation.cli;

import static dev.poststation.sim.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.admin.LiveRelay;
import dev.poststation.os.FreePort;
import dev.poststation.sim.ToyEndpoint;
import dev.poststation.sim.ToyEndpoint.Answer;
import dev.poststation.sim.ToyIssuer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A relay that posts its journal, from its configuration to the endpoint.
class HttpConnectorTest {
  @TempDir Path directory;

  private Path secret() throws Exception {
    Path secret = Files.writeString(directory.resolve("token"), "opensesame\n");
    return Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
  }

  private static String journal(String vault) {
    return """
    own-domains = ["here.example"]
    connectors.vault { type = http, %s }
    routes = [ { to = ["journal@archive.example"], via = [vault] }, { via = [next] } ]
    queue { retry = ["1 s"] }
    content = [ { use = archive, to = "journal@archive.example" } ]
    """
        .formatted(vault);
  }

  @Test
  void aReportIsPostedAndTheConnectorCanBeTried() throws Exception {
    try (var endpoint = ToyEndpoint.start();
        var relay =
            new LiveRelay(
                directory,
                journal(
                    "url = \"%s\", token = \"file:%s\", authorities = \"%s\""
                        .formatted(
                            endpoint.url(), secret(), ToyIssuer.AUTHORITY.toAbsolutePath())))) {
      endpoint.answers(new Answer(401, Map.of("Retry-After", "1"), ""));
      String id = relay.send("anna@here.example", "bob@there.example", "hidden@there.example");
      eventually("it is taken", () -> endpoint.kept().size() == 1);
      var report = endpoint.kept().values().iterator().next();
      assertThat(report.header("Authorization")).isEqualTo("Bearer opensesame");
      assertThat(report.header("X-envelope-from")).isEqualTo("<>");
      assertThat(report.header("X-envelope-to")).isEqualTo("<journal@archive.example>");
      assertThat(report.text())
          .contains("X-MS-Journal-Report:\r\n", "Sender: anna@here.example\r\n")
          .contains("Bcc: hidden@there.example\r\n", "\r\n\r\nb\r\n");
      String queued = report.header("X-queue-id");
      eventually(
          "it is settled",
          () -> Ran.with(relay.file(), "trace " + queued).out().contains("250 2.0.0 200"));
      assertThat(Ran.with(relay.file(), "trace " + queued).out())
          .contains("journal report of " + id, "C: POST /journal (", ", key " + queued + "-")
          .contains("endpoint 127.0.0.1[http]:" + endpoint.port() + " said: 401")
          .doesNotContain("opensesame");
      assertThat(Files.readString(directory.resolve("mail.log")))
          .contains("relay=127.0.0.1[http]:" + endpoint.port());

      var tried =
          Ran.with(relay.file(), "connector test vault --from a@here.example --to b@there.example");
      assertThat(tried.exit()).as(tried.toString()).isZero();
      assertThat(tried.out())
          .contains("TLS: shows with a mail", "login: as token by BEARER")
          .contains("<b@there.example>: sent: 250 2.0.0 200");
      assertThat(
              Ran.with(
                      relay.file(),
                      "connector test vault --from a@here.example --to b@there.example --dry-run")
                  .err())
          .contains("cannot be asked about a mail without sending it");
    }
  }

  /// Down, busy, or gone with the answer: each report is kept once, whatever happened.
  @Test
  void whileTheEndpointIsDownReportsWaitAndThenEachIsThereOnce() throws Exception {
    int port = FreePort.find();
    var relay = new LiveRelay(directory, journal("url = \"http://127.0.0.1:%d/\"".formatted(port)));
    try {
      for (int i = 0; i < 5; i++) {
        relay.send("anna@here.example", "to-" + i + "@there.example");
      }
      eventually("it was tried", () -> waiting(relay).contains("it takes no connection"));
    } finally {
      relay.close();
    }
    var lost = new Answer(0);
    var busy = new Answer(503, Map.of("Retry-After", "1"), "");
    try (var endpoint = ToyEndpoint.inClear(port).answers(lost, busy, lost, new Answer(500));
        var again = relay.again()) {
      eventually("all are settled", () -> !waiting(again).contains("journal@archive.example"));
      Set<String> reported = new TreeSet<>();
      endpoint.kept().values().forEach(each -> reported.add(recipient(each.text())));
      assertThat(reported).hasSize(5);
      assertThat(endpoint.kept()).as("each has one key").hasSize(5);
      assertThat(endpoint.asked()).as("sent again only what had no good answer").hasSize(9);
    }
  }

  private static String waiting(LiveRelay relay) {
    return Ran.with(relay.file(), "queue list --recipient journal@archive.example --json").out();
  }

  private static String recipient(String report) {
    int at = report.indexOf("\r\nBcc: ");
    return report.substring(at + 7, report.indexOf("\r\n", at + 7));
  }
}
