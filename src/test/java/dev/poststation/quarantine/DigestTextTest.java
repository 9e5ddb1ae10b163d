package dev.poststation.quarantine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.DigestSettings;
import dev.poststation.config.DigestSettings.Action;
import dev.poststation.config.DigestSettings.Language;
import dev.poststation.config.Origin;
import dev.poststation.message.Octets;
import dev.poststation.message.QueueId;
import dev.poststation.mime.Transfer;
import dev.poststation.smtp.Address;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jsoup.Jsoup;
import org.junit.jupiter.api.Test;

/// What a digest says, and when.
class DigestTextTest {
  private static final Instant NOW = Instant.parse("2026-12-01T09:00:00Z");

  private static DigestSettings settings(Duration every, Language language) {
    return new DigestSettings(
        every == null ? List.of(LocalTime.of(7, 0), LocalTime.of(13, 0)) : List.of(),
        every,
        List.of("there.example"),
        Set.of("rspamd"),
        new Address("q", "there.example"),
        "",
        language,
        List.of(Action.RELEASE, Action.DELETE),
        Duration.ofDays(1),
        new InetSocketAddress(0),
        "https://r.example/q",
        Origin.DEFAULT);
  }

  private static String content(Language language, String from, String subject) {
    var links = new TreeMap<>(Map.of(Action.RELEASE, "https://r.example/q/x_-"));
    var entry =
        new DigestMail.Entry(
            QueueId.at(NOW),
            NOW,
            NOW.plus(Duration.ofDays(30)),
            Plain.unlinked(from, 200),
            Plain.unlinked(subject, 200),
            "rspamd says \"reject\"",
            "15.20 / 15.00",
            links);
    var mail =
        new DigestMail(
            settings(null, language),
            QueueId.at(NOW),
            NOW,
            new Address("bob", "there.example"),
            List.of(entry),
            7,
            "relay.test",
            "=_b");
    return new String(mail.content(), StandardCharsets.US_ASCII);
  }

