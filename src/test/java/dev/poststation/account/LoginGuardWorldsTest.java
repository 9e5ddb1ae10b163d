package dev.poststation.account;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.account.Guard.Mistake;
import dev.poststation.sasl.Accounts.Login;
import dev.poststation.sim.ManualTime;
import dev.poststation.sim.MemoryDisk;
import dev.poststation.sim.RecordingJournal;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Two worlds in which the same logins fail. In one of them users also log in, which those who fail
/// shall not find out: whatever a guard shows them is the same at every moment.
class LoginGuardWorldsTest {
  private static final int SEEDS = 40;
  private static final List<String> NAMES = List.of("anna", "berta", "anna@example.com", "");

  private static final List<InetAddress> PLACES =
      List.of(
          Sample.address("198.51.100.7"),
          Sample.address("203.0.113.9"),
          Sample.address("2001:db8:1:2::1"),
          Sample.address("2001:db8:1:2::2"));

  /// Whoever guesses from everywhere comes from one of them.
  private static InetAddress place(Random random) {
    return random.nextInt(3) == 0
        ? Sample.address("192.0.2." + random.nextInt(200))
        : PLACES.get(random.nextInt(PLACES.size()));
  }

  /// One that nobody logs in to, or one that users log in to.
  private static final class World {
    private final LastUse lastUse;
    private final LoginGuard guard;

    World(ManualTime time, int blockAfter) {
      lastUse = new LastUse(Sample.os(new MemoryDisk(), time), Sample.DATA, () -> Users.NONE);
      var settings = Sample.settings(blockAfter);
      var journal = new RecordingJournal();
      var os = Sample.os(new MemoryDisk(), time);
      guard = new LoginGuard(os, () -> settings, lastUse, journal, () -> true);
    }

    /// What somebody finds out who tries.
    private List<String> shown() {
      List<String> shown = new ArrayList<>();
      for (var place : PLACES) {
        for (String name : NAMES) {
          var standing = guard.standing(place, name);
          shown.add(place + " " + name + " " + standing.left() + " " + guard.delay(standing));
        }
      }
      return shown;
    }

    private void fail(InetAddress place, String name) {
      guard.failed(guard.passage(place, name));
    }

    /// Logs in, if that is possible now, after having failed in the same session.
    private boolean live(InetAddress place, String name, int mistakes) {
      List<Mistake> before = new ArrayList<>();
      var passage = guard.passage(place, name);
      if (!passage.looked()) {
        return false;
      }
      for (int i = 0; i < mistakes; i++) {
        before.add(guard.failedSoFar(guard.passage(place, name)));
      }
      guard.succeeded(passage, new Login(name.isEmpty() ? "anna" : name, "main"), before);
      return passage.blocked();
    }
  }

  @Test
  void nobodySeesThatUsersLogInNorWhereTheyAreAtHome() {
    int spared = 0;
    for (int seed = 0; seed < SEEDS; seed++) {
      var random = new Random(seed);
      var time = new ManualTime();
      int blockAfter = 1 + random.nextInt(10);
      var empty = new World(time, blockAfter);
      var lively = new World(time, blockAfter);
      for (int step = 0; step < 250; step++) {
        var place = place(random);
        String name = NAMES.get(random.nextInt(NAMES.size()));
        if (random.nextInt(4) == 0) {
          boolean blocked = lively.live(place, name, random.nextInt(3) == 0 ? 1 : 0);
          spared += blocked ? 1 : 0;
        } else {
          empty.fail(place, name);
          lively.fail(place, name);
        }
        assertThat(lively.shown()).as("seed %d, step %d", seed, step).isEqualTo(empty.shown());
        time.advance(Duration.ofSeconds(random.nextInt(40) == 0 ? random.nextInt(1200) : 5));
      }
      empty.lastUse.close();
      lively.lastUse.close();
    }
    assertThat(spared).as("logins while there is a block").isGreaterThan(SEEDS);
  }
}
