package dev.poststation.account;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.log.Event;
import dev.poststation.sasl.Accounts.Login;
import dev.poststation.sim.ManualTime;
import dev.poststation.sim.MemoryDisk;
import dev.poststation.sim.RecordingJournal;
import java.net.InetAddress;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What becomes of those who guess, and of those who are only near them.
class LoginGuardTest {
  private static final InetAddress HOME = Sample.address("198.51.100.7");
  private static final InetAddress STRANGE = Sample.address("203.0.113.9");
  private static final Duration QUARTER = Duration.ofMinutes(15);

  private final ManualTime time = new ManualTime();
  private final RecordingJournal journal = new RecordingJournal();
  private int blockAfter = 10;
  private final LastUse lastUse =
      new LastUse(Sample.os(new MemoryDisk(), time), Sample.DATA, () -> Users.NONE);
  private final LoginGuard guard =
      new LoginGuard(
          Sample.os(new MemoryDisk(), time), () -> Sample.settings(blockAfter), lastUse, journal);

  @AfterEach
  void close() {
    lastUse.close();
  }

  private void fail(InetAddress address, String user, int times) {
    for (int i = 0; i < times; i++) {
      guard.failed(address, user);
    }
  }

  private void succeed(InetAddress address, String user) {
    guard.succeeded(address, user, new Login(user, "main"));
  }

  /// Anna says her mail address; the directory calls her `anna`.
  private void succeedByAddress(InetAddress address) {
    guard.succeeded(address, "Anna@example.com", new Login("anna", ""));
  }

  @Test
  void whoIsCalledOtherwiseByTheDirectoryIsAtHomeByTheNameThatHeSays() {
    succeedByAddress(HOME);
    fail(HOME, "berta", 10);
    for (int i = 0; i < 1000; i++) {
      var address = Sample.address("203.0." + i / 250 + "." + i % 250);
      if (guard.blocked(address, "anna@example.com").isEmpty()) {
        guard.failed(address, "anna@example.com");
      }
    }

    assertThat(guard.blocked(STRANGE, "anna@example.com")).isPresent();
    assertThat(guard.blocked(HOME, "anna@example.com")).isEmpty();
    assertThat(guard.delay(HOME, "anna@example.com")).isEqualTo(Duration.ZERO);
    assertThat(guard.blocked(HOME, "anna")).as("by the other name, too").isEmpty();
  }

  @Test
  void aSuccessTakesBackWhatWasMistypedByTheNameThatWasSaid() {
    for (int i = 0; i < 5; i++) {
      fail(STRANGE, "anna@example.com", 9);
      succeedByAddress(STRANGE);
      time.advance(Duration.ofMinutes(1));
    }
    assertThat(guard.blocked(STRANGE, "anna@example.com")).isEmpty();
    assertThat(guard.blocked(STRANGE, "berta")).isEmpty();
    assertThat(journal.events()).isEmpty();
  }

  @Test
  void aSuccessTakesBackWhatFailedWithoutAName() {
    fail(STRANGE, "", 9);
    guard.succeeded(STRANGE, "", new Login("anna@example.com", ""));
    guard.failed(STRANGE, "");
    assertThat(guard.blocked(STRANGE, "")).isEmpty();
    assertThat(guard.blocked(STRANGE, "berta")).isEmpty();
  }

  @Test
  void eachFailureIsAnsweredLaterThanTheOneBefore() {
    assertThat(guard.delay(STRANGE, "anna")).isEqualTo(Duration.ZERO);
    guard.failed(STRANGE, "anna");
    assertThat(guard.delay(STRANGE, "anna")).isEqualTo(Duration.ofMillis(250));
    guard.failed(STRANGE, "anna");
    assertThat(guard.delay(STRANGE, "anna")).isEqualTo(Duration.ofMillis(500));
    assertThat(guard.delay(STRANGE, "berta")).isEqualTo(Duration.ofMillis(500));
    fail(STRANGE, "anna", 7);
    assertThat(guard.delay(STRANGE, "anna")).isEqualTo(Duration.ofSeconds(8));
    assertThat(guard.delay(HOME, "anna")).isEqualTo(Duration.ZERO);
  }

  @Test
  void anAddressThatGuessesIsBlockedForAWhileWhateverNamesItTries() {
    for (int i = 0; i < 9; i++) {
      guard.failed(STRANGE, "user" + i);
    }
    assertThat(guard.blocked(STRANGE, "anna")).isEmpty();
    guard.failed(STRANGE, "user9");

    assertThat(guard.blocked(STRANGE, "anna")).contains(QUARTER);
    assertThat(guard.blocked(HOME, "user9")).isEmpty();
    assertThat(journal.events())
        .containsExactly(new Event.LoginsBlocked(STRANGE, null, 10, time.now().plus(QUARTER)));
    time.advance(QUARTER);
    assertThat(guard.blocked(STRANGE, "anna")).isEmpty();
    assertThat(guard.delay(STRANGE, "anna")).isEqualTo(Duration.ZERO);
  }

  @Test
  void failuresAreForgottenAfterAsLongAsABlockLasts() {
    fail(STRANGE, "anna", 9);
    time.advance(QUARTER);
    fail(STRANGE, "anna", 9);
    assertThat(guard.blocked(STRANGE, "anna")).isEmpty();
    assertThat(journal.events()).isEmpty();
  }

