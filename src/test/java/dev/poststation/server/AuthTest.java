package dev.poststation.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.poststation.account.Guard;
import dev.poststation.config.ListenerSettings;
import dev.poststation.log.Event;
import dev.poststation.os.Binding;
import dev.poststation.os.Connection;
import dev.poststation.os.Os;
import dev.poststation.sasl.Mechanism;
import dev.poststation.sasl.ScramClient;
import dev.poststation.sasl.ScramKeys;
import dev.poststation.sim.MemoryAccounts;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// AUTH over real sockets, as far as a script cannot say it.
@Timeout(60)
class AuthTest {
  private static final Os OS = Os.real();
  private static final String SECRET = "correct-horse-battery";

  private final Relay relay = new Relay(OS.time());
  private Connection client;
  private String unread = "";

  private void say(String line) throws IOException {
    byte[] octets = (line + "\r\n").getBytes(StandardCharsets.UTF_8);
    client.write(octets, 0, octets.length);
  }

  private void say(String verb, byte[] octets) throws IOException {
    say(verb + Base64.getEncoder().encodeToString(octets));
  }

  /// The last line of the next reply.
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

  private byte[] challenge() throws IOException {
    String reply = reply();
    assertThat(reply).startsWith("334 ");
    return Base64.getDecoder().decode(reply.substring(4));
  }

  private Wire connect() throws IOException {
    relay.auth = ListenerSettings.Auth.OFFERED;
    relay.tls = ListenerSettings.Tls.IMPLICIT;
    var wire = Wire.tcp(relay, OS, true);
    client = wire.client();
    unread = "";
    reply();
    say("EHLO client.example");
    reply();
    return wire;
  }

  /// Else it would be seen that somebody was asked for: that he is at home there.
  @Test
  void whileThereIsABlockNobodyLearnsThatTheUsersCannotBeAsked() throws Exception {
    relay.accounts.breakDown();
    for (boolean looked : new boolean[] {true, false}) {
      var here = InetAddress.getLoopbackAddress();
      long longAgo = OS.time().nanos() - Duration.ofMinutes(1).toNanos();
      var passage = new Guard.Passage(here, "user", longAgo, Duration.ofMinutes(5), looked);
      relay.logins = new Logins(() -> relay.accounts, new GuardedAccountsTest.Always(passage), OS);
      try (var _ = connect()) {
        say("AUTH PLAIN ", "\0user\0pencil".getBytes(StandardCharsets.UTF_8));
        assertThat(reply()).isEqualTo("454 4.7.0 Too many failed logins: try again later");
      }
    }
  }

  @Test
  void whoHasNoTurnMayComeAgainInTheSameSession() throws Exception {
    var here = InetAddress.getLoopbackAddress();
    long longAgo = OS.time().nanos() - Duration.ofMinutes(1).toNanos();
    var passage = new Guard.Passage(here, "user", longAgo, Duration.ZERO, false, true, false);
    relay.logins = new Logins(() -> relay.accounts, new GuardedAccountsTest.Always(passage), OS);
    try (var _ = connect()) {
      for (int i = 0; i < 5; i++) {
        say("AUTH PLAIN ", ("\0user\0wrong" + i).getBytes(StandardCharsets.UTF_8));
        assertThat(reply()).isEqualTo("454 4.7.0 Too many failed logins: try again later");
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "SCRAM-SHA-256-PLUS, EXPORTER", "SCRAM-SHA-256-PLUS, SERVER_END_POINT",
    "SCRAM-SHA-1-PLUS, EXPORTER", "SCRAM-SHA-1-PLUS, SERVER_END_POINT"
  })
  void scramIsBoundToTheTlsConnection(String word, Binding kind) throws Exception {
    var hash = word.contains("256") ? ScramKeys.Hash.SHA_256 : ScramKeys.Hash.SHA_1;
    try (var _ = connect()) {
      var scram =
          new ScramClient(hash, "user", "pencil").binding(kind.word(), client.binding(kind));
      say("AUTH " + word + " ", scram.first());
      say("", scram.last(challenge()));
      assertThat(scram.believes(challenge())).isTrue();
      say("");
      assertThat(reply()).startsWith("235 2.7.0 ");
    }
  }

  /// What a man in the middle who ends TLS himself would have.
  @Test
  void whoBindsToAnotherConnectionIsRefused() throws Exception {
    byte[] other;
    try (var _ = connect()) {
      other = client.binding(Binding.EXPORTER);
    }
    try (var _ = connect()) {
      var scram =
          new ScramClient(ScramKeys.Hash.SHA_256, "user", "pencil").binding("tls-exporter", other);
      say("AUTH SCRAM-SHA-256-PLUS ", scram.first());
      say("", scram.last(challenge()));
      assertThat(reply()).startsWith("535 5.7.8 ");
    }
  }

  @Test
  void whatASecretIsStandsInNoEventAndNoReply() throws Exception {
    relay.errors = 50;
    relay.authFailures = 50;
    relay.idleCommands = 50;
    var all = new StringBuilder();
    String encoded = MemoryAccounts.base64("\0user\0" + SECRET);
    String[] lines = {
      "AUTH PLAIN " + encoded,
      "AUTH PLAIN",
      encoded,
      "AUTH PLAIN " + encoded + "?",
      "AUTH PLAIN " + SECRET,
      "AUTH LOGIN",
      MemoryAccounts.base64("user"),
      MemoryAccounts.base64(SECRET),
      encoded, // One answer too many: it is taken for a command.
      "AUTH " + encoded,
      "AUTH PLAIN\t" + encoded,
      "AUTH XOAUTH2 " + MemoryAccounts.base64("user=u\u0001auth=Bearer " + SECRET + "\u0001\u0001"),
      "",
    };
    try (var _ = connect()) {
      for (String line : lines) {
        say(line);
        all.append(reply()).append('\n');
      }
    }
    relay.journal.events().forEach(event -> all.append(event).append('\n'));
    assertThat(all.toString())
        .contains("Authenticated[")
        .doesNotContain(SECRET)
        .doesNotContain(encoded.substring(0, 12));
  }

  @Test
  void aLoginIsReportedOnceAndNamesTheMechanism() throws Exception {
    relay.accounts.only(Mechanism.PLAIN);
    try (var _ = connect()) {
      say("AUTH PLAIN " + MemoryAccounts.base64("\0user\0wrong"));
      reply();
      say("AUTH PLAIN " + MemoryAccounts.base64("\0User\0pencil"));
      reply();
    }
    assertThat(relay.journal.events(Event.Authenticated.class))
        .extracting(Event.Authenticated::user, Event.Authenticated::problem)
        .containsExactly(tuple("user", "wrong name or password"), tuple("user", null));
    assertThat(relay.journal.events(Event.Rejected.class)).isEmpty();
  }
}
