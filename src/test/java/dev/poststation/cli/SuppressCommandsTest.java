package dev.poststation.cli;

import static dev.poststation.sim.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.admin.LiveRelay;
import dev.poststation.os.Os;
import dev.poststation.sim.Sink;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A newsletter goes to a mailbox that is no more, through a whole relay.
class SuppressCommandsTest {
  private static final String GONE = "unknown@x.example";

  @TempDir Path directory;
  private Sink hop;
  private LiveRelay relay;

  @BeforeEach
  void begin() throws Exception {
    hop = new Sink(Os.real(), List.of("PIPELINING"), null, false, false);
    relay =
        new LiveRelay(
            directory,
            """
            clients = [ { name = local, networks = ["127.0.0.1"] }
                        { name = news, networks = ["127.0.0.2"], priority = bulk } ]
            connectors { hop { hosts = ["127.0.0.1:%d"] } }
            routes = [ { via = [hop] } ]
            suppression { for = bulk, per = relay }
            """
                .formatted(hop.port()));
  }

  @AfterEach
  void end() throws Exception {
    relay.close();
    hop.close();
  }

  private Ran run(String line) {
    return Ran.with(relay.file(), line);
  }

  /// @return the reply to RCPT, or to the content
  private String send(String client, String field, String to) throws IOException {
    var server = relay.relay().listening().getFirst();
    try (var socket =
            new Socket(server.getAddress(), server.getPort(), InetAddress.getByName(client), 0);
        var in =
            new BufferedReader(
                new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))) {
      in.readLine();
      say(socket, in, "HELO client");
      say(socket, in, "MAIL FROM:<news@here.example>");
      String reply = say(socket, in, "RCPT TO:<" + to + ">");
      if (reply.startsWith("250")) {
        say(socket, in, "DATA");
        reply = say(socket, in, field + "\r\n\r\nb\r\n.");
      }
      return reply;
    }
  }

  private static String say(Socket socket, BufferedReader in, String line) throws IOException {
    socket.getOutputStream().write((line + "\r\n").getBytes(StandardCharsets.US_ASCII));
    return in.readLine();
  }

  @Test
  void aRecipientThatBouncedIsRefusedToBulkUntilAnAdministratorLiftsIt() throws Exception {
    assertThat(send("127.0.0.2", "Subject: a", GONE)).startsWith("250");
    eventually("it is on the list", () -> run("suppress list").out().contains(GONE));
    assertThat(run("suppress list").out()).contains("invalid-recipient", "550 5.1.1 No such user");
    assertThat(run("status").out()).contains("1 recipient on the suppression list");

    assertThat(send("127.0.0.2", "Subject: a", GONE))
        .startsWith("550 5.1.1 This recipient was refused on ");
    var explained =
        run("explain --client 127.0.0.2 --listener relay --from a@here.example --to " + GONE);
    assertThat(explained.exit()).isEqualTo(Exit.NO);
    assertThat(explained.out()).contains("poststation suppress remove " + GONE + " lifts it");

    // Of this one it shows only in the header: it is taken, and ends untried.
    String taken = send("127.0.0.1", "Precedence: bulk", GONE);
    assertThat(taken).startsWith("250");
    String id = taken.substring(taken.lastIndexOf(' ') + 1);
    eventually("its end is known", () -> run("trace " + id).out().contains("bounced"));
    assertThat(run("trace " + id).out()).contains("suppressed since", "suppression");

    assertThat(run("suppress remove --domain x.example --dry-run").out())
        .contains("Would remove: " + GONE);
    assertThat(run("suppress remove " + GONE).exit()).isEqualTo(Exit.OK);
    assertThat(run("suppress remove " + GONE).exit()).isEqualTo(Exit.NO);
    assertThat(send("127.0.0.2", "Subject: a", GONE)).startsWith("250");
  }

  @Test
  void listsComeInGoOutAndAreFiltered() throws Exception {
    assertThat(run("suppress add Carl@Y.example --client news --text left --keep 30d").out())
        .contains("1 recipient put on the suppression list, which has 1 now");
    var file = directory.resolve("list.csv");
    Files.writeString(
        file,
        """
        address,client,reason
        <dora@y.example>,,"asked, twice"
        emil@z.example,news,
        """);
    assertThat(run("suppress import " + file).out())
        .contains("2 recipients put on the suppression list, which has 3 now");
    var plain = directory.resolve("plain.txt");
    Files.writeString(plain, "fritz@z.example\ngerd@z.example\n");
    assertThat(run("suppress import " + plain + " --client news").exit()).isEqualTo(Exit.OK);

    assertThat(run("suppress list --domain z.example").out())
        .contains("emil@z.example", "fritz@z.example")
        .doesNotContain("dora@");
    var exported = run("suppress export").out();
    assertThat(exported)
        .startsWith("address,client,since,until,category,reason\r\n")
        .contains("dora@y.example,*,")
        .contains("\"asked, twice\"");
    assertThat(send("127.0.0.2", "Subject: a", "dora@y.example"))
        .startsWith("550 5.1.1 The administrator of this relay has had this recipient not tried");
    assertThat(run("suppress list --json --client news").out()).contains("\"count\" : 5");

    assertThat(run("suppress remove --all").out()).contains("Removed: carl@y.example");
    String old = exported.replaceAll(",20[0-9-]+T[0-9:]+Z,", ",2020-01-31T10:00:00Z,");
    Files.writeString(file, old);
    assertThat(run("suppress import " + file).out()).contains("5 recipients");
    assertThat(run("suppress list").out()).contains("left", "asked, twice");
    assertThat(run("suppress export").out()).contains(",2020-01-31T10:00:00Z,");
  }

  @Test
  void linesThatCannotBeTakenAreLeftOutAndSaidAndTheRestIsThere() throws Exception {
    var file = directory.resolve("old.csv");
    Files.writeString(
        file,
        """
        address,client,until,reason
        carl@y.example,retired,,left
        dora@y.example,news,,left
        emil@y.example,news,2020-01-31T10:00:00Z,left
        @y.example,,,left
        fritz@y.example,,,left
        """);

    var imported = run("suppress import " + file);
    assertThat(imported.exit()).isEqualTo(Exit.NO);
    assertThat(imported.out())
        .contains("2 recipients put on the suppression list, which has 2 now");
    assertThat(imported.err())
        .contains("old.csv, line 2: There is no client \"retired\"; there are: local, news.")
        .contains("old.csv, line 4: until: \"2020-01-31T10:00:00Z\" is no time to come")
        .contains("old.csv, line 5: address: \"@y.example\" is no address")
        .contains("3 lines left out.");
    assertThat(run("suppress list").out()).contains("dora@", "fritz@").doesNotContain("carl@");
    assertThat(run("suppress import --json " + file).out()).contains("line 2: There is no client");
  }

  @Test
  void aMistakeIsOneSentence() {
    assertThat(run("suppress add bert").err()).contains("\"bert\" is no address");
    assertThat(run("suppress add b@x.example --client new").err())
        .contains("There is no client \"new\"; there are: local, news");
    assertThat(run("suppress add b@x.example --client new").exit()).isEqualTo(Exit.WRONG);
    assertThat(run("suppress add b@x.example --keep long").err()).contains("is no duration");
    assertThat(run("suppress remove").err()).contains("Say which");
    assertThat(run("suppress import /no/where").err()).contains("cannot be read");
  }
}
