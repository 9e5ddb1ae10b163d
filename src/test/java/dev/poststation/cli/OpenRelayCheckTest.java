package dev.poststation.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.poststation.admin.LiveRelay;
import dev.poststation.config.CertificateFiles;
import dev.poststation.config.Origin;
import dev.poststation.os.FreePort;
import dev.poststation.os.IpText;
import dev.poststation.os.Os;
import dev.poststation.policy.Facts;
import dev.poststation.policy.Verdict;
import dev.poststation.sim.Sink;
import dev.poststation.smtp.Address;
import dev.poststation.tls.Certificates;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// `status --open-relay-test` says no where nobody is let in, and yes where somebody is.
@Timeout(120)
class OpenRelayCheckTest {
  private static final Path TLS = Path.of("src/test/resources/tls").toAbsolutePath();
  private static final Os OS = Os.real();

  @TempDir Path directory;

  private static String secured() throws IOException {
    var text = new StringBuilder();
    text.append(
        "certificates = [ { chain = \"%s/relay.pem\", key = \"%s/relay.key\" } ]\n"
            .formatted(TLS, TLS));
    for (String tls : List.of("required", "implicit")) {
      text.append(
          "listeners { %s { bind = \"127.0.0.1:%d\", tls = %s, auth = offered } }\n"
              .formatted(tls, FreePort.find(), tls));
    }
    return text.toString();
  }

  @Test
  void aRelayThatIsClosedRefusesEveryTrick() throws Exception {
    try (var relay = new LiveRelay(directory)) {
      assertThat(Ran.with(relay.file(), "status --open-relay-test").out())
          .contains("which no entry of clients names", "No open relay: none of ")
          .containsPattern("\n([0-9]+) of \\1 attempts refused\n")
          .doesNotContain("source route");
      var ran = Ran.with(relay.file(), "status --open-relay-test --verbose");

      assertThat(ran.out())
          .contains("which no entry of clients names", "user%foreign@ours", "source route")
          .contains("554 5.7.1", "2001:db8::1", "No open relay: none of ")
          .doesNotContain("ACCEPTED", "not tried");
      assertThat(ran.err()).isEmpty();
      assertThat(ran.exit()).isEqualTo(Exit.OK);
      assertThat(relay.relay().spool().usage().mails()).isZero();
    }
  }

  @Test
  void eachKindOfListenerRefusesWhatCanBeTriedThere() throws Exception {
    try (var relay = new LiveRelay(directory, secured())) {
      var report = json(Ran.with(relay.file(), "status --open-relay-test --json"));

      assertThat(report.path("listeners"))
          .hasSize(3); // With certificates the first one offers TLS.
      for (var listener : report.path("listeners")) {
        boolean clear = !listener.path("name").asText().equals("implicit");
        assertThat(outcomes(listener)).containsOnly("refused").hasSizeGreaterThan(20);
        assertThat(tricks(listener).contains("commands behind STARTTLS")).isEqualTo(clear);
        assertThat(tricks(listener).contains("AUTH in clear")).isEqualTo(clear);
      }
      assertThat(report.path("open").asBoolean()).isFalse();
      assertThat(report.path("untried")).isEmpty();
    }
  }

  @Test
  void whereEveryAddressOfThisMachineIsAClientTheTestProvesNothing() throws Exception {
    String all =
        "clients = [ { name = all, networks = [\"0.0.0.0/0\", \"::/0\"], open-relay = allowed"
            + ", trust-gateway = on } ]"; // The tests may run in a container.
    try (var relay = new LiveRelay(directory, all)) {
      var ran = Ran.with(relay.file(), "status --open-relay-test");

      assertThat(ran.out())
          .contains("this address may relay by clients ", "so the test from here proves nothing")
          .contains("ACCEPTED", "OPEN RELAY: ", "Nothing could be tried over SMTP at: relay");
      assertThat(ran.exit()).isEqualTo(Exit.NO);
    }
  }

  @Test
  void theSendersThatEverybodyMayUseAreTriedToo() throws Exception {
    String all =
        """
        clients = [
          { name = all, networks = ["0.0.0.0/0", "2000::/3"], open-relay = allowed
            trust-gateway = on, senders = ["boss@example.com", ".example.org"] }
        ]
        """;
    try (var relay = new LiveRelay(directory, all)) {
      var report = json(Ran.with(relay.file(), "status --open-relay-test --json"));

      List<String> let = new ArrayList<>();
      for (var each : report.path("addresses")) {
        if (each.path("accepted").asBoolean()) {
          let.add(each.path("sender").asText() + " from " + each.path("address").asText());
        }
      }
      assertThat(let)
          .contains(
              "boss@example.com from 192.0.2.1",
              "open-relay-test@host.example.org from 192.0.2.1",
              "boss@example.com from 2001:db8::1")
          .noneMatch(each -> each.startsWith(Trick.FROM));
      assertThat(report.path("open").asBoolean()).isTrue();
    }
  }

