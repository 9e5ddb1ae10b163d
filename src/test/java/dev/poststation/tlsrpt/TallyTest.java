package dev.poststation.tlsrpt;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.poststation.os.Os;
import dev.poststation.os.Tasks;
import dev.poststation.sim.LonelyNetwork;
import dev.poststation.sim.MemoryDisk;
import dev.poststation.sim.PickedChance;
import dev.poststation.sim.SimTime;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// What is counted for reports about TLS, how it is kept, and where it ends.
class TallyTest {
  private static final AppliedPolicy STS =
      new AppliedPolicy(
          AppliedPolicy.Type.STS,
          "example.com",
          List.of("version: STSv1", "mode: enforce", "mx: *.example.com", "max_age: 86400"),
          List.of("*.example.com"));
  private static final Tally.Author AUTHOR =
      new Tally.Author("Example Ltd.", "postmaster@relay.example", "relay.example");

  private SimTime time = new SimTime();
  private final MemoryDisk disk = new MemoryDisk();
  private Tally tally = start();

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

  private Tally start() {
    var os = new Os(time, new LonelyNetwork(), new NoTasks(), new PickedChance(), disk);
    return new Tally(os, Path.of("data"));
  }

  private void seen(String domain, AppliedPolicy policy, int times) {
    for (int i = 0; i < times; i++) {
      tally.seen(domain, List.of(new TlsSession("", policy, null)));
    }
  }

  private static TlsSession.Failure expired(String host) {
    return new TlsSession.Failure(
        ResultType.CERTIFICATE_EXPIRED, "192.0.2.1", host, "mx", "198.51.100.2", "\"it\" ends");
  }

  private void failed(String domain, AppliedPolicy policy, TlsSession.Failure failure) {
    tally.seen(domain, List.of(new TlsSession("", policy, failure)));
  }

  private TlsReport report(String domain) {
    return tally.report(tally.latest(domain).orElseThrow(), AUTHOR).orElseThrow();
  }

  private JsonNode json(String domain) throws IOException {
    return new ObjectMapper().readTree(ReportJson.write(report(domain)));
  }

  private String today() {
    return time.now().toString().substring(0, 10);
  }

  @Test
  void aReportIsAsTheRfcHasIt() throws IOException {
    seen("Example.COM", STS, 3);
    failed("example.com", STS, expired("mx1.example.com"));
    failed("example.com", STS, expired("mx1.example.com"));
    failed(
        "example.com",
        STS,
        TlsSession.Failure.before(ResultType.VALIDATION_FAILURE, "mx9.example.net", ""));
    var json = json("example.com");
    assertThat(json)
        .isEqualTo(
            new ObjectMapper()
                .readTree(
                    """
                    {"organization-name": "Example Ltd.",
                     "date-range": {"start-datetime": "%1$sT00:00:00Z",
                                    "end-datetime": "%1$sT23:59:59Z"},
                     "contact-info": "postmaster@relay.example",
                     "report-id": "%2$s.example.com@relay.example",
                     "policies": [{
                       "policy": {"policy-type": "sts",
                                  "policy-string": ["version: STSv1", "mode: enforce",
                                                    "mx: *.example.com", "max_age: 86400"],
                                  "policy-domain": "example.com",
                                  "mx-host": ["*.example.com"]},
                       "summary": {"total-successful-session-count": 3,
                                   "total-failure-session-count": 3},
                       "failure-details": [
                         {"result-type": "certificate-expired",
                          "sending-mta-ip": "192.0.2.1",
                          "receiving-mx-hostname": "mx1.example.com",
                          "receiving-mx-helo": "mx",
                          "receiving-ip": "198.51.100.2",
                          "failed-session-count": 2,
                          "failure-reason-code": "\\"it\\" ends"},
                         {"result-type": "validation-failure",
                          "receiving-mx-hostname": "mx9.example.net",
                          "failed-session-count": 1}]}]}
                    """
                        .formatted(today(), today().replace("-", ""))));
    assertThat(ReportJson.read(json.toString().getBytes(StandardCharsets.UTF_8)))
        .isEqualTo(report("example.com"));
  }

