package dev.poststation.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.message.Hold;
import dev.poststation.os.Os;
import dev.poststation.sim.Golden;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class MetricsTest {
  private final Metrics metrics = new Metrics(Os.real());

  @BeforeEach
  void registerLevels() {
    metrics.sessions(() -> 3);
    metrics.blocks(() -> 2);
    metrics.suppressed(() -> 3);
    metrics.queue("active", () -> 1);
    metrics.queue("ready", () -> 2);
    metrics.queue("incoming", () -> 3);
    metrics.queue("deferred", () -> 4);
    metrics.queue("parked", () -> 5);
    metrics.queue("held", () -> 6);
    metrics.spool(() -> 10, () -> 0, () -> 2_000_000, () -> 100, () -> 50);
    metrics.spoolRefuses("full", () -> true);
    metrics.spoolRefuses("out-of-order", () -> false);
    metrics.policies(() -> 3, () -> 4, () -> 1);
    metrics.tlsSessions(() -> 204, () -> 3);
    metrics.digests(() -> 12, Map.of("done", () -> 4));
    metrics.devices(() -> 2);
    metrics.harvested(() -> 7);
    metrics.revocation(() -> 20, () -> 2);
    metrics.harvestedKeys(() -> 8);
    metrics.webKeys(() -> 21, () -> 4);
    metrics.hostsLast(() -> 1);
    metrics.certificates(
        () -> Map.of("/etc/poststation/chain.pem", 1_800_000_000L),
        () -> Map.of("/etc/poststation/chain.pem", true));
    metrics.tokens(
        () ->
            List.of(
                new Metrics.Token(
                    "m365", "scanner@example.com", 1_800_000_000L, 1_700_000_000L, true)));
    metrics.archives(() -> List.of(new Metrics.ArchiveLevel("/archive", 42, 0, 1)));
    metrics.quotas(
        () ->
            List.of(
                new Metrics.Quota("provider", "", "mails/hour", 13, 250),
                new Metrics.Quota("shared", "sales@example.com", "recipients/day", 0, 10_000)));
    metrics.listings(() -> Map.of("192.0.2.10", 2));
    metrics.signingKeys(
        () -> List.of(new Metrics.SigningKey("example.com", "s1", "active", 1_790_000_000L, 1)));
    metrics.log(() -> 1000, () -> 1);
  }

  private String ours() {
    var ours = new StringBuilder();
    metrics
        .scrape()
        .lines()
        .filter(line -> line.contains("poststation_"))
        .forEach(line -> ours.append(line).append('\n'));
    return ours.toString();
  }

  @Test
  void everyEventIsCounted() throws IOException {
    Samples.all().forEach(metrics::count);
    Golden.check("metrics.txt", ours());
  }

  @Test
  void aDeliveryCountsInTheSmallestBoundThatItKeeps() {
    for (long milliseconds : new long[] {7, 90, 90, 340, 1_500}) {
      metrics.count(Samples.sentAfter(Duration.ofMillis(milliseconds)));
    }
    assertThat(ours().lines().filter(line -> line.contains("delivery_delay_seconds")))
        .contains(
            "poststation_delivery_delay_seconds_bucket{le=\"0.01\"} 1",
            "poststation_delivery_delay_seconds_bucket{le=\"0.1\"} 3",
            "poststation_delivery_delay_seconds_bucket{le=\"1.0\"} 4",
            "poststation_delivery_delay_seconds_bucket{le=\"10.0\"} 5",
            "poststation_delivery_delay_seconds_sum 2.027",
            "poststation_delivery_delay_seconds_max 1.5");
  }

  @Test
  void whatNoPersonOrderedIsNoDoingOfAdministrators() {
    metrics.count(
        Event.Administered.heldOnArrival(Samples.ID, Samples.TIME, Hold.otherwise("a sender")));
    metrics.count(
        Event.Administered.heldOnArrival(Samples.ID, Samples.TIME, Hold.by("outbreak", "much")));
    metrics.count(Event.Administered.discarded(Samples.ID, Samples.TIME, "a milter"));
    metrics.count(new Event.Administered(Samples.ID, Samples.TIME, "hold", "by root"));
    assertThat(ours().lines().filter(line -> line.matches("poststation_.*(admin|arrival).*")))
        .containsExactly(
            "poststation_administered_total{action=\"hold\"} 1.0",
            "poststation_on_arrival_total{action=\"discard\",by=\"content\"} 1.0",
            "poststation_on_arrival_total{action=\"hold\",by=\"otherwise\"} 1.0",
            "poststation_on_arrival_total{action=\"hold\",by=\"outbreak\"} 1.0");
  }

  @Test
  void aFloodOfNamesMakesNoFloodOfCounters() {
    for (int i = 0; i < 1000; i++) {
      metrics.count(
          new Event.Connected("s", "listener" + i, "", Samples.peer("127.0.0.1", 1), null));
    }
    assertThat(ours().lines().filter(line -> line.startsWith("poststation_connections_total")))
        .hasSize(101)
        .contains("poststation_connections_total{listener=\"other\"} 900.0");
  }

  @Test
  void everyMetricIsInTheReferenceAndNothingElse() throws IOException {
    Samples.all().forEach(metrics::count);
    var scraped = new TreeMap<String, String>();
    metrics
        .scrape()
        .lines()
        .filter(line -> line.startsWith("# TYPE "))
        .map(line -> line.split(" ", -1))
        .forEach(words -> scraped.put(words[2], words[3]));
    var documented = new TreeMap<String, String>();
    for (var line : Files.readAllLines(Path.of("docs/reference/metrics.md"))) {
      if (line.startsWith("| `")) {
        var cells = line.split(" *\\| *", -1);
        documented.put(cells[1].replace("`", ""), cells[2]);
      }
    }
    assertThat(documented).isEqualTo(scraped);
  }

  @Test
  void theMemoryOfTheWholeProcessIsMeasured() {
    var line =
        metrics
            .scrape()
            .lines()
            .filter(l -> l.startsWith("process_resident_memory_bytes "))
            .findFirst()
            .orElseThrow();
    assertThat(Double.parseDouble(line.substring(line.indexOf(' ')))).isGreaterThan(10_000_000);
  }
}