  /// It is open again tomorrow, but for an entry by which nobody reaches a stranger.
  @Test
  void aSenderWhoseRateIsUsedUpJustNowIsLetInAllTheSame() throws Exception {
    String all =
        """
        clients = [
          { name = own, networks = ["192.0.2.0/24"], recipients = ["example.com"], trust-gateway = on
            senders = ["boss@example.com"], sender-rate = "1/day" }
          { name = all, networks = ["0.0.0.0/0", "2000::/3"], open-relay = allowed
            trust-gateway = on, senders = ["boss@example.com"], sender-rate = "1/day" }
        ]
        """;
    try (var relay = new LiveRelay(directory, all)) {
      for (String address : List.of("192.0.2.1", "198.51.100.1")) {
        var client = Facts.connected(InetAddress.ofLiteral(address), "relay", "");
        var verdict = (Verdict.Allowed) relay.relay().policy().decide(client);
        assertThat(verdict.permit().mail(client, new Address("boss", "example.com"))).isEmpty();
      }
      var report = json(Ran.with(relay.file(), "status --open-relay-test --json"));

      assertThat(report.path("addresses"))
          .filteredOn(each -> each.path("sender").asText().equals("boss@example.com"))
          .isNotEmpty()
          .allMatch(each -> each.path("reply").asText().startsWith("450 4.7.1 "))
          .allMatch(
              each ->
                  each.path("accepted").asBoolean()
                      != each.path("address").asText().startsWith("192.0.2."));
    }
  }

  /// Whatever hour it is, one entry is closed, and neither lets in who comes in clear.
  @Test
  void anEntryThatIsOpenAtCertainHoursAndEncryptedOnlyIsFoundOpen() throws Exception {
    String hours =
        """
        clients = [
          { name = day, networks = ["36.0.0.0/7"], hours = ["08:00-20:00"], tls = required
            open-relay = allowed }
          { name = night, networks = ["38.0.0.0/7"], hours = ["20:00-08:00"], tls = required
            open-relay = allowed }
        ]
        """;
    try (var relay = new LiveRelay(directory, secured() + hours)) {
      var ran = Ran.with(relay.file(), "status --open-relay-test");

      assertThat(ran.out())
          .containsPattern(
              "\n3[67]\\.[0-9.]+ +relay .*ACCEPTED +at [0-9-]+ 08:00 over TLS: .*\"day\"")
          .containsPattern(
              "\n3[89]\\.[0-9.]+ +relay .*ACCEPTED +at [0-9-]+ 20:00 over TLS: .*\"night\"");
      assertThat(ran.exit()).isEqualTo(Exit.NO);
    }
  }

  @Test
  void whereAnEntryIsForAPartOfTheInternetOneOfItIsTried() throws Exception {
    String half =
        """
        clients = [ { name = half, networks = ["36.0.0.0/7"], open-relay = allowed } ]
        """;
    try (var relay = new LiveRelay(directory, half)) {
      var ran = Ran.with(relay.file(), "status --open-relay-test");
      assertThat(ran.out()).containsPattern("\n3[67]\\.[0-9.]+ +relay .*ACCEPTED");
      assertThat(ran.exit()).isEqualTo(Exit.NO);
    }
  }

  @Test
  void aListenerThatBelievesItsBalancersIsTriedFromElsewhere() throws Exception {
    String more =
        """
        clients = [ { name = lan, networks = ["10.1.2.3"], reverse = [".client.example"] } ]
        listeners.relay.proxy-protocol = ["127.0.0.1"]
        listeners.relay.xclient = ["127.0.0.1"]
        dns { servers = ["127.0.0.1:9"], timeout = "100 ms" }
        """;
    try (var relay = new LiveRelay(directory, more)) {
      var report = json(Ran.with(relay.file(), "status --open-relay-test --json"));

      var listener = report.path("listeners").get(0);
      assertThat(outcomes(listener)).containsOnly("refused");
      assertThat(tricks(listener)).contains("EHLO with the name of a client: mail.client.example");
    }
  }

