package dev.poststation.reporting;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.poststation.config.Configuration;
import dev.poststation.config.Loaded;
import dev.poststation.config.Loader;
import dev.poststation.config.TlsReportSettings;
import dev.poststation.intake.Handover;
import dev.poststation.intake.Intake;
import dev.poststation.log.Event;
import dev.poststation.log.Journal;
import dev.poststation.message.Content;
import dev.poststation.message.Envelope;
import dev.poststation.message.Mail;
import dev.poststation.message.QueueId;
import dev.poststation.os.Os;
import dev.poststation.os.Tasks;
import dev.poststation.sim.LonelyNetwork;
import dev.poststation.sim.MemoryDisk;
import dev.poststation.sim.MemorySpool;
import dev.poststation.sim.PickedChance;
import dev.poststation.sim.ScriptedResolver;
import dev.poststation.sim.SimTime;
import dev.poststation.smtp.DsnNotify;
import dev.poststation.smtp.TlsWish;
import dev.poststation.spool.Placement;
import dev.poststation.spool.SpoolException;
import dev.poststation.tlsrpt.AppliedPolicy;
import dev.poststation.tlsrpt.ReportFile;
import dev.poststation.tlsrpt.ResultType;
import dev.poststation.tlsrpt.TlsReport;
import dev.poststation.tlsrpt.TlsSession;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;

/// When reports are sent, to whom, how often, and that nobody gets one twice: in virtual days, with
/// a spool in memory.
class ReporterTest {
  private static final String RELAY =
      """
      hostname = "relay.example"
      dns { dnssec = validate }
      clients = [ { name = lan, networks = ["10.0.0.0/8"] } ]
      connectors { internet { type = mx, tls = dane-or-sts } }
      routes = [ { via = [internet] } ]
      """;
  private static final Duration HOUR = Duration.ofHours(1);
  private static final AppliedPolicy STS =
      new AppliedPolicy(
          AppliedPolicy.Type.STS, "example.com", List.of("version: STSv1"), List.of("mx.example"));

  private static final Path SENT = Path.of("data/tls-reports.sent");

  private SimTime time = new SimTime(Instant.parse("2026-11-30T10:00:00Z"));
  private final MemoryDisk disk = new MemoryDisk();
  private final MemorySpool spool = new MemorySpool(time);
  private final ScriptedResolver resolver =
      new ScriptedResolver()
          .text("_smtp._tls.example.com", "v=TLSRPTv1; rua=mailto:reports@example.com");
  private Os os = new Os(time, new LonelyNetwork(), new NoTasks(), new PickedChance(), disk);
  private final List<Mail> mails = new ArrayList<>();
  private final List<byte[]> contents = new ArrayList<>();
  private final Map<URI, List<byte[]>> posted = new HashMap<>();
  private final Map<String, Integer> answers = new HashMap<>();
  private final Set<String> dead = new HashSet<>();
  private final Set<String> silent = new HashSet<>();
  private final List<Long> written = new ArrayList<>();
  private final List<URI> tried = new ArrayList<>();
  private final List<String> events = new ArrayList<>();
  private Configuration configuration =
      configured("tls-reports { from = \"tls@relay.example\", organization = \"Relay & Co\" }\n");
  private String hostname = "relay.example";
  private Reporter reporter = start();

  /// Nothing goes on by itself.
  private static final class NoTasks implements Tasks {
    @Override
    public Thread virtual(String name, Runnable body) {
      return Thread.currentThread();
    }

    @Override
    public Thread platform(String name, Runnable body) {
      return Thread.currentThread();
    }
  }

  /// What the queue gets.
  private final class Queue implements Handover {
    @Override
    public void announced(QueueId id) {}

    @Override
    public void abandoned(QueueId id) {}

    @Override
    public void held(QueueId id, Placement place) {}

    @Override
    public void accepted(Mail mail, Content content, long intakeNanos) {
      mails.add(mail);
      var octets = new ByteArrayOutputStream();
      octets.writeBytes(mail.trace());
      try {
        for (int i = 0; i < content.chunks(); i++) {
          octets.writeBytes(content.chunk(i));
        }
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
      contents.add(octets.toByteArray());
    }
  }

