package dev.poststation.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.poststation.admin.LiveRelay;
import dev.poststation.os.Os;
import dev.poststation.sim.Sink;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A test mail that the relay does not take, or that another server takes.
class SendCommandTest {
  private static final String SEND = "send --from a@b.example --to x@y.example --wait 15s ";

  @TempDir static Path directory;
  private static LiveRelay relay;

  @BeforeAll
  static void start() throws Exception {
    relay = new LiveRelay(directory);
  }

  @AfterAll
  static void stop() {
    relay.close();
  }

  private static Ran send(String options) {
    return Ran.with(relay.file(), (SEND + options).strip());
  }

  private static Ran sendWith(String before, String after, String options) throws Exception {
    String text = relay.read();
    try {
      relay.write(text.replace(before, after));
      assertThat(Ran.with(relay.file(), "reload").exit()).isZero();
      return send(options);
    } finally {
      relay.write(text);
      assertThat(Ran.with(relay.file(), "reload").exit()).isZero();
    }
  }

  @Test
  void whatAnotherServerTakesIsNotFollowed() throws Exception {
    try (var sink = new Sink(Os.real(), List.of(), null, false, false)) {
      String server = "127.0.0.1:" + sink.port();
      var ran = send("--server " + server);

      assertThat(sink.mails()).isEqualTo(1);
      assertThat(ran.out())
          .contains("\nAccepted by " + server + ": 250 ")
          .endsWith("It is not this relay, so the mail is not followed.\n");
      assertThat(ran.err()).isEmpty();
      assertThat(ran.exit()).isEqualTo(Exit.OK);
      var json = new ObjectMapper().readTree(send("--json --server " + server).out());
      assertThat(json.path("accepted").asBoolean()).isTrue();
      assertThat(json.path("followed").asBoolean(true)).isFalse();
      assertThat(json.path("reply").asText()).startsWith("250 ");
    }
  }

  @Test
  void aSecondRelayIsAnotherServerThoughItsIdsLookAlike(@TempDir Path elsewhere) throws Exception {
    try (var second = new LiveRelay(elsewhere)) {
      var ran = send("--server 127.0.0.1:" + second.relay().listening().getFirst().getPort());

      assertThat(ran.out()).endsWith("It is not this relay, so the mail is not followed.\n");
      assertThat(ran.exit()).isEqualTo(Exit.OK);
    }
  }

  @Test
  void thisRelayIsFollowedAlsoWhereItIsNamed() {
    var ran = send("--server localhost:" + relay.relay().listening().getFirst().getPort());

    assertThat(ran.out()).contains("deferred").doesNotContain("not followed");
    assertThat(ran.exit()).isEqualTo(Exit.NO); // Nobody listens at the next hop.
  }

  @Test
  void explainIsNamedWhereItKnowsTheRefusal() throws Exception {
    var ran = sendWith("[\"127.0.0.1\"]", "[\"192.0.2.1\"]", "");

    assertThat(ran.out())
        .endsWith(
            "The relay refused it: 554 5.7.1 Relaying is not allowed for your address\n"
                + "poststation explain tells which rule.\n");
    assertThat(ran.exit()).isEqualTo(Exit.NO);
  }

  @Test
  void theLogIsNamedWhereExplainWouldSayThatTheMailIsTaken() throws Exception {
    var large = Files.writeString(directory.resolve("large"), "x".repeat(900).repeat(100));

    var ran =
        sendWith("hostname =", "limits { message-size = 64 kB }\nhostname =", "--file " + large);

    assertThat(ran.out())
        .contains("The relay refused it: 552 5.3.4 ")
        .doesNotContain("poststation explain")
        .endsWith("The event reject in the mail log, and the server log, say why.\n");
    assertThat(ran.exit()).isEqualTo(Exit.NO);
  }

  @Test
  void tlsAtOnceWhereThereIsNoneIsToldWithTheRemedy() {
    int port = relay.relay().listening().getFirst().getPort();
    var ran = send("--implicit-tls --server 127.0.0.1:" + port);

    assertThat(ran.exit()).isEqualTo(Exit.UNREACHABLE);
    assertThat(ran.err())
        .isEqualTo(
            "No mail could be sent to 127.0.0.1:"
                + port
                + ": it does not begin with TLS; leave out --implicit-tls, and STARTTLS is used"
                + " where it is offered.\n");
  }
}