  @Test
  void policiesAndDaysAreCountedApart() {
    var tlsa =
        new AppliedPolicy(
            AppliedPolicy.Type.TLSA, "mx.example.com", List.of("3 1 1 ab"), List.of());
    seen("example.com", tlsa, 2);
    seen("example.com", AppliedPolicy.NONE, 1);
    assertThat(report("example.com").policies())
        .extracting(each -> each.type() + " " + each.domain() + " " + each.successful())
        .containsExactly("tlsa mx.example.com 2", "no-policy-found example.com 1");
    assertThat(tally.over()).isEmpty();
    time.advance(Duration.ofDays(1));
    seen("example.com", STS, 1);
    assertThat(tally.keys()).hasSize(2);
    assertThat(tally.over()).hasSize(1);
    assertThat(report("example.com").policies()).hasSize(1);
    tally.drop(tally.over().getFirst());
    assertThat(tally.keys()).hasSize(1);
  }

  @Test
  void aSmarthostIsToldOfItsOwnSessionsAndNoRecipientsDomain() {
    tally.seen("recipient.example", List.of(new TlsSession("smarthost.example", STS, null)));
    assertThat(tally.keys()).extracting(Tally.Key::domain).containsExactly("smarthost.example");
  }

  @Test
  void addressesAndWhatIsNoDomainAreNotCounted() {
    seen("[192.0.2.1]", AppliedPolicy.NONE, 1);
    seen("192.0.2.1", AppliedPolicy.NONE, 1);
    seen("", AppliedPolicy.NONE, 1);
    assertThat(tally.keys()).isEmpty();
  }

  @Test
  void aRestartInTheMiddleOfADayLosesNothing() {
    seen("example.com", STS, 3);
    failed("example.com", STS, expired("mx1.example.com"));
    failed(
        "example.com",
        new AppliedPolicy(AppliedPolicy.Type.STS, "", List.of(), List.of()),
        TlsSession.Failure.before(ResultType.STS_POLICY_FETCH_ERROR, "", ""));
    var before = report("example.com");
    tally.close();
    tally = start();
    assertThat(report("example.com")).isEqualTo(before);
    seen("example.com", STS, 1);
    failed("example.com", STS, expired("mx1.example.com"));
    assertThat(report("example.com").policies().getFirst())
        .satisfies(
            each -> {
              assertThat(each.successful()).isEqualTo(4);
              assertThat(each.failed()).isEqualTo(2);
              assertThat(each.failures()).hasSize(1);
            });
  }

  @Test
  void moreWaysToFailThanAreKeptApartAreCountedTogether() {
    for (int i = 0; i < Tally.FAILURES_MOST + 50; i++) {
      failed("example.com", STS, expired("mx" + i + ".example.com"));
    }
    var policy = report("example.com").policies().getFirst();
    assertThat(policy.failed()).isEqualTo(Tally.FAILURES_MOST + 50);
    assertThat(policy.failures()).hasSize(Tally.FAILURES_MOST + 1);
    assertThat(policy.failures().getFirst())
        .isEqualTo(
            new TlsReport.Failure("certificate-expired", "", "", "", "", 50, Tally.MORE, ""));
  }

  @Test
  void theNumberOfDomainsIsBoundedAndItIsKnownWhatIsMissing() {
    for (int i = 0; i < Tally.DOMAINS_MOST + 5; i++) {
      seen("d" + i + ".example", AppliedPolicy.NONE, 1);
    }
    seen("d0.example", AppliedPolicy.NONE, 1);
    assertThat(tally.keys()).hasSize(Tally.DOMAINS_MOST);
    assertThat(tally.uncounted(LocalDate.parse(today()))).isEqualTo(5);
    assertThat(tally.successful()).isEqualTo(Tally.DOMAINS_MOST + 6);
    time.advance(Duration.ofDays(1));
    seen("another.example", AppliedPolicy.NONE, 1); // Each day has its own room.
    assertThat(tally.latest("another.example")).isPresent();
  }