  private static final class Silence implements Journal {
    @Override
    public void tell(Event event) {}

    @Override
    public byte[] entry(Event event) {
      return new byte[0];
    }
  }

  private static Configuration configured(String more) {
    return switch (new Loader(Os.real(), Map.of()).parse(RELAY + more, Path.of("test.conf"))) {
      case Loaded.Good good -> good.configuration();
      case Loaded.Bad bad -> throw new AssertionError(bad.problems().toString());
    };
  }

  private Optional<TlsReportSettings> settings() {
    return configuration.tlsReports();
  }

  private int post(URI to, byte[] report) throws IOException {
    tried.add(to);
    written.add(disk.size(SENT));
    if (silent.contains(to.getHost())) {
      time.advance(Reporter.SITE_TIMEOUT);
      throw new IOException(to + " does not answer in time");
    }
    if (dead.contains(to.getHost())) {
      throw new IOException(to + " takes no connection");
    }
    int answer = answers.getOrDefault(to.getHost(), 200);
    if (answer / 100 == 2) {
      posted.computeIfAbsent(to, _ -> new ArrayList<>()).add(report);
    }
    return answer;
  }

  private Reporter start() {
    var fresh =
        new Reporter(
            os,
            Path.of("data"),
            this::settings,
            () -> hostname,
            resolver,
            this::post,
            event -> {
              var report = (Event.TlsReported) event;
              events.add(report.status() + " " + report.to());
            });
    var intake = new Intake(spool, new Silence(), new Queue(), time);
    fresh.start(new Outbox(intake, () -> configuration, time));
    return fresh;
  }

  private void restart() {
    reporter.close();
    reporter = start();
  }

  private void seen(String domain) {
    reporter.seen(domain, List.of(new TlsSession("", STS, null)));
  }

  private void pass(Duration span) {
    for (long left = span.toMinutes(); left > 0; left -= 5) {
      time.advance(Reporter.LOOK);
      reporter.look();
    }
  }

  private static String text(byte[] content) {
    return new String(content, StandardCharsets.UTF_8);
  }

  @Test
  void afterTheDayTheDomainGetsOneReportByMailWhichOurOwnReaderUnderstands() throws IOException {
    seen("example.com");
    seen("example.com");
    reporter.seen(
        "example.com",
        List.of(
            new TlsSession(
                "",
                STS,
                TlsSession.Failure.before(ResultType.CERTIFICATE_EXPIRED, "mx.example", "it"))));
    pass(HOUR.multipliedBy(14));
    assertThat(mails).as("the day is not over").isEmpty();
    pass(Reporter.SPREAD);
    assertThat(mails).hasSize(1);
    var report = ReportFile.read(contents.getFirst());
    assertThat(report.organization()).isEqualTo("Relay & Co");
    assertThat(report.contact()).isEqualTo("tls@relay.example");
    assertThat(report.start()).isEqualTo("2026-11-30T00:00:00Z");
    assertThat(report.policies())
        .containsExactly(
            new TlsReport.Policy(
                "sts",
                List.of("version: STSv1"),
                "example.com",
                List.of("mx.example"),
                2,
                1,
                List.of(
                    new TlsReport.Failure(
                        "certificate-expired", "", "mx.example", "", "", 1, "it", ""))));
    pass(Duration.ofDays(5));
    assertThat(mails).hasSize(1);
    assertThat(events).containsExactly("queued mailto:reports@example.com");
    assertThat(reporter.standings()).isEmpty();
  }

