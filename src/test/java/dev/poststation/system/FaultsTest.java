package dev.poststation.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Real faults of the machine, under load: nothing that was acknowledged is lost, and no more comes
/// twice than a crash excuses. `make faults` runs it for longer.
@Tag("slow")
final class FaultsTest {
  private static final int MAX_CONNECTIONS = 20;
  private static final Duration LONG = Duration.ofMinutes(1);

  /// A clock that goes a day ahead makes what waits a day old: its senders are told of the delay,
  /// and of more than a thousand such notices the rest would wait for the next hour.
  private static final String ALL_NOTICES = "bounces { per-hour = 1000000 }\n";

  @Test
  void killsUnderLoadLoseNothing() {
    try (var campaign = Campaign.of("`kill -9` under load")) {
      int kills = 5 * Campaign.SCALE;
      for (int kill = 0; kill < kills; kill++) {
        campaign.takes(100);
        campaign.kill();
      }
      campaign.takes(100);
      campaign.end(kills);
    }
  }

  /// From the moment in which the spool begins to recover to just after the first 250.
  @Test
  void killsDuringRecoveryLoseNothing() {
    try (var campaign = Campaign.of("`kill -9` again during recovery")) {
      var relay = campaign.relay();
      int kills = 0;
      for (int round = 0; round < Campaign.SCALE; round++) {
        campaign.takes(200);
        for (int millis : List.of(0, 5, 20, 80)) {
          campaign.kill(() -> recovering(relay, millis));
          kills++;
        }
        campaign.kill();
        campaign.kill();
        campaign.takes(1);
        campaign.kill();
        kills += 3;
      }
      campaign.takes(100);
      campaign.end(kills);
    }
  }

  /// Starts it and waits until so long after the store has begun to write its own log anew.
  private static void recovering(RunningRelay relay, int millis) {
    Path log = relay.home().resolve("data/spool/LOG");
    Object before = identity(log);
    relay.begin();
    Until.holds(
        "recovering", LONG, () -> Files.exists(log) && !Objects.equals(identity(log), before));
    LockSupport.parkNanos(millis * 1_000_000L);
  }

