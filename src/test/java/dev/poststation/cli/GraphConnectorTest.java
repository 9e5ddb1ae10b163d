package dev.poststation.cli;

import static dev.poststation.sim.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.admin.LiveRelay;
import dev.poststation.sim.ToyGraph;
import dev.poststation.sim.ToyIssuer;
import dev.poststation.sim.ToyTokenServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A relay that sends by Microsoft Graph, from its configuration to the mail.
class GraphConnectorTest {
  @TempDir Path directory;

  @Test
  void aPrinterSendsByGraphAndAnAppWithoutTheRightHoldsItsMail() throws Exception {
    Path secret = directory.resolve("secret");
    Files.writeString(secret, "client-secret-1");
    Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
    try (var tokens = new ToyTokenServer().start();
        var graph = ToyGraph.start();
        var relay =
            new LiveRelay(
                directory,
                """
                connectors.cloud {
                  preset = microsoft365-graph, hosts = ["127.0.0.1:%d"]
                  auth { user = "scanner@example.com", tenant = t, client-id = "app-1"
                         client-secret = "file:%s", token-url = "%s/token"
                         token-authorities = "%s" }
                }
                routes = [ { via = [cloud] } ]
                """
                    .formatted(
                        graph.port(),
                        secret,
                        tokens.url(),
                        ToyIssuer.AUTHORITY.toAbsolutePath()))) {
      graph.answers(new ToyGraph.Answer(403, "ErrorAccessDenied"));
      String id = relay.send("scanner@example.com", "bob@there.example");
      eventually("it is refused", () -> !graph.asked().isEmpty());
      eventually(
          "it is said", () -> Ran.with(relay.file(), "connector list").out().contains("limping"));
      assertThat(Ran.with(relay.file(), "queue show " + id).out()).contains("ErrorAccessDenied");
      assertThat(graph.asked()).hasSize(1);
      assertThat(Ran.with(relay.file(), "status").out())
          .contains("No mail leaves by connector cloud as scanner@example.com, and none is")
          .contains("ErrorAccessDenied");
      eventually(
          "it is an event",
          () ->
              log().contains("event=token connector=cloud user=scanner@example.com state=paused"));
      assertThat(tokens.asked().getFirst())
          .containsEntry("scope", "https://graph.microsoft.com/.default");

      var tried = Ran.with(relay.file(), "connector test cloud --to you@there.example");
      assertThat(tried.exit()).as(tried.toString()).isZero();
      assertThat(tried.out())
          .contains("there is a token for scanner@example.com", "TLS: shows with a mail")
          .contains("C: POST /v1.0/users/scanner%40example.com/sendMail")
          .contains("<you@there.example>: sent: 250 2.0.0 202 Accepted");
      assertThat(graph.asked().getLast().mail()).contains("Subject: Poststation tries connector");
      String other = "connector test cloud --from boss@example.com --to you@there.example";
      assertThat(Ran.with(relay.file(), other).out())
          .as("Graph has the account in the envelope, and is to leave From")
          .contains("From should be <boss@example.com>, and Return-Path <scanner@example.com>");
      assertThat(
              Ran.with(relay.file(), "connector test cloud --to you@there.example --dry-run").err())
          .contains("cannot be asked about a mail without sending it");
    }
  }

  private String log() {
    try {
      return Files.readString(directory.resolve("mail.log"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
