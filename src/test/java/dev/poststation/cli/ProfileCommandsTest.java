package dev.poststation.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.admin.LiveRelay;
import dev.poststation.demo.MailClient;
import dev.poststation.os.Os;
import dev.poststation.smtp.Reply;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// `profile` with a whole relay, over a restart.
@Timeout(120)
class ProfileCommandsTest {
  private static final String STEP_UP =
      "clients = [ { name = printers, networks = [\"127.0.0.1\"], profile = step-up } ]\n";

  @TempDir Path home;

  private static Reply send(LiveRelay relay, String header) throws IOException {
    byte[] content = (header + "\r\n\r\nx\r\n").getBytes(StandardCharsets.US_ASCII);
    try (var client =
        MailClient.connect(Os.real(), relay.relay().listening().getFirst(), false, _ -> {})) {
      return client.send("scan@example.com", List.of("b@there.example"), "", content).reply();
    }
  }

  private static Reply print(LiveRelay relay) throws IOException {
    return send(
        relay,
        "From: scan@example.com\r\nTo: b@there.example\r\nSubject: Scan\r\nX-Mailer: HP LaserJet");
  }

  private static Reply write(LiveRelay relay) throws IOException {
    return send(
        relay,
        "Message-ID: <1a2b3c4d@there.example>\r\nDate: Mon, 2 Nov 2026 10:11:12 +0100\r\n"
            + "User-Agent: Mozilla Thunderbird\r\nFrom: scan@example.com\r\nSubject: x");
  }

  @Test
  void aDeviceIsLearnedNoticedShownAndAccepted() throws Exception {
    try (var relay = new LiveRelay(home, STEP_UP)) {
      assertThat(Ran.with(relay.file(), "profile list").out())
          .isEqualTo("No device is known: write profile = report in an entry of clients.\n");
      for (int i = 0; i < 6; i++) {
        assertThat(print(relay).code()).isEqualTo(250);
      }
      assertThat(Ran.with(relay.file(), "profile list").out()).contains("127.0.0.1", "as always");
    }
    try (var relay = new LiveRelay(home, STEP_UP)) {
      assertThat(write(relay).code()).as("a restart forgets nothing").isEqualTo(530);
      assertThat(Ran.with(relay.file(), "status").out())
          .contains(
              "Warning: 1 device is not as always: poststation profile list",
              "1 device with a profile, 1 of them not as always");
      assertThat(Ran.with(relay.file(), "profile list").out())
          .contains("printers", "has to log in: it has always said \"HP LaserJet\" (X-Mailer)");
      assertThat(Ran.with(relay.file(), "profile show 127.0.0.1").out())
          .contains(
              "127.0.0.1, client printers",
              "It has to log in, 1 mail, the last",
              "and now says \"Mozilla Thunderbird\"",
              "header fields",
              "From To Subject X-Mailer");
      assertThat(Ran.with(relay.file(), "profile show printers --json").out())
          .contains("\"steppedUp\" : true");
      assertThat(
              Ran.with(
                      relay.file(),
                      "explain --client 127.0.0.1 --from a@here.example --to b@there.example")
                  .out())
          .contains(
              "refused   530 5.7.0",
              "profile = step-up of client rule",
              ": this device was not itself");
      assertThat(print(relay).code()).isEqualTo(530);
      assertThat(Ran.with(relay.file(), "profile accept 127.0.0.1").out())
          .isEqualTo("Accepted: 127.0.0.1, client printers\n");
      assertThat(Ran.with(relay.file(), "profile accept printers").out())
          .isEqualTo("Nothing was unlike printers.\n");
      assertThat(print(relay).code()).isEqualTo(250);
      assertThat(write(relay).code()).isEqualTo(250);
      assertThat(Ran.with(relay.file(), "profile reset printers --json").out())
          .contains("\"who\" : \"127.0.0.1\"");
      var gone = Ran.with(relay.file(), "profile show 127.0.0.1");
      assertThat(gone.exit()).isEqualTo(Exit.NO);
      assertThat(gone.err())
          .isEqualTo("There is no profile of \"127.0.0.1\": see poststation profile list.\n");
      assertThat(Ran.with(relay.file(), "profile reset nobody").exit()).isEqualTo(Exit.NO);
    }
  }
}