  private static Object identity(Path file) {
    try {
      return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void failedSyncsAre451AndLoseNothing() {
    try (var campaign = Campaign.of("EIO at every 25th sync", "", failingSyncs("60+25"))) {
      var calls = campaign.relay().home().resolve("calls");
      int wanted = 5 * Campaign.SCALE;
      Until.holds("failed syncs", LONG, () -> failures(calls).size() >= wanted);
      campaign.takes(50);
      campaign.client().close();
      List<Instant> failures = failures(calls);
      failures.forEach(at -> campaign.crash(at, at.plusSeconds(1), MAX_CONNECTIONS));
      assertThat(campaign.refusals("451")).isPositive();
      campaign.end(failures.size());
    }
  }

  @Test
  void aDiskOnWhichNoSyncWorksTakesNothingAndLosesNothing() {
    try (var campaign =
        Campaign.of("EIO at every sync from one on, then a sound disk", "", failingSyncs("60+"))) {
      campaign.refuses("451", 50);
      int then = campaign.client().acknowledged().size();
      campaign.refuses("451", 50);
      assertThat(campaign.client().acknowledged()).hasSize(then);
      int inFlight = campaign.sink().connections();
      var first = failures(campaign.relay().home().resolve("calls")).getFirst();
      assertThat(campaign.relay().output()).contains("The spool stays out of order");
      campaign.undecided();
      campaign.relay().stop();
      campaign.relay().restart();
      campaign.crash(first, Instant.now(), inFlight);
      campaign.takes(100);
      campaign.end(1);
    }
  }

  private static final Pattern INJECTED = Pattern.compile("(?m)^\\d+ +(\\d+)\\.(\\d{3}).*INJECTED");

  private static List<String> failingSyncs(String when) {
    return List.of(
        Peers.program("strace"),
        "-f",
        "--seccomp-bpf",
        "-qq",
        "-ttt",
        "-o",
        "@HOME@/calls",
        "-e",
        "trace=fdatasync,fsync",
        "-e",
        "inject=fdatasync,fsync:error=EIO:when=" + when);
  }

  private static List<Instant> failures(Path calls) {
    return INJECTED
        .matcher(Home.readFile(calls))
        .results()
        .map(
            call ->
                Instant.ofEpochSecond(Long.parseLong(call.group(1)))
                    .plusMillis(Long.parseLong(call.group(2))))
        .toList();
  }

  @Test
  void aDiskThatIsNearlyFullIs452AndLosesAndDoublesNothing() throws IOException {
    try (var home = Home.create("disk");
        var disk = SmallDisk.mount(home.path().resolve("data"), 200);
        var campaign = Campaign.of("disk full up to `spool.reserve`", on(disk), List.of())) {
      int fills = 2 * Campaign.SCALE;
      for (int fill = 0; fill < fills; fill++) {
        campaign.takes(100);
        disk.fill(40);
        campaign.refuses("452", 20);
        disk.empty();
      }
      campaign.takes(100);
      assertThat(campaign.client().refused()).containsOnlyKeys("452");
      campaign.end(fills);
    }
  }

  /// The configuration of a relay whose spool lies on this disk.
  static String on(SmallDisk disk) {
    return """
    data = "%s"
    spool { reserve = "64 MB", memory = "16 MB" }
    """
        .formatted(disk.path());
  }

  @Test
  void aRelayThatStandsStillLosesAndDoublesNothing() {
    try (var campaign = Campaign.of("`SIGSTOP` for 4 s, `SIGCONT`")) {
      int stops = 2 * Campaign.SCALE;
      for (int stop = 0; stop < stops; stop++) {
        campaign.takes(100);
        campaign.relay().signal("STOP");
        LockSupport.parkNanos(Duration.ofSeconds(4).toNanos());
        campaign.relay().signal("CONT");
      }
      campaign.takes(100);
      campaign.end(stops);
    }
  }

  @Test
  void aClockThatIsWrongByADayAtTheStartLosesNothingAndMailIsTried() {
    try (var campaign =
        Campaign.of("restart with the clock at +1 day, -1 day", ALL_NOTICES, clock())) {
      campaign.end(
          jumps(
              campaign,
              days -> {
                set(campaign.relay(), days);
                campaign.kill(() -> campaign.relay().restart(clock()));
              }));
    }
  }

  @Test
  void aClockThatJumpsByADayLosesNothingAndMailIsTried() {
    try (var campaign = Campaign.of("clock jumps by days while it runs", ALL_NOTICES, clock())) {
      campaign.end(jumps(campaign, days -> set(campaign.relay(), days)));
    }
  }

  /// Jumps while mail waits, as its next hop is down, and while more comes.
  private static int jumps(Campaign campaign, IntConsumer jump) {
    int jumps = 0;
    for (int round = 0; round < Campaign.SCALE; round++) {
      for (int days : List.of(1, -1, 0)) {
        campaign.takes(50);
        campaign.sink().stop();
        campaign.takes(100);
        jump.accept(days);
        Until.holds("another day in the log", LONG, () -> isDay(campaign.relay(), days));
        campaign.takes(50);
        campaign.sink().restart();
        campaign.takes(50);
        jumps++;
      }
    }
    return jumps;
  }

  private static boolean isDay(RunningRelay relay, int days) {
    String log = relay.log();
    String last = log.substring(log.lastIndexOf('\n', Math.max(0, log.length() - 2)) + 1);
    Instant day = Instant.now().plus(days, ChronoUnit.DAYS);
    return last.startsWith("time=" + day.toString().substring(0, 10));
  }

  private static List<String> clock() {
    Peers.mark("faketime");
    return List.of(
        "env",
        "LD_PRELOAD=" + Peers.library("faketime/libfaketimeMT.so.1"),
        "FAKETIME_TIMESTAMP_FILE=@HOME@/clock",
        "FAKETIME_CACHE_DURATION=1",
        "FAKETIME_DONT_FAKE_MONOTONIC=1",
        // What libfaketime does to waits by the monotonic clock makes Java's hang.
        "FAKETIME_FORCE_MONOTONIC_FIX=0");
  }

  private static void set(RunningRelay relay, int days) {
    try {
      Path file = Files.writeString(relay.home().resolve("clock.new"), "%+dd".formatted(days));
      Files.move(file, relay.home().resolve("clock"), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
