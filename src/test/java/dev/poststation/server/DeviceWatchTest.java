package dev.poststation.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.ClientRule;
import dev.poststation.config.ListenerSettings;
import dev.poststation.log.Event;
import dev.poststation.os.Connection;
import dev.poststation.os.Os;
import dev.poststation.sim.LonelyNetwork;
import dev.poststation.sim.MemoryAccounts;
import dev.poststation.sim.SimTime;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A printer that may relay by its address, and a notebook that takes its place, over real sockets.
@Timeout(60)
class DeviceWatchTest {
  private static final Os OS = Os.real();

  private static final String PRINTED =
      """
      From: scan@example.com
      To: anna@example.net
      Subject: Scan %1$d
      Date: Mon, 30 Nov 2026 04:10:0%1$d +0100
      X-Mailer: HP LaserJet (firmware 2023041%1$d)
      Content-Type: text/plain

      Page %1$d
      """;

  private static final String WRITTEN =
      """
      Message-ID: <5f1b2c3d-1a2b-4c5d-8e9f-0a1b2c3d4e5f@example.com>
      Date: Mon, 30 Nov 2026 04:10:00 +0100
      User-Agent: Mozilla Thunderbird
      To: anna@example.net
      From: scan@example.com
      Subject: Hello
      Content-Type: text/plain; charset=UTF-8

      Hello
      """;

  private static final String THERE = "192.0.2.20";

  private final SimTime time = new SimTime();
  private final LonelyNetwork link = new LonelyNetwork();
  private final Relay relay = new Relay(OS.time());
  private Connection client;
  private String unread = "";

  private String say(String line) throws IOException {
    byte[] octets = (line.replace("\n", "\r\n") + "\r\n").getBytes(StandardCharsets.UTF_8);
    client.write(octets, 0, octets.length);
    return reply();
  }

  private String reply() throws IOException {
    byte[] buffer = new byte[4096];
    while (true) {
      for (int end; (end = unread.indexOf("\r\n")) >= 0; ) {
        String line = unread.substring(0, end);
        unread = unread.substring(end + 2);
        if (line.charAt(3) == ' ') {
          return line;
        }
      }
      int count = client.read(buffer, 0, buffer.length);
      assertThat(count).as("ended after: " + unread).isPositive();
      unread += new String(buffer, 0, count, StandardCharsets.UTF_8);
    }
  }

  /// Says it all in a session of its own; ends at the first refusal.
  ///
  /// @return the last reply
  private String session(String... lines) throws IOException {
    try (var wire = Wire.tcp(relay, OS, false)) {
      return session(wire, lines);
    }
  }

  private String session(Wire wire, String... lines) throws IOException {
    client = wire.client();
    unread = "";
    String reply = reply();
    for (String line : lines) {
      reply = say(line);
      if (reply.charAt(0) > '3') {
        break;
      }
    }
    return reply;
  }

  private static String[] printed(int number) {
    return new String[] {
      "EHLO NPI0A1B2C",
      "MAIL FROM:<scan@example.com>",
      "RCPT TO:<anna@example.net>",
      "DATA",
      PRINTED.formatted(number) + "."
    };
  }

  private String print(int number) throws IOException {
    return session(printed(number));
  }

  /// As [#print], from another machine on the link.
  private String printThere(Relay there, int number) throws IOException {
    time.advance(Duration.ofMinutes(1));
    try (var wire = Wire.memory(there, time, THERE)) {
      return session(wire, printed(number));
    }
  }

  private void printMails(ClientRule.Profile mode) throws IOException {
    relay.profile = mode;
    for (int i = 0; i < 6; i++) {
      assertThat(print(i)).startsWith("250 ");
    }
  }

  private String write() throws IOException {
    return session(
        "EHLO notebook",
        "MAIL FROM:<scan@example.com>",
        "RCPT TO:<anna@example.net>",
        "DATA",
        WRITTEN + ".");
  }

  private List<Event.Deviated> deviations() {
    return relay.journal.events(Event.Deviated.class);
  }

