package dev.poststation.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.ClientCertificates;
import dev.poststation.config.ListenerSettings;
import dev.poststation.config.Tolerance;
import dev.poststation.log.Event;
import dev.poststation.os.Binding;
import dev.poststation.os.Connection;
import dev.poststation.os.Os;
import dev.poststation.os.TlsStart;
import dev.poststation.sasl.Mechanism;
import dev.poststation.sasl.ScramClient;
import dev.poststation.sasl.ScramKeys;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import javax.net.ssl.KeyManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Mail programs and devices as they really speak, from the greeting to QUIT, with each mechanism.
/// What does not depend on what the server says stands in the dialogues `thunderbird-*` and
/// `printer-*`.
@Timeout(60)
class MailProgramsTest {
  private static final Os OS = Os.real();
  private static final String USER = "user";
  private static final String PASSWORD = "pencil";

  /// As programs that know only the address of their machine call themselves.
  private static final String NAME = "[192.168.178.21]";

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

  private List<String> reply() throws IOException {
    byte[] buffer = new byte[4096];
    List<String> lines = new ArrayList<>();
    while (true) {
      for (int end; (end = unread.indexOf("\r\n")) >= 0; ) {
        String line = unread.substring(0, end);
        unread = unread.substring(end + 2);
        lines.add(line);
        if (line.charAt(3) == ' ') {
          return lines;
        }
      }
      int count = client.read(buffer, 0, buffer.length);
      assertThat(count).as("ended after: " + lines + unread).isPositive();
      unread += new String(buffer, 0, count, StandardCharsets.UTF_8);
    }
  }

  private List<String> ask(String line) throws IOException {
    say(line);
    return reply();
  }

  private void expect(String code, String line) throws IOException {
    assertThat(ask(line).getLast()).as(line).startsWith(code);
  }

  private byte[] challenge() throws IOException {
    String reply = reply().getLast();
    assertThat(reply).startsWith("334 ");
    return Base64.getDecoder().decode(reply.substring(4));
  }

