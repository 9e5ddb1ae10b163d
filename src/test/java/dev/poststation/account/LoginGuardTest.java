package dev.poststation.account;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.account.Guard.Mistake;
import dev.poststation.log.Event;
import dev.poststation.sasl.Accounts.Login;
import dev.poststation.sim.ManualTime;
import dev.poststation.sim.MemoryDisk;
import dev.poststation.sim.RecordingJournal;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What becomes of those who guess, and of those who are only near them.
class LoginGuardTest {
  private static final InetAddress HOME = Sample.address("198.51.100.7");
  private static final InetAddress STRANGE = Sample.address("203.0.113.9");
  private static final Duration QUARTER = Duration.ofMinutes(15);

  private final ManualTime time = new ManualTime();
  private final RecordingJournal journal = new RecordingJournal();
  private final List<Runnable> threads = new ArrayList<>();
  private boolean answers = true;
  private int blockAfter = 10;
  private final LastUse lastUse =
      new LastUse(Sample.os(new MemoryDisk(), time), Sample.DATA, () -> Users.NONE);
  private final LoginGuard guard =
      new LoginGuard(
          Sample.os(new MemoryDisk(), time, threads),
          () -> Sample.settings(blockAfter),
          lastUse,
          journal,
          () -> answers);

  @AfterEach
  void close() {
    lastUse.close();
  }

  private void fail(InetAddress address, String user, int times) {
    for (int i = 0; i < times; i++) {
      guard.failed(guard.passage(address, user));
    }
  }

  /// By a mechanism for which there may be another one.
  private Mistake failSoFar(InetAddress address, String user) {
    return guard.failedSoFar(guard.passage(address, user));
  }

  /// While the directory is down.
  private void miss(InetAddress address, String user, int times) {
    answers = false;
    for (int i = 0; i < times; i++) {
      guard.unanswered(guard.passage(address, user));
    }
  }

  /// It is up again, and somebody comes.
  private void recover() {
    answers = true;
    time.advance(Duration.ofSeconds(10));
    guard.passage(STRANGE, "");
    threads.forEach(Runnable::run);
    threads.clear();
  }

  private Duration delay(InetAddress address, String user) {
    return guard.delay(guard.standing(address, user));
  }

  private void failOnce(InetAddress address, String user) {
    fail(address, user, 1);
  }

  /// From a thousand addresses, as long as there is anything to learn.
  private void guessFromEverywhere(String user) {
    for (int i = 0; i < 1000; i++) {
      var address = Sample.address("203.0." + i / 250 + "." + i % 250);
      if (guard.blocked(address, user).isEmpty()) {
        failOnce(address, user);
      }
    }
  }

  private void succeed(InetAddress address, String user) {
    succeed(address, user, List.of());
  }

  private void succeed(InetAddress address, String user, List<Mistake> before) {
    guard.succeeded(guard.passage(address, user), new Login(user, "main"), before);
  }

  /// Anna says her mail address; the directory calls her `anna`.
  private void succeedByAddress(InetAddress address, List<Mistake> before) {
    var passage = guard.passage(address, "Anna@example.com");
    guard.succeeded(passage, new Login("anna", ""), before);
  }

  @Test
  void whoIsCalledOtherwiseByTheDirectoryIsAtHomeByTheNameThatHeSays() {
    succeedByAddress(HOME, List.of());
    fail(HOME, "berta", 5);
    fail(HOME, "carla", 5);
    guessFromEverywhere("anna@example.com");

    assertThat(guard.blocked(STRANGE, "anna@example.com")).isPresent();
    assertThat(guard.blocked(HOME, "anna@example.com")).isEmpty();
    assertThat(guard.blocked(HOME, "anna")).as("by the other name, too").isEmpty();
  }