  @Test
  void theMailIsAsTheRfcHasItAndGoesWhateverTheDomainsTlsIs() {
    seen("example.com");
    pass(Duration.ofDays(1));
    var mail = mails.getFirst();
    assertThat(mail.envelope().sender().isNull()).isTrue();
    assertThat(mail.envelope().source()).isEqualTo(Envelope.Source.SELF);
    assertThat(mail.envelope().tls()).isEqualTo(TlsWish.WAIVED);
    assertThat(mail.recipients())
        .singleElement()
        .satisfies(
            it -> {
              assertThat(it.address()).hasToString("reports@example.com");
              assertThat(it.notifyOn()).containsExactly(DsnNotify.NEVER);
            });
    assertThat(text(contents.getFirst()))
        .startsWith("Received: by relay.example (Poststation) with local")
        .contains(
            "From: <tls@relay.example>\r\n",
            "To: <reports@example.com>\r\n",
            "Subject: Report Domain: example.com\r\n Submitter: relay.example\r\n"
                + " Report-ID: <20261130.example.com@relay.example>\r\n",
            "Message-ID: <tls-report.20261130.example.com@relay.example>\r\n",
            "TLS-Report-Domain: example.com\r\nTLS-Report-Submitter: relay.example\r\n",
            "TLS-Required: No\r\n",
            "Auto-Submitted: auto-generated\r\n",
            "Content-Type: multipart/report; report-type=\"tlsrpt\";\r\n",
            "\r\nContent-Type: application/tlsrpt+gzip\r\n",
            "filename=\"relay.example!example.com!1795996800!1796083199!0fb2030d.json.gz\"\r\n");
    assertThat(text(contents.getFirst()).lines()).allMatch(line -> line.length() < 100);
  }

  /// Whoever gets both would take the second one for the first.
  @Test
  void theReportsOfTwoRelaysOfOneDomainAreTwo() throws IOException {
    resolver.text(
        "_smtp._tls.example.com",
        "v=TLSRPTv1; rua=mailto:reports@example.com,https://r.example/v1");
    hostname = "other.example";
    seen("example.com");
    pass(Duration.ofDays(1));
    String id = "20261130.example.com@other.example";
    assertThat(text(contents.getFirst()))
        .contains(" Submitter: relay.example\r\n Report-ID: <" + id + ">\r\n")
        .doesNotContain("0fb2030d.json.gz");
    byte[] octets = posted.values().iterator().next().getFirst();
    var json = new ObjectMapper().readTree(new GZIPInputStream(new ByteArrayInputStream(octets)));
    assertThat(json.path("report-id").asText()).isEqualTo(id);
  }

  @Test
  void aReportIsPostedWhereTheDomainWantsThat() throws IOException {
    resolver.text("_smtp._tls.example.com", "v=TLSRPTv1; rua=https://r.example/v1?a=b");
    seen("example.com");
    pass(Duration.ofDays(1));
    assertThat(mails).isEmpty();
    assertThat(posted.keySet()).containsExactly(URI.create("https://r.example/v1?a=b"));
    byte[] octets = posted.values().iterator().next().getFirst();
    var json = new ObjectMapper().readTree(new GZIPInputStream(new ByteArrayInputStream(octets)));
    assertThat(json.path("report-id").asText()).isEqualTo("20261130.example.com@relay.example");
    assertThat(events).containsExactly("sent https://r.example/v1?a=b");
  }

  @Test
  void whereSeveralPlacesAreNamedEachGetsTheReportOnce() {
    resolver.text(
        "_smtp._tls.example.com",
        "v=TLSRPTv1; rua=mailto:a@example.com,https://dead.example/,mailto:b@example.com,"
            + "https://r.example/");
    dead.add("dead.example");
    seen("example.com");
    pass(Duration.ofHours(20));
    assertThat(mails).hasSize(1);
    assertThat(mails.getFirst().recipients()).hasSize(2);
    assertThat(posted.get(URI.create("https://r.example/"))).hasSize(1);
    dead.clear();
    pass(Duration.ofHours(20));
    assertThat(mails).hasSize(1);
    assertThat(posted.get(URI.create("https://r.example/"))).hasSize(1);
    assertThat(posted.get(URI.create("https://dead.example/"))).hasSize(1);
  }

  @Test
  void aSiteThatDoesNotTakeItIsTriedLessAndLessOftenForADay() {
    resolver.text("_smtp._tls.example.com", "v=TLSRPTv1; rua=https://r.example/");
    answers.put("r.example", 503);
    seen("example.com");
    pass(Duration.ofDays(4));
    assertThat(tried).hasSizeBetween(8, 14);
    assertThat(events.getFirst()).isEqualTo("deferred https://r.example/");
    assertThat(events.getLast()).isEqualTo("failed https://r.example/");
    assertThat(events.stream().filter(each -> each.startsWith("failed"))).hasSize(1);
    assertThat(reporter.standings()).isEmpty();
  }

