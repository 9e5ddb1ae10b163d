package dev.poststation.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.sim.ManualTime;
import dev.poststation.sim.MemoryDisk;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// When entries of `clients` were last of use.
class ClientUseTest {
  private static final Path DATA = Path.of("data");
  private static final Path FILE = DATA.resolve("clients.used");

  private final ManualTime time = new ManualTime();
  private final MemoryDisk disk = new MemoryDisk();
  private Set<String> known = Set.of("printers", "old");

  private ClientUse uses() {
    return new ClientUse(Configured.os(time, disk), DATA, () -> known);
  }

  private static Instant at(String time) {
    return Instant.parse("2026-01-01T" + time + "Z");
  }

  @Test
  void theMinuteOfTheLastMailIsKnownAfterARestart() throws Exception {
    var before = uses();
    before.mark("old");
    time.advance(Duration.ofSeconds(100));
    before.mark("printers").used(time.now(), true);
    before.mark("printers").used(time.now(), true);
    before.close();
    assertThat(new String(disk.read(FILE), StandardCharsets.UTF_8).lines())
        .containsExactlyInAnyOrder(
            "old 2026-01-01T00:00:00Z -", "printers 2026-01-01T00:01:40Z 2026-01-01T00:01:00Z");

    time.advance(Duration.ofHours(1));
    var after = uses();
    assertThat(after.now().get("printers"))
        .isEqualTo(new ClientUse.Use(at("00:01:40"), at("00:01:00"), null));
    after.mark("old").used(time.now(), true);
    assertThat(after.now().get("old"))
        .isEqualTo(new ClientUse.Use(at("00:00:00"), at("01:01:00"), null));
    assertThat(ClientUse.read(disk, DATA).get("old").last()).as("not written yet").isNull();
  }

  @Test
  void theLastMailWithoutTlsIsKeptBesideIt() throws Exception {
    var before = uses();
    time.advance(Duration.ofMinutes(1));
    before.mark("old").used(time.now(), true);
    before.mark("old").used(time.now(), false);
    time.advance(Duration.ofMinutes(1));
    before.mark("old").used(time.now(), true);
    before.close();
    assertThat(new String(disk.read(FILE), StandardCharsets.UTF_8).lines())
        .containsExactly("old 2026-01-01T00:01:00Z 2026-01-01T00:02:00Z 2026-01-01T00:01:00Z");
    assertThat(uses().now().get("old"))
        .isEqualTo(new ClientUse.Use(at("00:01:00"), at("00:02:00"), at("00:01:00")));
  }

  @Test
  void anEntryThatIsGoneIsForgotten() {
    var uses = uses();
    uses.mark("old").used(time.now(), true);
    uses.mark("printers").used(time.now(), true);
    known = Set.of("printers");
    time.advance(Duration.ofHours(2));
    uses.mark("new").used(time.now(), true);
    uses.close();
    assertThat(ClientUse.read(disk, DATA))
        .as("one of a reload that goes on is not gone")
        .containsOnlyKeys("printers", "new");
  }

  @Test
  void aDamagedFileCostsOnlyItsDamagedLines() {
    disk.with(
        "data/clients.used", "a\na never -\na 2026-01-01T00:00:00Z x\nb 2026-01-01T00:00:00Z -\n");
    assertThat(ClientUse.read(disk, DATA)).containsOnlyKeys("b");
  }
}
