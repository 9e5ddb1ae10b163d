package dev.poststation.admin;

import static dev.poststation.sim.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.DigestSettings;
import dev.poststation.demo.MailClient;
import dev.poststation.message.QueueId;
import dev.poststation.os.FreePort;
import dev.poststation.os.Os;
import dev.poststation.quarantine.DigestLink;
import dev.poststation.quarantine.Letter;
import dev.poststation.smtp.Address;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Recipients are told what was kept from them, and act by links.
class DigestTest {
  private static final String SUBJECT = "Win <b>now</b> http://evil.example/x";

  @TempDir Path directory;
  private final HttpClient http = HttpClient.newHttpClient();
  private LiveRelay relay;
  private String url;

  @BeforeEach
  void begin() throws Exception {
    int port = FreePort.find();
    url = "http://127.0.0.1:" + port + "/q";
    relay =
        new LiveRelay(
            directory,
            """
            content = [
              { use = attachments, name = offers, names = ["*.exe"], on-found = quarantine }
              { use = attachments, name = scanner, names = ["*.virus"], on-found = quarantine }
              { use = rspamd, name = filter, at = ["127.0.0.1:%d"], on-error = quarantine,
                for { to = ["lost@there.example"] } }
            ]
            quarantine { digest { every = "31 days", for = ["there.example"]
              services = [offers, filter]
              from = "quarantine@there.example", url = "%s", bind = "127.0.0.1:%d" } }
            """
                .formatted(FreePort.find(), url, port));
  }

  @AfterEach
  void end() {
    relay.close();
    http.close();
  }

  private String send(String file, String... to) throws Exception {
    String mail =
        """
        From: "Your bank" <bank@evil.example>
        Subject: %s
        MIME-Version: 1.0
        Content-Type: multipart/mixed; boundary=b

        --b
        Content-Type: application/octet-stream; name=%s

        MZ
        --b--
        """
            .formatted(SUBJECT, file)
            .replace("\n", "\r\n");
    try (var client =
        MailClient.connect(Os.real(), relay.relay().listening().getFirst(), false, _ -> {})) {
      byte[] content = mail.getBytes(StandardCharsets.UTF_8);
      return client.send("a@evil.example", List.of(to), "", content).id().orElseThrow();
    }
  }