  @Test
  void aDeadSiteThatManyDomainsNameIsAskedOnceInARound() {
    dead.add("r.example");
    for (int i = 0; i < 50; i++) {
      resolver.text("_smtp._tls.d" + i + ".example", "v=TLSRPTv1; rua=https://r.example/");
      seen("d" + i + ".example");
    }
    time.advance(Duration.ofDays(1)); // All are due at once.
    reporter.look();
    assertThat(tried).hasSize(1);
    dead.clear();
    pass(HOUR);
    assertThat(posted.get(URI.create("https://r.example/"))).hasSize(50);
  }

  /// A wildcard in a zone makes as many domains as somebody likes.
  @Test
  void aThousandSilentSitesOfOneOrganisationHoldUpItsOwnReportsOnly() {
    for (int i = 0; i < 1000; i++) {
      String site = "s" + i + ".big.example";
      silent.add(site);
      resolver.text("_smtp._tls.d" + i + ".big.example", "v=TLSRPTv1; rua=https://" + site + "/");
      seen("d" + i + ".big.example");
    }
    for (String other : List.of("one.example", "two.example", "three.example")) {
      resolver.text("_smtp._tls." + other, "v=TLSRPTv1; rua=https://r." + other + "/");
      seen(other);
    }
    seen("example.com");
    time.advance(Duration.ofDays(1)); // All are due at once.
    var begin = time.now();
    reporter.look();
    assertThat(mails).hasSize(1);
    assertThat(posted).hasSize(3);
    assertThat(Duration.between(begin, time.now()))
        .isBetween(Reporter.SITES_TIME, Reporter.SITES_TIME.plus(Reporter.SITE_TIMEOUT));
    silent.clear();
    pass(HOUR);
    assertThat(posted).as("the rest was not forgotten").hasSize(1003);
  }

  @Test
  void whatWasOnlyTriedIsWrittenDownOnceInARound() {
    for (String name : List.of("one.example", "two.example", "three.example")) {
      resolver.text("_smtp._tls." + name, "v=TLSRPTv1; rua=https://r." + name + "/");
      dead.add("r." + name);
      seen(name);
    }
    time.advance(Duration.ofDays(1));
    reporter.look();
    assertThat(written).containsExactly(0L, 0L, 0L);
    assertThat(disk.size(SENT)).isPositive();
  }

  @Test
  void aDayThatOnlyAClockThatRanAheadHasSeenIsNotReported() {
    time.advance(Duration.ofDays(700));
    seen("example.com");
    reporter.close();
    time = new SimTime(time.now().minus(Duration.ofDays(700)));
    os = new Os(time, new LonelyNetwork(), new NoTasks(), new PickedChance(), disk);
    reporter = start();
    assertThat(reporter.standings()).hasSize(1);
    reporter.look();
    assertThat(reporter.standings()).isEmpty();
    assertThat(mails).isEmpty();
  }

  @Test
  void aDomainWithoutRecordOrWithABrokenOneGetsNone() {
    resolver.exists("_smtp._tls.plain.example");
    resolver.text("_smtp._tls.broken.example", "v=TLSRPTv1; rua=carrier-pigeon:home");
    seen("plain.example");
    seen("broken.example");
    seen("nothing.example");
    pass(Duration.ofDays(1));
    assertThat(mails).isEmpty();
    assertThat(events).isEmpty();
    assertThat(reporter.standings()).isEmpty();
  }

  @Test
  void whileTheDnsDoesNotTellTheReportWaits() {
    resolver.fail("_smtp._tls.example.com", "no server answers");
    seen("example.com");
    pass(Duration.ofHours(19));
    assertThat(events).isNotEmpty().allMatch(each -> each.equals("deferred ?"));
    assertThat(reporter.standings())
        .singleElement()
        .satisfies(it -> assertThat(it.problem()).contains("no server answers"));
    resolver.forget("_smtp._tls.example.com");
    resolver.text("_smtp._tls.example.com", "v=TLSRPTv1; rua=mailto:reports@example.com");
    pass(HOUR.multipliedBy(5));
    assertThat(mails).hasSize(1);
  }