  /// Also where it answers, in its turn, what was said before its greeting.
  @ParameterizedTest
  @ValueSource(strings = {"offered", "required"})
  void aServerThatTakesEverythingIsFoundOutByEachTrick(String tls) throws Exception {
    try (var sink = new Sink(OS, List.of(), context(), false, false)) {
      var at = new InetSocketAddress(InetAddress.getLoopbackAddress(), sink.port());
      var target = new RelayProbe.Target(at, tls);
      var tricks = Trick.against("relay.test.example", at.getAddress(), List.of(), at.getAddress());
      List<RelayProbe.Attempt> refused = new ArrayList<>();
      for (var trick : RelayProbe.playable(tricks, target)) {
        var attempt = new RelayProbe(OS).play(trick, target, at.getAddress());
        if (attempt.outcome() != RelayProbe.Outcome.ACCEPTED) {
          refused.add(attempt);
        }
      }
      // What answers to nothing but a PROXY header is the balancer's affair.
      assertThat(refused).isEmpty();
      assertThat(sink.mails()).isZero();
    }
  }

  @Test
  void whatCannotBeReachedWasNotTried() throws Exception {
    var at = new InetSocketAddress(InetAddress.getLoopbackAddress(), FreePort.find());
    var target = new RelayProbe.Target(at, "off");
    var trick = Trick.against("relay.test", at.getAddress(), List.of(), at.getAddress()).getFirst();
    assertThat(new RelayProbe(OS).play(trick, target, at.getAddress()).outcome())
        .isEqualTo(RelayProbe.Outcome.NOT_TRIED);
  }

  @Test
  void itComesFromTheAddressThatLooksMostLikeSomebodyElses() {
    List<InetAddress> own = new ArrayList<>();
    for (String each :
        List.of(
            "127.0.0.1", "::1", "10.0.0.5", "203.0.113.5", "192.0.2.1", "fe80::1", "2001:db8::5")) {
      own.add(InetAddress.ofLiteral(each));
    }
    assertThat(OpenRelayCheck.strangest(own).stream().map(IpText::of))
        .containsExactly("192.0.2.1", "203.0.113.5", "10.0.0.5", "127.0.0.1", "2001:db8::5", "::1");
  }

  /// Its own address is no client; where this machine has none of IPv4, it is one of 127.0.0.0/8.
  @Test
  void anAddressOfThisMachineThatIsNoClientComesBeforeTheLoopback() throws Exception {
    var own = OpenRelayCheck.strangest(OS.network().localAddresses());
    try (var relay = new LiveRelay(directory)) {
      var report = json(Ran.with(relay.file(), "status --open-relay-test --json"));
      var listener = report.path("listeners").path(0);

      var from = InetAddress.ofLiteral(listener.path("from").asText());
      var best = own.getFirst();
      boolean strange = best.getAddress().length == 4 && !best.isLoopbackAddress();
      assertThat(from.isLoopbackAddress()).isEqualTo(!strange);
      assertThat(outcomes(listener)).containsOnly("refused").hasSizeGreaterThan(20);
    }
  }

  @Test
  void whoIsMadeUpCouldBeOnTheInternet() {
    for (int i = 0; i < 1000; i++) {
      var four = OpenRelayCheck.anybody(OS.chance(), 4);
      assertThat(four.isSiteLocalAddress() || four.isLoopbackAddress()).isFalse();
      assertThat(four.getAddress()[0] & 0xff).isBetween(1, 223);
      assertThat(OpenRelayCheck.anybody(OS.chance(), 16).getAddress()[0] & 0xe0).isEqualTo(0x20);
    }
  }

  private static SSLContext context() throws Exception {
    var files =
        new CertificateFiles(
            TLS.resolve("relay.pem"), TLS.resolve("relay.key"), new Origin("test.conf:1"));
    return Certificates.load(List.of(files), OS.disk(), OS.time())
        .serverStart()
        .orElseThrow()
        .context();
  }

  private static JsonNode json(Ran ran) throws Exception {
    assertThat(ran.err()).isEmpty();
    return new ObjectMapper().readTree(ran.out());
  }

  private static List<String> outcomes(JsonNode listener) {
    return texts(listener, "outcome");
  }

  private static List<String> tricks(JsonNode listener) {
    return texts(listener, "trick");
  }

  private static List<String> texts(JsonNode listener, String key) {
    List<String> all = new ArrayList<>();
    listener.path("attempts").forEach(each -> all.add(each.path(key).asText()));
    return all;
  }
}
