package dev.poststation.cli;

import static dev.poststation.sim.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.admin.LiveRelay;
import dev.poststation.os.Os;
import dev.poststation.sim.Sink;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A client of a whole relay begins to send to recipients of which its next hop knows half.
class OutbreakCommandsTest {
  @TempDir Path directory;
  private Sink hop;
  private String action = "hold";
  private LiveRelay relay;

  @BeforeEach
  void begin() throws Exception {
    hop = new Sink(Os.real(), List.of("PIPELINING"), null, false, false);
    relay = start();
  }

  private LiveRelay start() throws Exception {
    return new LiveRelay(
        directory,
        """
        clients = [ { name = local, networks = ["127.0.0.1"] }
                    { name = app, networks = ["127.0.0.2", "127.0.0.3"] } ]
        connectors { hop { hosts = ["127.0.0.1:%d"] } }
        routes = [ { via = [hop] } ]
        limits { outbreak { action = %s, failures = "25%% of 20" } }
        """
            .formatted(hop.port(), action));
  }

  @AfterEach
  void end() throws Exception {
    relay.close();
    hop.close();
  }

  @Test
  void aThrottleIsExplainedWithTheReplyThatTheClientGets() throws Exception {
    relay.close();
    action = "throttle";
    relay = start();
    spam();
    String reply = send("127.0.0.2", "b@spam.example", "bob@x.example");
    assertThat(reply).isNotEmpty();
    var explained =
        run("explain --client 127.0.0.2 --from b@spam.example --to bob@x.example --listener relay");
    assertThat(explained.exit()).isEqualTo(Exit.NO);
    assertThat(explained.out())
        .startsWith("refused   451 4.7.1 Your mail looks like an outbreak")
        .contains("because   outbreak = throttle: client 127.0.0.2 (client rule app)");
  }

  private Ran run(String line) {
    return Ran.with(relay.file(), line);
  }

  /// Sends a mail from an address of this machine.
  ///
  /// @return the reply to the content
  private String send(String client, String from, String... to) throws IOException {
    return sendContent("Subject: a\r\n\r\nb", client, from, to);
  }