  @Test
  void reportTakesTheMailAndSaysWhy() throws Exception {
    printMails(ClientRule.Profile.REPORT);
    assertThat(deviations()).isEmpty();
    assertThat(write()).startsWith("250 ");
    assertThat(deviations())
        .singleElement()
        .satisfies(
            event -> {
              assertThat(event.action()).isEqualTo("report");
              assertThat(event.client()).isEqualTo("lan");
              assertThat(event.who()).isEqualTo("127.0.0.1");
              assertThat(event.reasons())
                  .contains(
                      "it has always said \"HP LaserJet (firmware 0)\" (X-Mailer), and now says"
                          + " \"Mozilla Thunderbird\"");
            });
    assertThat(relay.journal.events(Event.Queued.class).getLast().decisions())
        .anyMatch(
            decision ->
                decision.startsWith(
                    "profile = report of client rule \"lan\" (test.conf:3): score"));
    assertThat(print(7)).startsWith("250 ");
    assertThat(deviations()).hasSize(1);
    assertThat(write()).startsWith("250 ");
    assertThat(deviations()).as("it does not become usual").hasSize(2);
  }

  @Test
  void holdLetsTheMailWait() throws Exception {
    printMails(ClientRule.Profile.HOLD);
    assertThat(write()).startsWith("250 ");
    assertThat(relay.journal.events(Event.Administered.class))
        .singleElement()
        .satisfies(
            event -> {
              assertThat(event.action()).isEqualTo("hold");
              assertThat(event.by()).isEqualTo("profile");
              assertThat(event.text()).startsWith("profile = hold of client rule \"lan\"");
            });
    assertThat(print(7)).startsWith("250 ");
    assertThat(relay.journal.events(Event.Administered.class)).hasSize(1);
  }

  @Test
  void stepUpRefusesItAndAllThatFollowsUntilItIsAccepted() throws Exception {
    printMails(ClientRule.Profile.STEP_UP);
    String refusal = "530 5.7.0 Authentication required: you are not as you always were";
    assertThat(write()).isEqualTo(refusal);
    assertThat(relay.journal.events(Event.Queued.class)).hasSize(6);
    assertThat(relay.journal.events(Event.Rejected.class).getLast().stage()).isEqualTo("END");
    assertThat(print(7)).as("nobody knows which of them it is").isEqualTo(refusal);
    assertThat(relay.journal.events(Event.Rejected.class).getLast().stage()).isEqualTo("MAIL");
    relay.memory.profiles().accept("127.0.0.1");
    assertThat(print(8)).startsWith("250 ");
    assertThat(write()).startsWith("250 ");
  }

  @Test
  void whatTheSessionShowsIsEnoughAtMail() throws Exception {
    printMails(ClientRule.Profile.STEP_UP);
    assertThat(session("helo notebook", "mail from:<scan@example.com>")).startsWith("530 5.7.0 ");
    assertThat(deviations())
        .singleElement()
        .satisfies(
            event ->
                assertThat(event.reasons())
                    .contains(
                        "the EHLO name was \"npi0a0b0c\", and now is \"notebook\"",
                        "the spelling of commands was \"EHLO MAIL\", and now is \"helo mail\""));
  }

  @Test
  void whoHasLoggedInIsNotAskedAgain() throws Exception {
    relay.auth = ListenerSettings.Auth.OFFERED;
    printMails(ClientRule.Profile.STEP_UP);
    assertThat(write()).startsWith("530 5.7.0 ");
    relay.reload();
    try (var wire = Wire.tcp(relay, OS, false)) {
      client = wire.client();
      unread = "";
      reply();
      say("EHLO notebook");
      assertThat(say("MAIL FROM:<scan@example.com>")).startsWith("530 5.7.0 ");
      say("STARTTLS");
      client.startTls(Wire.trustAll(null));
      say("EHLO notebook");
      assertThat(say("AUTH PLAIN " + MemoryAccounts.base64("\0user\0pencil"))).startsWith("235 ");
      assertThat(say("MAIL FROM:<scan@example.com>")).startsWith("250 ");
    }
  }

  @Test
  void aLoginThatFailsIs535AndLeavesTheDeviceAskedToLogIn() throws Exception {
    relay.auth = ListenerSettings.Auth.OFFERED;
    printMails(ClientRule.Profile.STEP_UP);
    assertThat(write()).startsWith("530 5.7.0 ");
    try (var wire = Wire.tcp(relay, OS, false)) {
      client = wire.client();
      unread = "";
      reply();
      say("EHLO notebook");
      String right = "AUTH PLAIN " + MemoryAccounts.base64("\0user\0pencil");
      assertThat(say(right)).as("in clear").startsWith("538 5.7.11 ");
      say("STARTTLS");
      client.startTls(Wire.trustAll(null));
      say("EHLO notebook");
      assertThat(say("MAIL FROM:<scan@example.com>")).startsWith("530 5.7.0 ");
      assertThat(say("AUTH PLAIN " + MemoryAccounts.base64("\0user\0pencils")))
          .startsWith("535 5.7.8 ");
      assertThat(say("MAIL FROM:<scan@example.com>")).startsWith("530 5.7.0 ");
      assertThat(say(right)).startsWith("235 ");
      assertThat(say("MAIL FROM:<scan@example.com>")).startsWith("250 ");
    }
    assertThat(print(7)).as("the others are asked as before").startsWith("530 5.7.0 ");
  }

