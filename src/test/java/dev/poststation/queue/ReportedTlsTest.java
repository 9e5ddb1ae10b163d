package dev.poststation.queue;

import static dev.poststation.sim.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.tlsrpt.AppliedPolicy;
import dev.poststation.tlsrpt.TlsSession;
import java.util.List;
import org.junit.jupiter.api.Test;

/// To which domains a session counts, for reports about TLS (RFC 8460).
class ReportedTlsTest {
  private static final TlsSession GOOD = new TlsSession("", AppliedPolicy.NONE, null);

  private static Scenario toOneHost() {
    var scenario = new Scenario();
    scenario.routes = _ -> List.of("mx");
    scenario.connectors = name -> Scenario.connector(name, 25, 1);
    scenario.sessions = List.of(GOOD);
    return scenario;
  }

  private static void delivered(Scenario scenario, String to) {
    var id = scenario.accept("lan", to);
    eventually("delivered", () -> scenario.removed(id));
  }

  @Test
  void aConnectionThatCarriesMailForSeveralDomainsCountsOnceForEach() {
    try (var scenario = toOneHost()) {
      delivered(scenario, "anna@one.example");
      delivered(scenario, "ben@one.example");
      delivered(scenario, "carl@two.example");
      delivered(scenario, "dora@one.example");
      delivered(scenario, "emil@two.example");
      assertThat(scenario.opened.get("mx").get()).as("connections").isEqualTo(1);
      assertThat(scenario.reported).containsExactly("one.example", "two.example");
    }
  }

  @Test
  void aHostThatIsToBeReportedWithoutAConnectionCountsForTheMailThatItWasCalledFor() {
    try (var scenario = toOneHost()) {
      scenario.down.add("mx");
      var id = scenario.accept("lan", "anna@one.example");
      eventually("set aside", () -> "parked".equals(scenario.place(id)));
      assertThat(scenario.reported).containsOnly("one.example");
      assertThat(scenario.reported).hasSize(scenario.opened.get("mx").get());
    }
  }

  @Test
  void whereThereIsNothingToReportNobodyIsTold() {
    try (var scenario = toOneHost()) {
      scenario.sessions = List.of();
      delivered(scenario, "anna@one.example");
      assertThat(scenario.reported).isEmpty();
    }
  }
}