  private String sendContent(String content, String client, String from, String... to)
      throws IOException {
    var server = relay.relay().listening().getFirst();
    try (var socket =
            new Socket(server.getAddress(), server.getPort(), InetAddress.getByName(client), 0);
        var in =
            new BufferedReader(
                new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))) {
      in.readLine();
      say(socket, in, "HELO client");
      String reply = say(socket, in, "MAIL FROM:<" + from + ">");
      for (String each : to) {
        reply = say(socket, in, "RCPT TO:<" + each + ">");
      }
      if (reply.startsWith("250")) {
        say(socket, in, "DATA");
        reply = say(socket, in, content + "\r\n.");
      }
      say(socket, in, "QUIT");
      return reply;
    }
  }

  private static String say(Socket socket, BufferedReader in, String line) throws IOException {
    socket.getOutputStream().write((line + "\r\n").getBytes(StandardCharsets.US_ASCII));
    return in.readLine();
  }

  private void spam() throws IOException {
    for (int i = 0; i < 10; i++) {
      String reply =
          send("127.0.0.2", "a@spam.example", "known" + i + "@x.example", "unknown@x.example");
      assertThat(reply).startsWith("250");
    }
    eventually("it is noticed", () -> run("outbreak list").out().contains("127.0.0.2"));
  }

  @Test
  void itsMailIsHeldThatOfOthersGoesAndNothingIsLost() throws Exception {
    spam();
    eventually("all went, and a notice for each", () -> hop.mails() == 20);
    long before = hop.mails();

    assertThat(send("127.0.0.2", "b@spam.example", "bob@x.example")).startsWith("250");
    assertThat(send("127.0.0.3", "c@spam.example", "bob@x.example")).startsWith("250");
    assertThat(send("127.0.0.1", "d@here.example", "bob@x.example")).startsWith("250");
    eventually("two go", () -> hop.mails() == before + 2);

    assertThat(run("queue list --place held").out()).contains("b@spam.example");
    String id = run("queue list --place held").out().lines().skip(1).findFirst().orElseThrow();
    id = id.substring(0, id.indexOf(' '));
    assertThat(run("queue show " + id).out())
        .contains("outbreak = hold: client 127.0.0.2 (client rule app)", "of 20 recipients");
    assertThat(run("trace " + id).out()).contains("Held on arrival", "outbreak = hold: client");
    assertThat(run("status").out()).contains("Warning: Outbreak since", "client 127.0.0.2");
    assertThat(run("check").out()).contains("The running relay says: Outbreak since");
    assertThat(run("check --json").out()).contains("\"running\" : [ \"Outbreak since");
    assertThat(Files.readString(directory.resolve("mail.log")))
        .contains("event=outbreak client=app address=127.0.0.2 action=hold text=\"next hops");
    assertThat(
            run("explain --client 127.0.0.2 --from b@spam.example --to bob@x.example --listener"
                    + " relay")
                .out())
        .contains("held", "outbreak = hold");

    assertThat(run("outbreak lift 127.0.0.9"))
        .satisfies(
            answer -> {
              assertThat(answer.exit()).isEqualTo(Exit.NO);
              assertThat(answer.err())
                  .contains(
                      "There is no outbreak of \"127.0.0.9\", but of these: client 127.0.0.2"
                          + " (client rule app)");
            });
    assertThat(run("outbreak lift 127.0.0.2").out())
        .isEqualTo("Lifted: client 127.0.0.2 of client app\n");
    assertThat(run("outbreak list").out()).isEqualTo("There is no outbreak.\n");
    assertThat(run("queue release " + id).exit()).isZero();
    assertThat(send("127.0.0.2", "b@spam.example", "bob@x.example")).startsWith("250");
    eventually("both go", () -> hop.mails() == before + 4);
  }

  /// As a provider that takes everything has them, and tells later.
  private void bounce(String id, String recipient) throws IOException {
    String text =
        """
        Content-Type: multipart/report; report-type=delivery-status; boundary=b

        --b
        Content-Type: message/delivery-status

        Reporting-MTA: dns; there.example

        Final-Recipient: rfc822; %s
        Action: failed
        Status: 5.1.1
        Diagnostic-Code: smtp; 550 5.1.1 unknown

        --b
        Content-Type: text/rfc822-headers

        Received: from client by relay.test with SMTP id %s; now
        --b--\
        """
            .formatted(recipient, id)
            .replace("\n", "\r\n");
    assertThat(sendContent(text, "127.0.0.1", "", "a@spam.example")).startsWith("250");
  }

  private long learned() {
    try (var lines = Files.lines(directory.resolve("mail.log"))) {
      return lines.filter(line -> line.contains("event=suppression ")).count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Each once: anybody who got a mail could say it again and again.
  @Test
  void bouncesThatComeInLaterAreRefusalsEachOnce() throws Exception {
    String text = relay.read();
    relay.write(text + "suppression { for = all }\n");
    assertThat(run("reload").exit()).isZero();
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      String reply = send("127.0.0.2", "a@spam.example", "known" + i + "@x.example");
      ids.add(reply.substring(reply.lastIndexOf(' ') + 1));
    }
    eventually("all went", () -> relay.relay().spool().usage().mails() == 0);
    for (int i = 0; i < 8; i++) {
      bounce(ids.getFirst(), "known0@x.example");
    }
    eventually("all were read", () -> learned() == 8);
    assertThat(run("outbreak list").out()).isEqualTo("There is no outbreak.\n");

    relay.write(text); // It is looked at without such a list, too.
    assertThat(run("reload").exit()).isZero();
    for (int i = 1; i < 7; i++) {
      bounce(ids.get(i), "known" + i + "@x.example");
    }
    eventually("it is noticed", () -> run("outbreak list").out().contains("127.0.0.2"));
    assertThat(run("outbreak list").out())
        .contains("next hops refused 7 of 27 recipients (7 unknown");
  }

  @Test
  void itIsHeldAfterARestartAndKnownWhileNoRelayRuns() throws Exception {
    spam();
    relay.close();
    assertThat(run("outbreak list").out()).contains("127.0.0.2", "app", "hold", "you lift it");
    assertThat(run("outbreak list --json").out()).contains("\"until\" : null");
    assertThat(run("outbreak lift app").exit()).isEqualTo(Exit.UNREACHABLE);

    relay = start();
    assertThat(send("127.0.0.2", "b@spam.example", "bob@x.example")).startsWith("250");
    assertThat(run("queue list --place held").out()).contains("b@spam.example");
    assertThat(run("outbreak lift app").exit()).isZero();
    assertThat(run("outbreak list --json").out()).contains("\"outbreaks\" : [ ]");
  }
}
