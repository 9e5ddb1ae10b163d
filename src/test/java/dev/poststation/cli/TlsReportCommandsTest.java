package dev.poststation.cli;

import static dev.poststation.sim.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.Ground;
import dev.poststation.admin.LiveRelay;
import dev.poststation.config.Configuration;
import dev.poststation.config.TlsReportSettings;
import dev.poststation.dns.Resolver;
import dev.poststation.os.Os;
import dev.poststation.reporting.ReportSite;
import dev.poststation.sim.MemorySpool;
import dev.poststation.sim.ScriptedResolver;
import dev.poststation.spool.Spool;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a relay has counted for reports about TLS is shown, and sent when its day is over.
class TlsReportCommandsTest {
  private static final String CONFIGURATION =
      """
      dns { dnssec = validate }
      connectors { internet { type = mx, tls = dane-or-sts } }
      routes = [ { via = [internet] } ]
      """;
  private static final String REPORTS = "tls-reports { from = \"tls@relay.example\" }\n";

  private static final String COUNTED =
      " example.com {\"date-range\":{\"start-datetime\":\"2026-01-01T00:00:00Z\","
          + "\"end-datetime\":\"2026-01-01T23:59:59Z\"},\"policies\":[{\"policy\":"
          + "{\"policy-type\":\"tlsa\",\"policy-string\":[\"3 1 1 ab\"],"
          + "\"policy-domain\":\"mx.example.com\"},"
          + "\"summary\":{\"total-successful-session-count\":4,"
          + "\"total-failure-session-count\":1},"
          + "\"failure-details\":[{\"result-type\":\"tlsa-invalid\","
          + "\"receiving-mx-hostname\":\"mx.example.com\",\"failed-session-count\":1}]}]}\n";

  @TempDir Path directory;

  private final List<URI> posted = new CopyOnWriteArrayList<>();
  private final ScriptedResolver resolver = new ScriptedResolver();

  private final class Here implements Ground {
    @Override
    public Resolver resolver(Configuration configuration, Os os) {
      return resolver;
    }

    @Override
    public Spool spool(Configuration configuration, Os os) {
      return new MemorySpool(os.time());
    }

    @Override
    public ReportSite reportSite(
        Supplier<Optional<TlsReportSettings>> settings, Resolver asked, Os os) {
      return (to, _) -> {
        posted.add(to);
        return 200;
      };
    }
  }

  private static LocalDate today() {
    return LocalDate.now(ZoneOffset.UTC);
  }

  private LiveRelay counting(LocalDate day, String more) throws Exception {
    var data = Files.createDirectory(directory.resolve("data"));
    Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwx------"));
    Files.writeString(data.resolve("tls-reports.counted"), day + COUNTED);
    return new LiveRelay(directory, CONFIGURATION + more, new Here());
  }

  @Test
  void whatIsCountedIsListedAndItsReportShown() throws Exception {
    resolver.text("_smtp._tls.example.com", "v=TLSRPTv1;rua=mailto:tls@example.com");
    try (var relay = counting(today().plusDays(1), REPORTS)) { // Not over at midnight.
      var list = Ran.with(relay.file(), "tls-report list");
      assertThat(list.exit()).as(list.toString()).isZero();
      assertThat(list.out())
          .contains("DOMAIN", "LAST ERROR")
          .containsPattern("example.com +" + today().plusDays(1) + " +5 +1 +in ");
      assertThat(Ran.with(relay.file(), "tls-report list --json").out())
          .contains("\"enabled\" : true", "\"successful\" : 4");
      assertThat(Ran.with(relay.file(), "tls-report preview EXAMPLE.com").out())
          .startsWith("To mailto:tls@example.com, not before ")
          .contains(
              "relay.example (tls@relay.example) sent mail on " + today().plusDays(1),
              "By the TLSA records (DANE) of mx.example.com, 5 sessions: 1 of them failed",
              "failed   1 session: mx.example.com has TLSA records that are not valid");
      assertThat(Ran.with(relay.file(), "tls-report preview example.com --json").out())
          .contains("\"report-id\"", "\"failed-session-count\" : 1");
      resolver.forget("_smtp._tls.example.com");
      assertThat(Ran.with(relay.file(), "tls-report preview example.com").out())
          .startsWith("It gets none: _smtp._tls.example.com has no record v=TLSRPTv1");
      var none = Ran.with(relay.file(), "tls-report preview example.org");
      assertThat(none.exit()).isEqualTo(1);
      assertThat(none.err()).contains("No session with a mail exchanger of example.org");
    }
  }

  @Test
  void aRelayThatStartsAfterTheDaySendsTheReport() throws Exception {
    resolver.text("_smtp._tls.example.com", "v=TLSRPTv1;rua=https://r.example.com/v1");
    try (var relay = counting(today().minusDays(2), REPORTS)) {
      eventually("posted", () -> !posted.isEmpty());
      assertThat(posted).containsExactly(URI.create("https://r.example.com/v1"));
      eventually(
          "nothing is left",
          () ->
              Ran.with(relay.file(), "tls-report list")
                  .out()
                  .equals("No session with a mail exchanger is counted yet.\n"));
      assertThat(Files.readString(directory.resolve("mail.log")))
          .contains("event=tls-report domain=example.com", "status=sent");
    }
    assertThat(Files.readString(directory.resolve("data/tls-reports.counted"))).isEmpty();
    assertThat(Files.readString(directory.resolve("data/tls-reports.sent")))
        .startsWith(today().minusDays(2) + " example.com ");
  }

  @Test
  void withoutTlsReportsThatIsSaid() throws Exception {
    try (var relay = counting(today(), "")) {
      assertThat(Ran.with(relay.file(), "tls-report list").out())
          .isEqualTo("Nothing is counted: there is no tls-reports in the configuration.\n");
      assertThat(Ran.with(relay.file(), "tls-report preview example.com").err())
          .contains("Nothing is counted: there is no tls-reports");
    }
  }
}