  @Test
  void theWaysToFailOfAllDomainsAreBounded() {
    int domains = Tally.FAILURES_OF_DAY / Tally.FAILURES_MOST;
    for (int domain = 0; domain <= domains; domain++) {
      for (int i = 0; i < Tally.FAILURES_MOST; i++) {
        failed("d" + domain + ".example", AppliedPolicy.NONE, expired("mx" + i));
      }
    }
    assertThat(report("d0.example").policies().getFirst().failures()).hasSize(Tally.FAILURES_MOST);
    var last = report("d" + domains + ".example").policies().getFirst();
    assertThat(last.failed()).isEqualTo(Tally.FAILURES_MOST);
    assertThat(last.failures())
        .singleElement()
        .satisfies(
            it -> {
              assertThat(it.code()).isEqualTo(Tally.MORE);
              assertThat(it.sessions()).isEqualTo(Tally.FAILURES_MOST);
            });
  }

  @Test
  void theNumberOfPoliciesOfADomainIsBounded() {
    for (int i = 0; i < Tally.POLICIES_MOST + 2; i++) {
      seen(
          "example.com",
          new AppliedPolicy(AppliedPolicy.Type.TLSA, "mx" + i, List.of("3 1 1 ab"), List.of()),
          1);
    }
    assertThat(report("example.com").policies()).hasSize(Tally.POLICIES_MOST);
    assertThat(tally.uncounted(LocalDate.parse(today()))).isEqualTo(2);
  }

  /// A zone with a wildcard has as many domains as it likes, each with long policies of its own.
  @Test
  void whatThePoliciesOfAllDomainsSayIsBoundedAndTheirSessionsAreCountedAllTheSame() {
    var lines = IntStream.range(0, 29).mapToObj(i -> i + "a".repeat(250)).toList();
    int domains = Tally.POLICIES_OF_DAY / 7250 / Tally.POLICIES_MOST + 5;
    for (int domain = 0; domain < domains; domain++) {
      for (int i = 0; i < Tally.POLICIES_MOST; i++) {
        seen(
            "d" + domain + ".example",
            new AppliedPolicy(AppliedPolicy.Type.TLSA, "mx" + i + ".d" + domain, lines, List.of()),
            1);
      }
    }
    assertThat(report("d0.example").policies()).hasSize(Tally.POLICIES_MOST);
    String last = "d" + (domains - 1) + ".example";
    assertThat(report(last).policies())
        .containsExactly(
            new TlsReport.Policy(
                "tlsa", List.of(), last, List.of(), Tally.POLICIES_MOST, 0, List.of()));
    tally.close();
    assertThat(disk.size(Path.of("data/tls-reports.counted")))
        .isLessThan(Tally.POLICIES_OF_DAY * 11L / 10);
    var before = report(last);
    tally = start();
    assertThat(report(last)).isEqualTo(before);
  }

  @Test
  void aDayThatOnlyAClockThatRanAheadHasSeenIsOver() {
    time.advance(Duration.ofDays(700));
    seen("example.com", STS, 1);
    tally.close();
    var now = time.now();
    time = new SimTime(now.minus(Duration.ofDays(700)));
    tally = start();
    assertThat(tally.over()).hasSize(1);
    time = new SimTime(now.minus(Duration.ofDays(1)));
    tally = start();
    assertThat(tally.over()).as("it may be the next one").isEmpty();
  }

  @Test
  void longPoliciesAreCut() {
    var lines = IntStream.range(0, 500).mapToObj(i -> "mx: " + i).toList();
    var policy = new AppliedPolicy(AppliedPolicy.Type.STS, "x", lines, List.of("a".repeat(5000)));
    assertThat(policy.lines()).hasSize(30).endsWith("mx: 28", "...");
    assertThat(policy.mx().getFirst()).hasSize(303);
  }

  @Test
  void whatAPeerSaysIsCutAndHarmless() {
    var failure =
        new TlsSession.Failure(
            ResultType.VALIDATION_FAILURE, "", "mx", "h\n" + "i".repeat(500), "", "c\u001b[31m");
    assertThat(failure.hello()).hasSize(100).startsWith("h?i");
    assertThat(failure.code()).isEqualTo("c?[31m");
  }
}