  private static String part(String content, String type) throws Exception {
    int begin = content.indexOf("\r\n\r\n", content.indexOf("Content-Type: " + type)) + 4;
    byte[] body =
        content
            .substring(begin, content.indexOf("\r\n--=_b", begin))
            .getBytes(StandardCharsets.US_ASCII);
    try (var in = Transfer.decode(Octets.of(body), "quoted-printable")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void whatStrangersWroteIsTextAndNoLink() throws Exception {
    String content =
        content(
            Language.EN,
            "\"www.bank.example\" <x@evil.example>\" onmouseover=\"a()",
            "</b><img src=x onerror=a()> HTTPS://evil.example/a.b\u202egnp\u200b see"
                + " evil.example\r\n"
                + "X: y");
    var html = Jsoup.parse(part(content, "text/html"));
    assertThat(html.select("img, script, [onmouseover], [onerror]")).isEmpty();
    assertThat(html.select("a").eachAttr("href")).containsExactly("https://r.example/q/x_-");
    assertThat(html.text())
        .contains(
            "</b><img src=x onerror=a()> hxxpS://evil[.]example/a[.]bgnp see evil[.]example X: y",
            "\"www[.]bank[.]example\" <x@evil.example>");
    assertThat(part(content, "text/plain"))
        .contains("hxxpS://evil[.]example", "There are 7 more")
        .doesNotContain("\u202e", "www.bank");
    assertThat(content.lines()).allSatisfy(line -> assertThat(line).hasSizeLessThan(998));
  }

  @Test
  void onlyAWordThatIsAnAddressKeepsItsDots() {
    for (String address :
        List.of("<a.b@c.example>", "(a+b@c.example),", "x=y.z@c.example", "j\u00f6.x@b.example")) {
      assertThat(Plain.unlinked(address, 200)).isEqualTo(address);
    }
    for (String link :
        List.of(
            "www.evil.example/login/@you",
            "www.evil.example@you.example",
            "<WWW.evil.example@you.example>",
            "'www.evil.example@you.example",
            "-www.evil.example@you.example",
            "evil.example?a@b.example",
            "evil.example:80@b.example",
            "evil.example#a@b.example",
            "a@evil.example/x",
            "a@b@evil.example",
            "@evil.example")) {
      assertThat(Plain.unlinked(link, 200)).doesNotContain(".e", ".E").contains("[.]e");
    }
  }

  @Test
  void itSpeaksGermanToo() throws Exception {
    String content = content(Language.DE, "a@b.example", "x");
    assertThat(content).contains("\r\nSubject: =?");
    assertThat(part(content, "text/plain"))
        .contains("8 E-Mails an bob@there.example wurden zurückgehalten.")
        .contains("Wird gelöscht: 31. Dez");
    assertThat(Jsoup.parse(part(content, "text/html")).selectFirst("html").attr("lang"))
        .isEqualTo("de");
  }

  @Test
  void itIsTimeAtTheTimesOfDayOrAfterAWhile() {
    var zone = ZoneId.systemDefault();
    var noon = LocalDateTime.of(2026, 12, 1, 12, 0).atZone(zone);
    var at = settings(null, Language.EN);
    assertThat(Digests.slot(at, noon.toInstant())).isEqualTo(noon.withHour(7).toInstant());
    assertThat(Digests.slot(at, noon.withHour(13).toInstant()))
        .isEqualTo(noon.withHour(13).toInstant());
    assertThat(Digests.slot(at, noon.withHour(6).toInstant()))
        .isEqualTo(noon.minusDays(1).withHour(13).toInstant());
    var every = settings(Duration.ofHours(4), Language.EN);
    assertThat(Digests.slot(every, Instant.parse("2026-12-01T11:59:59Z")))
        .isEqualTo(Instant.parse("2026-12-01T08:00:00Z"));
  }

  @Test
  void spamIsShownAndMalwareIsNotWhoeverFoundIt() {
    String spam = "quarantined by rspamd: on-reject = quarantine: rspamd says \"reject\", score ";
    var reason = Reason.read(spam + "15.20 of 15.00: GTUBE=15.20");
    assertThat(reason.text()).isEqualTo("rspamd says \"reject\"");
    assertThat(reason.score()).isEqualTo("15.20 / 15.00");
    var settings = settings(null, Language.EN);
    assertThat(reason.among(settings)).isTrue();
    String others = spam + "15.20 of 15.00: A=9.00, 8 others; no action of that name is known";
    assertThat(Reason.read(others).among(settings)).isTrue();
    for (String other :
        List.of(
            spam + "15.20 of 15.00: CLAM_VIRUS=0.00",
            spam + "15.20 of 15.00: A=1; also virus: on-found = quarantine: clamd found Eicar",
            spam + "15.20 of 15.00: A=9.00, 8 more",
            spam + "15.20 of 15.00: A=9.00, 8 more; not done: add_rcpt",
            spam + "15.20 of 15.00; also held: by clients",
            "quarantined by virus: on-found = quarantine: clamd found Eicar",
            "held: by hand",
            "")) {
      assertThat(Reason.read(other).among(settings)).as(other).isFalse();
    }
  }

  @Test
  void whatNobodyCouldLookAtIsKnownWhicheverServiceSaysSo() {
    String failed = "on-error = quarantine: 10.0.0.7:11333: Connection refused";
    String found = "on-reject = quarantine: rspamd says \"reject\", score 15.20 of 15.00";
    var settings = settings(null, Language.EN);
    for (String said :
        List.of(failed, failed + "; also rspamd: " + found, found + "; also rspamd: " + failed)) {
      var reason = Reason.read("quarantined by rspamd: " + said);
      assertThat(reason.among(settings)).as(said).isTrue();
      assertThat(reason.unexamined()).as(said).isTrue();
      assertThat(reason.text()).doesNotContain("10.0.0.7", "10[.]0");
    }
    assertThat(Reason.read("quarantined by rspamd: " + found).unexamined()).isFalse();
  }

  @Test
  void whatWasToldIsReadAsItWasWritten() {
    var one = QueueId.at(NOW);
    var other = QueueId.at(NOW.plusSeconds(1));
    var told = new Told("bob@there.example", one, NOW, Set.of(one), Set.of(other));
    assertThat(Told.parse(told.line())).contains(told);
    assertThat(told.settled(true).knows(other)).isTrue();
    assertThat(told.settled(false).knows(other)).isFalse();
    assertThat(told.settled(false).knows(one)).isTrue();
    for (String wrong : List.of("", "a", told.line() + "\t", told.line() + ",x", "a\tb\tc\td\te")) {
      assertThat(Told.parse(wrong)).as(wrong).isEmpty();
    }
  }
}