  @Test
  void whoTriesAMechanismInVainBeforeHeLogsInHasNotFailed() {
    for (int i = 0; i < 50; i++) {
      succeedByAddress(STRANGE, List.of(failSoFar(STRANGE, "anna@example.com")));
      succeed(STRANGE, "berta", List.of(failSoFar(STRANGE, "berta")));
      succeed(STRANGE, "carla", List.of(failSoFar(STRANGE, "")));
      time.advance(Duration.ofSeconds(1));
    }
    time.advance(Duration.ofSeconds(10));
    assertThat(guard.standing(STRANGE, "anna@example.com").blocked()).isFalse();
    assertThat(delay(STRANGE, "anna@example.com")).isZero();
    assertThat(delay(STRANGE, "berta")).isZero();
    assertThat(journal.events()).isEmpty();
  }

  private Guard.Turn turn(InetAddress address, String user) {
    return guard.turn(guard.passage(address, user));
  }

  /// Whether a password is looked at while he waits.
  private boolean looks(Guard.Turn turn) {
    List<String> looked = new ArrayList<>();
    if (turn.isAtHome()) {
      try {
        turn.meanwhile(
            () -> {
              looked.add("once");
              return Optional.empty();
            });
      } catch (Exception e) {
        throw new AssertionError(e);
      }
    }
    return !looked.isEmpty();
  }