  private String log() {
    try {
      return Files.readString(directory.resolve("mail.log"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The text of the digest that told somebody of a mail.
  private String digest(String kept, String to) throws Exception {
    var spool = relay.relay().spool();
    var told = Pattern.compile("\"to\":\"" + to + "\".*\"told by mail (\\w+)\"");
    for (byte[] entry : spool.trace(QueueId.parse(kept).orElseThrow())) {
      var found = told.matcher(new String(entry, StandardCharsets.UTF_8));
      if (found.find()) {
        var mail = spool.load(QueueId.parse(found.group(1)).orElseThrow()).orElseThrow().mail();
        return Letter.whole(spool, mail, relay.relay().configuration().limits()).text();
      }
    }
    throw new AssertionError("nobody told " + to + " of " + kept);
  }

  private static String link(String digest, String action) {
    var found = Pattern.compile(action + ": (http\\S+)").matcher(digest);
    assertThat(found.find()).as(digest).isTrue();
    return found.group(1);
  }

  private HttpResponse<String> call(String method, String link) throws Exception {
    var request =
        HttpRequest.newBuilder(URI.create(link))
            .method(method, HttpRequest.BodyPublishers.noBody())
            .build();
    return http.send(request, HttpResponse.BodyHandlers.ofString());
  }

  private boolean kept(String id, String from) throws Exception {
    var kept = relay.relay().queue().quarantine().find(QueueId.parse(id).orElseThrow());
    return kept.isPresent()
        && kept.get().waiting().stream()
            .anyMatch(
                it -> kept.get().mail().recipients().get(it).address().toString().equals(from));
  }

  @Test
  void aLinkAsksFirstAndThenReleasesToItsRecipientAlone() throws Exception {
    String id = send("a.exe", "bob@there.example", "eve@there.example", "out@elsewhere.example");
    assertThat(relay.relay().digests().sendNow()).isEqualTo(2);
    assertThat(log()).doesNotContain("to=<out@elsewhere.example> text=\"told");
    String digest = digest(id, "bob@there.example");
    assertThat(digest)
        .contains(
            "One mail to bob@there.example was kept from you.",
            "1. Win <b>now</b> hxxp://evil[.]example/x",
            "\"Your bank\" <bank@evil.example> (a@evil.example)",
            id)
        .doesNotContain("eve@");
    String release = link(digest, "Release to me");

    var page = call("GET", release);
    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.body())
        .contains("Do you want to have this mail?", "Win &lt;b&gt;now&lt;/b&gt;", "<form method=")
        .doesNotContain("<b>");
    assertThat(page.headers().firstValue("Content-Security-Policy").orElseThrow())
        .startsWith("default-src 'none';");
    assertThat(kept(id, "bob@there.example")).isTrue();

    assertThat(call("POST", release).body()).contains("on its way to you");
    assertThat(kept(id, "bob@there.example")).isFalse();
    assertThat(kept(id, "eve@there.example")).isTrue();
    for (String method : List.of("GET", "POST")) {
      var again = call(method, release);
      assertThat(again.statusCode()).isEqualTo(200);
      assertThat(again.body()).contains("There is nothing left to do").doesNotContain("<form");
    }
    call("POST", link(digest(id, "eve@there.example"), "Delete"));
    eventually("told in the log", () -> log().contains("action=delete by="));
    assertThat(log())
        .containsPattern(
            "event=quarantine id="
                + id
                + " action=release by=\"<bob@there.example> by digest\" to=<bob@there.example>"
                + " copy=[0-9A-Z]{13} text=\"from 127.0.0.1\"")
        .containsPattern(
            "id=" + id + " action=digest by=quarantine.digest to=<eve@there.example> text=");

    assertThat(kept(id, "eve@there.example")).isFalse();
    assertThat(kept(id, "out@elsewhere.example")).isTrue();
  }

  @Test
  void whatIsGoneFirstIsToldFirstWhereOneDigestCannotTellOfAll() throws Exception {
    String first = send("a.exe", "bob@there.example");
    for (int i = 0; i < 99; i++) {
      send("a.exe", "bob@there.example");
    }
    String last = send("a.exe", "bob@there.example");
    assertThat(relay.relay().digests().sendNow()).isEqualTo(1);
    String digest = digest(first, "bob@there.example");
    assertThat(digest).contains("101 mails to bob@there.example").doesNotContain(last);
    assertThat(relay.relay().digests().sendNow()).isEqualTo(1);
    assertThat(digest(last, "bob@there.example")).contains("One mail to").doesNotContain(first);
  }

  @Test
  void whatAnotherServiceKeepsIsNeverTold() throws Exception {
    String bad = send("a.virus", "bob@there.example");
    String mixed =
        send("a.exe\n\nMZ\n--b\nContent-Type: application/x; name=b.virus", "bob@there.example");
    var kept = relay.relay().queue().quarantine().find(QueueId.parse(mixed).orElseThrow());
    assertThat(kept.orElseThrow().reason()).contains("; also scanner: ");
    assertThat(relay.relay().digests().sendNow()).isZero();
    eventually("kept", () -> log().contains(bad + " action=keep"));
    assertThat(log()).doesNotContain(" action=digest");
  }

  @Test
  void aMailAtWhichNobodyCouldLookIsToldWithoutAWayToReleaseItOrTheNameOfAHost() throws Exception {
    String id = send("a.txt", "lost@there.example");
    assertThat(relay.relay().digests().sendNow()).isEqualTo(1);
    String digest = digest(id, "lost@there.example");
    assertThat(digest)
        .contains("Why: it could not be examined; ask your administrator for it", id)
        .doesNotContain("127[.]0", "Release to me", "It is no spam", "refused");
    String secret = relay.relay().digests().key().secret();
    var later = Instant.now().plus(Duration.ofHours(1));
    var release =
        new DigestLink(
            DigestSettings.Action.RELEASE,
            QueueId.parse(id).orElseThrow(),
            new Address("lost", "there.example"),
            later);
    for (String method : List.of("GET", "POST")) {
      var page = call(method, url + "/" + release.text(secret, Os.real().chance()));
      assertThat(page.body()).contains("could not be examined").doesNotContain("<form");
    }
    assertThat(kept(id, "lost@there.example")).isTrue();
    call("POST", link(digest, "Delete"));
    assertThat(kept(id, "lost@there.example")).isFalse();
  }

  @Test
  void nobodyIsToldTwiceAlsoAfterARestart() throws Exception {
    send("a.exe", "bob@there.example");
    assertThat(relay.relay().digests().sendNow()).isEqualTo(1);
    assertThat(relay.relay().digests().sendNow()).isZero();
    String second = send("a.exe", "bob@there.example");
    assertThat(relay.relay().digests().sendNow()).isEqualTo(1);
    assertThat(digest(second, "bob@there.example")).contains("One mail to", second);
    relay.close();
    relay = relay.again();
    assertThat(relay.relay().digests().sendNow()).isZero();
  }

  /// As a crash leaves it: what a digest was to tell is written, and the digest is there, or not.
  @Test
  void aCrashNeitherLosesNorDoublesADigest() throws Exception {
    send("a.exe", "bob@there.example");
    assertThat(relay.relay().digests().sendNow()).isEqualTo(1);
    relay.close();
    Path file = relay.relay().configuration().data().resolve("quarantine.told");
    String written = Files.readString(file);
    var line = Pattern.compile("(?m)^(bob\\S+\t)(\\S+)(\t\\S+\t)(\\S+)\t$");
    assertThat(line.matcher(written).find()).as(written).isTrue();

    Files.writeString(file, line.matcher(written).replaceAll("$1$2$3\t$4"));
    relay = relay.again();
    assertThat(relay.relay().digests().sendNow()).isZero();
    relay.close();

    String never = QueueId.at(Instant.EPOCH).toString();
    Files.writeString(file, line.matcher(written).replaceAll("$1" + never + "$3\t$4"));
    relay = relay.again();
    assertThat(relay.relay().digests().sendNow()).isEqualTo(1);
  }

  @Test
  void aForgedAnExpiredAndAnotherRecipientsLinkDoNothing() throws Exception {
    String id = send("a.exe", "bob@there.example");
    String secret = relay.relay().digests().key().secret();
    var chance = Os.real().chance();
    var mail = QueueId.parse(id).orElseThrow();
    var bob = new Address("bob", "there.example");
    var later = Instant.now().plus(Duration.ofHours(1));
    var good = new DigestLink(DigestSettings.Action.RELEASE, mail, bob, later).text(secret, chance);
    String forged = (good.charAt(0) == 'A' ? 'B' : 'A') + good.substring(1);
    for (String wrong : List.of(forged, "x", good.substring(5), "%41", "")) {
      var page = call("POST", url + "/" + wrong);
      assertThat(page.statusCode()).as(wrong).isEqualTo(404);
      assertThat(page.body()).contains("This link is not valid");
    }
    var past = Instant.now().minusSeconds(5);
    var old = new DigestLink(DigestSettings.Action.RELEASE, mail, bob, past).text(secret, chance);
    assertThat(call("POST", url + "/" + old).statusCode()).isEqualTo(410);
    for (var other :
        List.of(
            new DigestLink(
                DigestSettings.Action.RELEASE, mail, new Address("eve", "there.example"), later),
            new DigestLink(DigestSettings.Action.RELEASE, QueueId.at(Instant.EPOCH), bob, later))) {
      var page = call("POST", url + "/" + other.text(secret, chance));
      assertThat(page.body()).contains("There is nothing left to do");
    }
    var good2 = new DigestLink(DigestSettings.Action.GOOD, mail, bob, later); // Not offered.
    assertThat(call("POST", url + "/" + good2.text(secret, chance)).statusCode()).isEqualTo(404);
    assertThat(kept(id, "bob@there.example")).isTrue();
    assertThat(call("PUT", url + "/" + good).statusCode()).isIn(404, 405);
  }

  @Test
  void behindAProxyTheLastFieldThatNamesACallerCountsAndGoodLinksAreNotCounted() throws Exception {
    String id = send("a.exe", "bob@there.example");
    relay.relay().digests().sendNow();
    String release = link(digest(id, "bob@there.example"), "Release to me");
    for (int i = 0; i < 2 * DigestPace.BURST; i++) {
      var request =
          HttpRequest.newBuilder(URI.create(url + "/x"))
              .header("X-Forwarded-For", "192.0.2.1")
              .header("X-Forwarded-For", "198.51.100.9, 192.0.2." + (2 + i % 3))
              .build();
      assertThat(http.send(request, HttpResponse.BodyHandlers.ofString()).statusCode())
          .isEqualTo(404);
    }
    for (int i = 0; i < 2 * DigestPace.BURST; i++) {
      assertThat(call("GET", release).statusCode()).isEqualTo(200);
    }
  }

  @Test
  void whoCallsTooOftenIsToldToWait() throws Exception {
    for (int i = 0; i < DigestPace.BURST; i++) {
      assertThat(call("GET", url + "/x").statusCode()).isEqualTo(404);
    }
    int last = 0;
    for (int i = 0; i < 30 && last != 429; i++) {
      last = call("GET", url + "/x").statusCode();
    }
    assertThat(last).isEqualTo(429);
    var metrics = relay.relay().metrics().scrape();
    assertThat(metrics).contains("poststation_digest_links_total{result=\"limited\"} 1");
  }
}