  @Test
  void offLearnsNothing() throws Exception {
    printMails(ClientRule.Profile.OFF);
    assertThat(relay.memory.profiles().count()).isZero();
    relay.profile = ClientRule.Profile.LEARN;
    relay.reload();
    printMails(ClientRule.Profile.LEARN);
    assertThat(relay.memory.profiles().count()).isEqualTo(1);
    assertThat(write()).startsWith("250 ");
    assertThat(deviations()).isEmpty();
  }

  @Test
  void theTlsClientIsSeen() throws Exception {
    relay.profile = ClientRule.Profile.REPORT;
    try (var wire = Wire.tcp(relay, OS, false)) {
      client = wire.client();
      unread = "";
      reply();
      say("EHLO printer");
      say("STARTTLS");
      client.startTls(Wire.trustAll(null));
      for (String line :
          List.of(
              "EHLO printer",
              "MAIL FROM:<scan@example.com> SIZE=500",
              "RCPT TO:<anna@example.net>",
              "DATA",
              PRINTED.formatted(1) + ".")) {
        assertThat(say(line).charAt(0)).isLessThan('4');
      }
    }
    var traits = relay.memory.profiles().show("lan").getFirst().path("traits");
    assertThat(traits.path("tls").path("values").fieldNames().next()).startsWith("t13i");
    assertThat(traits.path("opening").path("values").has("EHLO STARTTLS EHLO MAIL")).isTrue();
    assertThat(traits.path("parameters").path("values").has("SIZE")).isTrue();
    assertThat(traits.path("order").path("values").fieldNames().next())
        .isEqualTo("From To Subject Date X-Mailer Content-Type");
    assertThat(traits.path("pipelining").path("values").has("no")).isTrue();
    assertThat(traits.path("message-id").path("values").has("none")).isTrue();
  }

  @Test
  void whoDoesNotWaitForRepliesIsSeen() throws Exception {
    relay.profile = ClientRule.Profile.REPORT;
    try (var wire = Wire.tcp(relay, OS, false)) {
      client = wire.client();
      unread = "";
      reply();
      say("EHLO printer");
      say("MAIL FROM:<scan@example.com>\nRCPT TO:<anna@example.net>\nDATA");
      reply();
      reply();
      assertThat(say(PRINTED.formatted(1) + ".")).startsWith("250 ");
    }
    var traits = relay.memory.profiles().show("lan").getFirst().path("traits");
    assertThat(traits.path("pipelining").path("values").has("yes")).isTrue();
  }

  /// The notebook says and sends octet for octet what the device would.
  @Test
  void aMachineThatTakesTheAddressOfADeviceIsKnownByItsHardware() throws Exception {
    link.neighbour(THERE, "00:17:c8:12:34:56");
    var there = new Relay(time, link);
    there.profile = ClientRule.Profile.HOLD;
    for (int i = 0; i < 6; i++) {
      assertThat(printThere(there, i)).startsWith("250 ");
    }
    assertThat(there.journal.events(Event.Deviated.class)).isEmpty();
    link.neighbour(THERE, "d4:5d:64:00:11:22");
    assertThat(printThere(there, 7)).startsWith("250 ");
    assertThat(there.journal.events(Event.Deviated.class))
        .singleElement()
        .satisfies(
            event -> {
              assertThat(event.who()).isEqualTo(THERE);
              assertThat(event.reasons())
                  .containsExactly(
                      "the hardware address was \"00:17:c8:12:34:56\", and now is"
                          + " \"d4:5d:64:00:11:22\"");
            });
    assertThat(there.journal.events(Event.Administered.class))
        .singleElement()
        .extracting(Event.Administered::action)
        .isEqualTo("hold");
  }

  @Test
  void aMailThatIsHeldForAnotherReasonTeachesNothing() throws Exception {
    relay.set("terms", "header-senders = [\"other@example.com\"], otherwise = hold");
    printMails(ClientRule.Profile.REPORT);
    assertThat(relay.memory.profiles().count()).isZero();
  }
}