  @Test
  void aRestartInTheMiddleOfTheDayOrAfterItLosesAndDoublesNothing() throws IOException {
    seen("example.com");
    restart();
    seen("example.com");
    pass(HOUR.multipliedBy(15));
    restart();
    pass(Reporter.SPREAD);
    assertThat(mails).hasSize(1);
    assertThat(ReportFile.read(contents.getFirst()).policies().getFirst().successful())
        .isEqualTo(2);
    restart();
    pass(Duration.ofDays(1));
    assertThat(mails).hasSize(1);
  }

  /// What was counted comes back as it was minutes before; what was sent does not.
  @Test
  void aPowerCutAfterAReportWasSentDoesNotSendItAgain() throws IOException {
    seen("example.com");
    restart();
    byte[] before = disk.read(Path.of("data/tls-reports.counted"));
    pass(Duration.ofHours(20));
    assertThat(mails).hasSize(1);
    disk.replace(Path.of("data/tls-reports.counted"), before, true);
    reporter = start(); // The other one never ended.
    assertThat(reporter.standings()).isEmpty();
    pass(Duration.ofDays(1));
    assertThat(mails).hasSize(1);
  }

  @Test
  void aReportThatTheSpoolDoesNotTakeIsTriedAgain() {
    seen("example.com");
    time.advance(Duration.ofDays(1));
    spool.failWith(new SpoolException("no space", true));
    reporter.look();
    assertThat(mails).isEmpty();
    assertThat(events).containsExactly("deferred mailto:reports@example.com");
    spool.failWith(null);
    pass(HOUR);
    assertThat(mails).hasSize(1);
  }

  @Test
  void reportsOfADayAreSpreadOverHoursAndAlwaysAtTheSameTime() {
    for (int i = 0; i < 200; i++) {
      seen("d" + i + ".example");
    }
    var due = reporter.standings().stream().map(Reporter.Standing::due).toList();
    var midnight = Instant.parse("2026-12-01T00:00:00Z");
    assertThat(due)
        .allMatch(it -> !it.isBefore(midnight) && it.isBefore(midnight.plus(Reporter.SPREAD)));
    for (int hour = 0; hour < 4; hour++) {
      var from = midnight.plus(HOUR.multipliedBy(hour));
      assertThat(due.stream().filter(it -> !it.isBefore(from) && it.isBefore(from.plus(HOUR))))
          .hasSizeBetween(20, 80);
    }
    restart();
    assertThat(reporter.standings().stream().map(Reporter.Standing::due).toList()).isEqualTo(due);
  }

  @Test
  void eachDayHasItsOwnReport() {
    for (int day = 0; day < 7; day++) {
      seen("example.com");
      pass(Duration.ofDays(1));
    }
    pass(Duration.ofDays(1));
    assertThat(contents).hasSize(7);
    assertThat(
            IntStream.range(0, 7)
                .mapToObj(i -> text(contents.get(i)).replaceAll("(?s).*Report-ID: <(\\d+).*", "$1"))
                .toList())
        .doesNotHaveDuplicates()
        .startsWith("20261130", "20261201");
  }

  @Test
  void aRelayThatWasOffForLongDoesNotTellOfOldDays() {
    seen("example.com");
    reporter.close();
    time.advance(Duration.ofDays(5));
    reporter = start();
    pass(HOUR);
    assertThat(mails).isEmpty();
    assertThat(reporter.standings()).isEmpty();
  }

  @Test
  void withoutTlsReportsNothingIsCountedAndNothingIsSent() {
    seen("example.com");
    configuration = configured("");
    seen("other.example");
    assertThat(reporter.standings()).isEmpty();
    pass(Duration.ofDays(2));
    assertThat(mails).isEmpty();
    configuration = configured("tls-reports { from = \"tls@relay.example\" }\n");
    assertThat(reporter.standings()).isEmpty();
  }
}