  private static byte[] octets(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /// As a program does that has found it in EHLO.
  ///
  /// @return the last line of the last reply
  private String logIn(Mechanism mechanism) throws Exception {
    String auth = "AUTH " + mechanism.word() + " ";
    switch (mechanism) {
      case PLAIN -> say(auth, octets("\0" + USER + "\0" + PASSWORD));
      case LOGIN -> {
        expect("334 VXNlcm5hbWU6", auth.strip());
        say("", octets(USER));
        assertThat(reply()).containsExactly("334 UGFzc3dvcmQ6");
        say("", octets(PASSWORD));
      }
      case CRAM_MD5 -> {
        say(auth.strip());
        var mac = Mac.getInstance("HmacMD5");
        mac.init(new SecretKeySpec(octets(PASSWORD), "HmacMD5"));
        say("", octets(USER + " " + HexFormat.of().formatHex(mac.doFinal(challenge()))));
      }
      case SCRAM_SHA_1, SCRAM_SHA_256, SCRAM_SHA_1_PLUS, SCRAM_SHA_256_PLUS -> {
        var hash = mechanism.word().contains("256") ? ScramKeys.Hash.SHA_256 : ScramKeys.Hash.SHA_1;
        var scram = new ScramClient(hash, USER, PASSWORD);
        if (mechanism.word().endsWith("PLUS")) {
          scram.binding(Binding.EXPORTER.word(), client.binding(Binding.EXPORTER));
        }
        say(auth, scram.first());
        say("", scram.last(challenge()));
        assertThat(scram.believes(challenge())).isTrue();
        say("");
      }
      case EXTERNAL -> say(auth + "=");
      case XOAUTH2 -> say(auth, octets("user=user\u0001auth=Bearer good\u0001\u0001"));
      case OAUTHBEARER ->
          say(auth, octets("n,a=user,\u0001host=relay\u0001auth=Bearer good\u0001\u0001"));
    }
    return reply().getLast();
  }

  /// Thunderbird and its like: STARTTLS first, the best that both know, then one mail.
  @ParameterizedTest
  @EnumSource(Mechanism.class)
  void aMailProgramLogsInByEachMechanismAndSends(Mechanism mechanism) throws Exception {
    relay.auth = ListenerSettings.Auth.REQUIRED;
    relay.tls = ListenerSettings.Tls.REQUIRED;
    relay.clientCertificates = new ClientCertificates(true, Optional.empty());
    relay.accounts.user("mx.example", "of no matter");
    try (var wire = Wire.tcp(relay, OS, false)) {
      client = wire.client();
      assertThat(reply().getLast()).startsWith("220 relay.example.com ESMTP");
      assertThat(ask("EHLO " + NAME))
          .contains("250-STARTTLS")
          .noneMatch(line -> line.contains("AUTH"));
      expect("220 2.0.0", "STARTTLS");
      client.startTls(withCertificate());
      assertThat(ask("EHLO " + NAME))
          .anyMatch(line -> line.matches("250.AUTH .*\\b" + mechanism.word() + "( .*)?"))
          .noneMatch(line -> line.contains("STARTTLS"));
      assertThat(logIn(mechanism)).startsWith("235 2.7.0 ");
      expect("250 2.1.0", "MAIL FROM:<anna@client.example> BODY=8BITMIME SIZE=64");
      expect("250 2.1.5", "RCPT TO:<b@example.org>");
      expect("354 ", "DATA");
      expect("250 2.0.0", "From: anna@client.example\r\nSubject: a\r\n\r\nb\r\n.");
      expect("221 ", "QUIT");
    }
    assertThat(relay.journal.events())
        .filteredOn(Event.Authenticated.class::isInstance)
        .singleElement()
        .satisfies(
            event -> {
              var login = (Event.Authenticated) event;
              assertThat(login.mechanism()).isEqualTo(mechanism.word());
              assertThat(login.problem()).isNull();
            });
    assertThat(relay.journal.events()).anyMatch(Event.Queued.class::isInstance);
  }

  /// A printer without TLS, where its entry makes the exception: by everything but tokens, which no
  /// device knows that does not know TLS.
  @ParameterizedTest
  @EnumSource(
      value = Mechanism.class,
      names = {"PLAIN", "LOGIN", "CRAM_MD5", "SCRAM_SHA_1", "SCRAM_SHA_256"})
  void aPrinterThatCannotEncryptLogsInWhereItIsExcepted(Mechanism mechanism) throws Exception {
    relay.auth = ListenerSettings.Auth.OFFERED;
    relay.tls = ListenerSettings.Tls.OFF;
    relay.tolerate = Set.of(Tolerance.CLEAR_TEXT_PASSWORD);
    relay.straySpace = true;
    try (var wire = Wire.tcp(relay, OS, false)) {
      client = wire.client();
      reply();
      assertThat(ask("EHLO PRINTER-3")).noneMatch(line -> line.contains("STARTTLS"));
      assertThat(logIn(mechanism)).startsWith("235 2.7.0 ");
      expect("250 2.1.0", "MAIL FROM: <scan@client.example>");
      expect("250 2.1.5", "RCPT TO: <b@example.org>");
      expect("354 ", "DATA");
      expect("250 2.0.0", "Subject: Scan\r\n\r\npage 1\r\n.");
      expect("221 ", "QUIT");
    }
    boolean said = EnumSet.of(Mechanism.PLAIN, Mechanism.LOGIN).contains(mechanism);
    List<String> expected = new ArrayList<>();
    if (said) {
      expected.add("clear-text-password");
    }
    if (mechanism == Mechanism.LOGIN) {
      expected.add("auth-login");
    }
    expected.add("stray-space");
    assertThat(tolerated()).containsExactlyElementsOf(expected);
  }

  /// A newer printer encrypts from the first octet; it may have a certificate or a token, too.
  @ParameterizedTest
  @EnumSource(Mechanism.class)
  void aPrinterThatEncryptsLogsInByEachMechanismAndSends(Mechanism mechanism) throws Exception {
    relay.auth = ListenerSettings.Auth.REQUIRED;
    relay.tls = ListenerSettings.Tls.IMPLICIT;
    relay.clientCertificates = new ClientCertificates(true, Optional.empty());
    relay.accounts.user("mx.example", "of no matter");
    relay.straySpace = true;
    try (var wire = Wire.tcp(relay, OS, false)) {
      client = wire.client();
      client.startTls(withCertificate());
      reply();
      ask("EHLO PRINTER-3");
      assertThat(logIn(mechanism)).startsWith("235 2.7.0 ");
      expect("250 2.1.0", "MAIL FROM: <scan@client.example>");
      expect("250 2.1.5", "RCPT TO: <b@example.org>");
      expect("354 ", "DATA");
      expect("250 2.0.0", "Subject: Scan\r\n\r\npage 1\r\n.");
      expect("221 ", "QUIT");
    }
    assertThat(relay.journal.events()).anyMatch(Event.Queued.class::isInstance);
  }

  /// What `status` counts.
  private List<String> tolerated() {
    return relay.journal.events().stream()
        .filter(Event.Tolerated.class::isInstance)
        .map(event -> ((Event.Tolerated) event).what())
        .toList();
  }

  /// Devices that give up at whatever they do not expect: the name at once or asked for, the
  /// password of PLAIN in a line of its own.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "AUTH LOGIN dXNlcg==|cGVuY2ls",
        "AUTH LOGIN|dXNlcg==|cGVuY2ls",
        "auth login|dXNlcg==|cGVuY2ls",
        "AUTH PLAIN|AHVzZXIAcGVuY2ls",
        "AUTH PLAIN dXNlcgB1c2VyAHBlbmNpbA=="
      })
  void eachWayToSayItIsUnderstoodInTls(String lines) throws Exception {
    relay.auth = ListenerSettings.Auth.OFFERED;
    relay.tls = ListenerSettings.Tls.IMPLICIT;
    try (var wire = Wire.tcp(relay, OS, true)) {
      client = wire.client();
      reply();
      ask("EHLO scanner");
      String last = "";
      for (String line : lines.split("\\|")) {
        last = ask(line).getLast();
      }
      assertThat(last).startsWith("235 2.7.0 ");
    }
  }

  /// Thunderbird answers the explanation of a refused token with an empty line, and asks its user
  /// anew.
  @Test
  void aTokenThatHasExpiredIsExplainedAndTheNextOneTaken() throws Exception {
    relay.auth = ListenerSettings.Auth.OFFERED;
    relay.tls = ListenerSettings.Tls.IMPLICIT;
    try (var wire = Wire.tcp(relay, OS, true)) {
      client = wire.client();
      reply();
      ask("EHLO " + NAME);
      say("AUTH XOAUTH2 ", octets("user=user\u0001auth=Bearer old\u0001\u0001"));
      assertThat(new String(challenge(), StandardCharsets.UTF_8)).contains("\"status\":\"401\"");
      expect("535 5.7.8", "");
      assertThat(logIn(Mechanism.XOAUTH2)).startsWith("235 2.7.0 ");
    }
  }

  /// As the owner of a certificate whose subject is CN=mx.example.
  private static TlsStart withCertificate() throws IOException, GeneralSecurityException {
    try (InputStream in =
        Files.newInputStream(Path.of("src/test/resources/tls/nexthop-issued.p12"))) {
      var keys = KeyStore.getInstance("PKCS12");
      keys.load(in, "changeit".toCharArray());
      var managers = KeyManagerFactory.getInstance("PKIX");
      managers.init(keys, "changeit".toCharArray());
      return Wire.trustAll(null, managers.getKeyManagers());
    }
  }
}
