package dev.poststation.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// That the judge of the campaigns condemns what must be condemned.
final class LedgerTest {
  private static final Instant CRASH = Instant.parse("2026-11-29T12:00:00Z");

  private final Ledger ledger = new Ledger();

  private void crash(int inFlight) {
    ledger.crash(new Ledger.Crash(CRASH, CRASH.plusSeconds(2), inFlight));
  }

  private void arrived(String token, double... seconds) {
    for (double after : seconds) {
      ledger.arrived(new Ledger.Arrival(token, CRASH.plusMillis((long) (after * 1000))));
    }
  }

  @Test
  void whatWasAcknowledgedAndDidNotArriveIsMissing() {
    arrived("a", 1);
    assertThat(ledger.missing(Set.of("a", "b"))).containsExactly("b");
  }

  @Test
  void aSettlementOfTheLastSecondExcusesADuplicate() {
    crash(0);
    arrived("a", -0.9, 5);
    arrived("b", -3);
    assertThat(ledger.duplicates()).isEqualTo(1);
    assertThat(ledger.bound()).isEqualTo(1);
    assertThat(ledger.excess()).isEmpty();
  }

  @Test
  void anEarlierOneDoesNot() {
    crash(0);
    arrived("a", -1.1, 5);
    assertThat(ledger.excess()).singleElement().asString().startsWith("1 duplicates, 0 excused");
  }

  @Test
  void anAttemptInFlightExcusesOne() {
    crash(1);
    arrived("a", -1.1, 5);
    assertThat(ledger.excess()).isEmpty();
    arrived("b", -1.1, 5);
    assertThat(ledger.excess()).hasSize(1);
  }

  @Test
  void eachCrashExcusesItsOwnOnly() {
    crash(0);
    ledger.crash(new Ledger.Crash(CRASH.plusSeconds(60), CRASH.plusSeconds(62), 5));
    arrived("a", -5, 3);
    assertThat(ledger.excess()).hasSize(1);
  }

  @Test
  void aDuplicateWithoutACrashIsNotExcused() {
    crash(100);
    arrived("a", 3, 4);
    assertThat(ledger.excess()).containsExactly("a came again without a crash");
  }
}