  private List<Guard.Turn> allTurns() {
    List<Guard.Turn> all = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      all.add(turn(STRANGE, "anna"));
      assertThat(all.getLast().had()).isTrue();
    }
    return all;
  }

  /// He shares the address of one who is at home there: no more guesses than during a block.
  @Test
  void withoutATurnThereIsNoEndOfGuessesWhereSomebodyIsAtHomeEither() throws Exception {
    succeed(HOME, "anna");
    allTurns();
    var stranger = turn(STRANGE, "anna");
    assertThat(stranger.had()).isFalse();
    assertThat(looks(stranger)).isFalse();
    stranger.over();
    for (int i = 0; i < 20; i++) {
      var waiting = turn(HOME, "anna");
      assertThat(looks(waiting)).as("the " + i + "th").isEqualTo(i < 10);
      waiting.over();
    }
    succeed(HOME, "anna");
    var first = turn(HOME, "anna");
    first.meanwhile(
        () -> {
          assertThat(looks(turn(HOME, "anna"))).as("one at once").isFalse();
          return Optional.empty();
        });
    first.over();
    assertThat(looks(turn(HOME, "anna"))).isTrue();
  }

  /// Before he has a turn, and when it has come.
  @Test
  void whoIsAtHomeIsCountedOnceThoughHisPasswordIsLookedAtTwice() {
    succeed(HOME, "anna");
    for (int i = 0; i < 9; i++) {
      var all = allTurns();
      var waiting = turn(HOME, "anna");
      assertThat(looks(waiting)).as("the " + i + "th").isTrue();
      all.getFirst().over();
      var passage = waiting.await();
      assertThat(passage.blocked()).isFalse();
      guard.failed(passage);
      waiting.over();
      all.forEach(Guard.Turn::over);
    }
  }

  @Test
  void theRightPasswordOfWhoIsAtHomeEndsTheWait() throws Exception {
    succeed(HOME, "anna");
    allTurns();
    var waiting = turn(HOME, "anna");
    long since = time.nanos();
    assertThat(waiting.meanwhile(() -> Optional.of(new Login("anna", "")))).isPresent();
    waiting.await();
    assertThat(time.nanos()).isEqualTo(since);
  }

  @Test
  void whoHadNoTurnHasNotFailed() {
    for (int i = 0; i < 20; i++) {
      var passage =
          new Guard.Passage(HOME, "anna", time.nanos(), Duration.ZERO, false, true, false);
      assertThat(guard.delay(passage)).isEqualTo(Guard.WHILE_BLOCKED);
      guard.failed(passage);
    }
    assertThat(guard.blocked(HOME, "anna")).isEmpty();
    assertThat(delay(HOME, "anna")).isZero();
  }

  /// So of many at once no more are looked at than would be one after the other.
  @Test
  void whoIsBlockedWhenHisTurnComesHasNone() {
    List<Guard.Turn> all = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      all.add(turn(STRANGE, "anna"));
    }
    fail(STRANGE, "anna", 10);
    time.advance(Duration.ofSeconds(1));
    long since = time.nanos();
    all.getFirst().over();
    var late = all.get(4).await();
    assertThat(late.crowded()).as("his turn came").isFalse();
    assertThat(late.blocked()).isTrue();
    assertThat(late.looked()).isFalse();
    assertThat(late.since()).as("when he said it").isEqualTo(since - 1_000_000_000L);
    assertThat(all.get(5).await().crowded()).as("it was left to him at once").isFalse();
    assertThat(time.nanos()).as("nobody waited in vain").isEqualTo(since);
  }

  /// Not when somebody else came, which would be seen by how long the block lasts.
  @Test
  void whoDidNotLogInHasFailedTenSecondsLaterWheneverThatIsSeen() {
    blockAfter = 1;
    failSoFar(STRANGE, "anna");
    time.advance(Duration.ofMinutes(10));
    assertThat(guard.blocked(STRANGE, "anna"))
        .contains(QUARTER.minus(Duration.ofMinutes(10)).plusSeconds(10));
    assertThat(guard.blocks().getFirst().until())
        .isEqualTo(((Event.LoginsBlocked) journal.events().getFirst()).until());

    failSoFar(HOME, "berta");
    time.advance(Duration.ofHours(1));
    assertThat(guard.blocked(HOME, "berta")).as("it is over long since").isEmpty();
    assertThat(journal.events()).as("nobody is told of that").hasSize(2);
  }

  @Test
  void whoDoesNotLogInHasFailedTenSecondsLater() {
    blockAfter = 1;
    failSoFar(STRANGE, "anna");
    time.advance(Duration.ofSeconds(9));
    assertThat(guard.standing(STRANGE, "anna").blocked()).isFalse();
    time.advance(Duration.ofSeconds(1));
    assertThat(guard.standing(STRANGE, "anna").blocked()).isTrue();
    assertThat(journal.events()).hasSize(2);
  }

  @Test
  void nothingThatCountsIsTakenBack() {
    var mine = failSoFar(STRANGE, "anna");
    failOnce(STRANGE, "berta");
    assertThat(delay(STRANGE, "carla")).isEqualTo(Duration.ofMillis(500));
    succeed(STRANGE, "anna", List.of(mine));
    assertThat(delay(STRANGE, "carla")).isEqualTo(Duration.ofMillis(500));
    time.advance(QUARTER);
    var late = failSoFar(STRANGE, "anna");
    time.advance(Duration.ofSeconds(10));
    succeed(STRANGE, "anna", List.of(late));
    assertThat(delay(STRANGE, "carla")).isEqualTo(Duration.ofMillis(250));
  }

  @Test
  void whatFailedForOthersOrElsewhereInTheSessionCounts() {
    var session = List.of(failSoFar(STRANGE, "berta"), failSoFar(HOME, "anna"));
    succeed(STRANGE, "anna", session); // A proxy speaks for one after the other.
    time.advance(Duration.ofSeconds(10));
    assertThat(delay(STRANGE, "carla")).isEqualTo(Duration.ofMillis(250));
    assertThat(delay(HOME, "carla")).isEqualTo(Duration.ofMillis(250));
  }

  @Test
  void aMechanismThatCountsLaterBuysOneGuessMore() {
    int guesses = 0;
    for (int i = 0; i < 100; i++) {
      if (guard.blocked(STRANGE, "user" + i).isEmpty()) {
        failSoFar(STRANGE, "user" + i);
        guesses++;
      }
    }
    assertThat(guesses).as("from one address").isEqualTo(11);
    guesses = 0;
    for (int i = 0; i < 1000; i++) {
      var address = Sample.address("10.1." + i / 250 + "." + i % 250);
      if (guard.blocked(address, "anna").isEmpty()) {
        failSoFar(address, "anna");
        guesses++;
      }
    }
    assertThat(guesses).as("at one user").isEqualTo(101);
  }

  @Test
  void whatNobodyCouldLookAtIsCountedDelayedAndBlockedLikeAllElse() {
    miss(STRANGE, "anna", 2);
    assertThat(delay(STRANGE, "anna")).isEqualTo(Duration.ofMillis(500));
    miss(STRANGE, "anna", 3);
    miss(STRANGE, "berta", 5);
    assertThat(guard.blocked(STRANGE, "carla")).contains(QUARTER);
    assertThat(guard.blocked(HOME, "anna")).isEmpty();
    assertThat(journal.events())
        .containsExactly(
            new Event.LoginsBlocked(STRANGE, null, 10, time.now().plus(QUARTER), true));
    time.advance(QUARTER);
    assertThat(guard.blocked(STRANGE, "carla")).isEmpty();
  }

  @Test
  void whatNobodyCouldLookAtIsForgottenWhenTheDirectoryAnswersAgain() {
    succeed(HOME, "anna");
    miss(HOME, "anna", 30);
    miss(HOME, "berta", 30);
    fail(STRANGE, "dora", 3);
    assertThat(guard.blocked(HOME, "anna")).isPresent();
    time.advance(Duration.ofSeconds(10));
    guard.passage(HOME, "anna");
    threads.forEach(Runnable::run);
    assertThat(guard.blocked(HOME, "anna")).as("it is down yet").isPresent();
    threads.clear();
    recover();
    for (String user : List.of("anna", "berta", "carla")) {
      assertThat(guard.blocked(HOME, user)).isEmpty();
      assertThat(delay(HOME, user)).isZero();
    }
    assertThat(guard.blocks()).isEmpty();
    assertThat(delay(STRANGE, "dora")).as("all else counts").isPositive();
  }

  @Test
  void outagesAreForgottenNoMoreOftenThanBlocksEnd() {
    int guesses = 0;
    for (int i = 0; i < 20; i++) {
      for (int j = 0; j < 20; j++) {
        if (guard.blocked(STRANGE, "anna").isEmpty()) {
          miss(STRANGE, "anna", 1);
          guesses++;
        }
      }
      recover();
    }
    assertThat(guesses).isEqualTo(20);
  }

  @Test
  void whoIsAtHomeIsSparedInAnOutageAsOftenAsEver() {
    succeed(HOME, "anna");
    miss(HOME, "berta", 5);
    miss(HOME, "carla", 5);
    int guesses = 0;
    for (int i = 0; i < 100; i++) {
      var passage = guard.passage(HOME, "anna");
      guesses += passage.looked() ? 1 : 0;
      guard.unanswered(passage);
    }
    assertThat(guesses).isEqualTo(10);
    recover();
    assertThat(guard.standing(HOME, "anna").blocked()).isFalse();
  }

  @Test
  void whatFailsInABlockOfAnOutageIsForgottenWithIt() {
    miss(HOME, "berta", 5);
    miss(HOME, "carla", 5);
    fail(HOME, "anna", 30);
    recover();
    assertThat(guard.standing(HOME, "anna").blocked()).isFalse();
  }

  @Test
  void eachFailureIsAnsweredLaterThanTheOneBefore() {
    assertThat(delay(STRANGE, "anna")).isEqualTo(Duration.ZERO);
    failOnce(STRANGE, "anna");
    assertThat(delay(STRANGE, "anna")).isEqualTo(Duration.ofMillis(250));
    failOnce(STRANGE, "anna");
    assertThat(delay(STRANGE, "anna")).isEqualTo(Duration.ofMillis(500));
    assertThat(delay(STRANGE, "berta")).isEqualTo(Duration.ofMillis(500));
    fail(STRANGE, "anna", 7);
    assertThat(delay(STRANGE, "anna")).isEqualTo(Duration.ofSeconds(8));
    assertThat(delay(STRANGE, "berta")).as("one name counts half").isEqualTo(Duration.ofSeconds(4));
    assertThat(delay(HOME, "anna")).isEqualTo(Duration.ZERO);
  }

  @Test
  void anAddressThatGuessesIsBlockedForAWhileWhateverNamesItTries() {
    for (int i = 0; i < 9; i++) {
      failOnce(STRANGE, "user" + i);
    }
    assertThat(guard.blocked(STRANGE, "anna")).isEmpty();
    failOnce(STRANGE, "user9");

    assertThat(guard.blocked(STRANGE, "anna")).contains(QUARTER);
    assertThat(guard.blocked(HOME, "user9")).isEmpty();
    assertThat(journal.events())
        .containsExactly(
            new Event.LoginsBlocked(STRANGE, null, 10, time.now().plus(QUARTER), false));
    time.advance(QUARTER);
    assertThat(guard.blocked(STRANGE, "anna")).isEmpty();
    assertThat(delay(STRANGE, "anna")).isEqualTo(Duration.ZERO);
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
    failOnce(STRANGE, "anna");
    failOnce(STRANGE, "anna");
    assertThat(guard.blocked(STRANGE, "anna")).isPresent();
    assertThat(journal.events()).hasSize(1);
  }

  @Test
  void allAddressesOfOneNetworkOfIpv6AreOne() {
    for (int i = 1; i <= 10; i++) {
      failOnce(Sample.address("2001:db8:1:2::" + i), "user" + i);
    }
    assertThat(guard.blocked(Sample.address("2001:db8:1:2:ffff::1"), "berta")).isPresent();
    assertThat(guard.blocked(Sample.address("2001:db8:1:3::1"), "berta")).isEmpty();
  }

  @Test
  void aStrangerCannotLockAUserOutFromWhereHeIsAtHome() {
    succeed(HOME, "anna");
    guessFromEverywhere("Anna");

    assertThat(guard.blocked(STRANGE, "anna")).isPresent();
    assertThat(guard.blocked(HOME, "anna")).isEmpty();
    assertThat(journal.events())
        .containsExactly(
            new Event.LoginsBlocked(null, "Anna", 100, time.now().plus(QUARTER), false));
  }

  @Test
  void aUserWhoIsGuessedFromManyAddressesHasAHundredGuessesAgainstHimInAQuarterOfAnHour() {
    int guesses = 0;
    for (int i = 0; i < 5000; i++) {
      var address = Sample.address("10.1." + i / 250 + "." + i % 250);
      if (guard.blocked(address, "anna").isEmpty()) {
        failOnce(address, "anna");
        guesses++;
      }
    }
    assertThat(guesses).isEqualTo(100);
  }

  @Test
  void whoGuessesBehindTheSameAddressDoesNotBlockThoseWhoAreAtHomeThere() {
    succeed(HOME, "anna");
    fail(HOME, "berta", 5);
    fail(HOME, "dora", 5);

    assertThat(guard.blocked(HOME, "berta")).isPresent();
    assertThat(guard.blocked(HOME, "carla")).isPresent();
    assertThat(guard.blocked(HOME, "anna")).isEmpty();
  }

  @Test
  void oneNameAloneDoesNotBlockAnAddress() {
    fail(HOME, "anna", 100);

    assertThat(guard.blocked(HOME, "anna")).contains(QUARTER);
    assertThat(guard.blocked(HOME, "berta")).isEmpty();
    assertThat(guard.blocked(STRANGE, "anna")).isEmpty();
    assertThat(journal.events())
        .containsExactly(
            new Event.LoginsBlocked(HOME, "anna", 10, time.now().plus(QUARTER), false));
  }

  @Test
  void whereASingleFailureIsTooManyItBlocksTheAddress() {
    blockAfter = 1;
    failOnce(HOME, "anna");
    assertThat(guard.blocked(HOME, "berta")).isPresent();
  }

  @Test
  void anOldPasswordInADeviceAtHomeBlocksOnlyThatUserThere() {
    succeed(HOME, "anna");
    fail(HOME, "anna", 10);

    assertThat(guard.blocked(HOME, "anna")).contains(QUARTER);
    assertThat(guard.blocked(HOME, "berta")).isEmpty();
    assertThat(guard.blocked(STRANGE, "anna")).isEmpty();
  }

  @Test
  void whoLogsInAtHomeIsNotBlockedThereByAnOldPasswordInADevice() {
    for (int i = 0; i < 5; i++) {
      succeed(HOME, "anna");
      fail(HOME, "anna", 9);
    }
    assertThat(guard.standing(HOME, "anna").blocked()).as("what others see").isTrue();
    assertThat(guard.blocked(HOME, "anna")).isEmpty();
    failOnce(HOME, "anna");
    assertThat(guard.blocked(HOME, "anna")).contains(QUARTER);
  }

  @Test
  void whileAnAddressIsBlockedAUserAtHomeCanBeGuessedAsOftenAsBefore() {
    succeed(HOME, "anna");
    fail(HOME, "berta", 5);
    fail(HOME, "carla", 5);
    int guesses = 0;
    for (int i = 0; i < 1000; i++) {
      var passage = guard.passage(HOME, "anna");
      guesses += passage.looked() ? 1 : 0;
      guard.failed(passage);
    }
    assertThat(guesses).isEqualTo(10);
  }

  @Test
  void ofManyLoginsAtTheSameMomentNoMoreAreLookedAtWhileThereIsABlock() {
    succeed(HOME, "anna");
    fail(HOME, "berta", 5);
    fail(HOME, "carla", 5);
    List<Guard.Passage> all = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      all.add(guard.passage(HOME, "anna"));
    }
    assertThat(all.stream().filter(Guard.Passage::looked)).hasSize(10);
    guard.succeeded(all.getFirst(), new Login("anna", "main"), List.of());
    assertThat(guard.passage(HOME, "anna").looked()).isTrue();
  }

  @Test
  void whileThereIsABlockEachAnswerTakesAsLong() {
    fail(HOME, "berta", 5);
    fail(HOME, "carla", 5);
    assertThat(delay(HOME, "anna")).isEqualTo(Duration.ofSeconds(8));
    guessFromEverywhere("dora");
    assertThat(delay(Sample.address("192.0.2.1"), "dora")).isEqualTo(Duration.ofSeconds(8));
    assertThat(delay(Sample.address("192.0.2.1"), "emma")).isZero();
  }

  @Test
  void whatFailsWhileThereIsABlockCountsForThatUserThereAlone() {
    fail(STRANGE, "berta", 5);
    fail(STRANGE, "carla", 5);
    for (int i = 0; i < 500; i++) {
      failOnce(STRANGE, "anna");
    }
    assertThat(guard.blocked(HOME, "anna")).isEmpty();
    time.advance(QUARTER);
    assertThat(guard.blocked(STRANGE, "berta")).isEmpty();
    assertThat(delay(STRANGE, "dora")).isZero();
  }

  @Test
  void anOwnAccountDoesNotBuyMoreGuesses() {
    int guesses = 0;
    for (int i = 0; i < 1000; i++) {
      succeed(STRANGE, "mallory", List.of(failSoFar(STRANGE, "mallory")));
      if (guard.blocked(STRANGE, "anna").isEmpty()) {
        failOnce(STRANGE, "anna");
        guesses++;
      }
      if (guard.blocked(STRANGE, "berta").isEmpty()) {
        failOnce(STRANGE, "berta");
        guesses++;
      }
    }
    assertThat(guesses).as("ten for one name, and what the address had left").isLessThan(16);
  }

  @Test
  void nothingTellsAUserWhoExistsFromOneWhoDoesNot() {
    fail(STRANGE, "anna", 3);
    fail(HOME, "nobody", 3);
    assertThat(delay(STRANGE, "anna")).isEqualTo(delay(HOME, "nobody"));
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
    failOnce(STRANGE, "x".repeat(1_000_000));
    assertThat(delay(STRANGE, "x".repeat(999_999))).isPositive();
  }
}