  @Test
  void aLowerBoundIsTakenForThoseWhoAreCountedAlready() {
    fail(STRANGE, "anna", 5);
    blockAfter = 3;
    guard.failed(STRANGE, "anna");
    guard.failed(STRANGE, "anna");
    assertThat(guard.blocked(STRANGE, "anna")).isPresent();
    assertThat(journal.events()).hasSize(1);
  }

  @Test
  void allAddressesOfOneNetworkOfIpv6AreOne() {
    for (int i = 1; i <= 10; i++) {
      guard.failed(Sample.address("2001:db8:1:2::" + i), "anna");
    }
    assertThat(guard.blocked(Sample.address("2001:db8:1:2:ffff::1"), "berta")).isPresent();
    assertThat(guard.blocked(Sample.address("2001:db8:1:3::1"), "berta")).isEmpty();
  }

  @Test
  void aStrangerCannotLockAUserOutFromWhereHeIsAtHome() {
    succeed(HOME, "anna");
    for (int i = 0; i < 1000; i++) {
      var address = Sample.address("203.0." + i / 250 + "." + i % 250);
      if (guard.blocked(address, "Anna").isEmpty()) {
        guard.failed(address, "Anna");
      }
    }

    assertThat(guard.blocked(STRANGE, "anna")).isPresent();
    assertThat(guard.blocked(HOME, "anna")).isEmpty();
    assertThat(guard.delay(HOME, "anna")).isEqualTo(Duration.ZERO);
    assertThat(journal.events())
        .containsExactly(new Event.LoginsBlocked(null, "Anna", 100, time.now().plus(QUARTER)));
  }

  @Test
  void aUserWhoIsGuessedFromManyAddressesHasAHundredGuessesAgainstHimInAQuarterOfAnHour() {
    int guesses = 0;
    for (int i = 0; i < 5000; i++) {
      var address = Sample.address("10.1." + i / 250 + "." + i % 250);
      if (guard.blocked(address, "anna").isEmpty()) {
        guard.failed(address, "anna");
        guesses++;
      }
    }
    assertThat(guesses).isEqualTo(100);
  }

  @Test
  void whoGuessesBehindTheSameAddressDoesNotBlockThoseWhoAreAtHomeThere() {
    succeed(HOME, "anna");
    fail(HOME, "berta", 10);

    assertThat(guard.blocked(HOME, "berta")).isPresent();
    assertThat(guard.blocked(HOME, "carla")).isPresent();
    assertThat(guard.blocked(HOME, "anna")).isEmpty();
  }

  @Test
  void anOldPasswordInADeviceAtHomeBlocksOnlyThatUserThere() {
    succeed(HOME, "anna");
    fail(HOME, "anna", 10);

    assertThat(guard.blocked(HOME, "anna")).contains(QUARTER);
    assertThat(guard.blocked(HOME, "berta")).isEmpty();
    assertThat(guard.blocked(STRANGE, "anna")).isEmpty();
    assertThat(journal.events())
        .containsExactly(new Event.LoginsBlocked(HOME, "anna", 10, time.now().plus(QUARTER)));
  }

  @Test
  void aSuccessTakesBackOnlyWhatThisUserMistypedThere() {
    fail(STRANGE, "berta", 5);
    fail(STRANGE, "anna", 4);
    succeed(STRANGE, "anna");
    fail(STRANGE, "berta", 4);
    assertThat(guard.blocked(STRANGE, "berta")).isEmpty();
    guard.failed(STRANGE, "berta");
    assertThat(guard.blocked(STRANGE, "berta")).isPresent();
  }

  @Test
  void anOwnAccountDoesNotBuyMoreGuesses() {
    int guesses = 0;
    for (int i = 0; i < 1000; i++) {
      succeed(STRANGE, "mallory");
      if (guard.blocked(STRANGE, "anna").isEmpty()) {
        guard.failed(STRANGE, "anna");
        guesses++;
      }
    }
    assertThat(guesses).isEqualTo(10);
  }

  @Test
  void nothingTellsAUserWhoExistsFromOneWhoDoesNot() {
    fail(STRANGE, "anna", 3);
    fail(HOME, "nobody", 3);
    assertThat(guard.delay(STRANGE, "anna")).isEqualTo(guard.delay(HOME, "nobody"));
    fail(STRANGE, "anna", 7);
    fail(HOME, "nobody", 7);
    assertThat(guard.blocked(STRANGE, "anna")).isEqualTo(guard.blocked(HOME, "nobody"));
  }

  @Test
  void veryManyNamesAndAddressesTakeNoMoreMemoryAndTheOldestIsForgotten() {
    var failures = new Failures();
    for (int i = 0; i < Failures.MOST + 10; i++) {
      failures.add("x" + i, 10, QUARTER, 0);
      failures.of("x0", QUARTER, 0);
    }
    assertThat(failures.size()).isEqualTo(Failures.MOST);
    assertThat(failures.of("x0", QUARTER, 0)).as("heard of all the time").isEqualTo(1);
    assertThat(failures.of("x1", QUARTER, 0)).as("the oldest").isZero();
    guard.failed(STRANGE, "x".repeat(1_000_000));
    assertThat(guard.delay(STRANGE, "x".repeat(999_999))).isPositive();
  }
}
