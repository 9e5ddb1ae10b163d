package dev.poststation.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// How a destination is, in words.
class StatusCommandTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '%',
      value = {
        "%%                                                | works",
        "\"mailWaits\":\"451 later\"                       | some mail waits, the last: 451 later",
        "\"deferredInARow\":1,\"lastDeferral\":\"421 down\" | deferred the last mail: 421 down",
        "\"deferredInARow\":2,\"lastDeferral\":\"421 down\" | deferred 2 mails in a row, the last:"
            + " 421 down",
        "\"deferredInARow\":20,\"lastDeferral\":\"x\"       | deferred 20 mails or more in a row,"
            + " the last: x",
        "\"reason\":\"refused\",\"mailWaits\":\"refused\"   | to be tried again: refused",
        "\"setAsideUntil\":\"2026-11-24T10:01:00Z\",\"reason\":\"refused\" | tried again in 1 m 0"
            + " s: refused"
      })
  void aDestinationWorksOrItIsSaidWhatIsTheMatter(String json, String state) throws Exception {
    var destination = new ObjectMapper().readTree("{" + json + "}");

    assertThat(StatusCommand.state(destination, Instant.parse("2026-11-24T10:00:00Z")))
        .isEqualTo(state);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "2026-12-24T12:00:00Z | expires in 30 d 2 h",
        "2026-11-24T10:00:00Z | expired 0 s ago",
        "2026-11-20T10:00:00Z | expired 4 d 0 h ago"
      })
  void aCertificateExpiresInTime(String expires, String said) throws Exception {
    var certificate =
        new ObjectMapper()
            .readTree(
                "{\"file\":\"/etc/chain.pem\",\"names\":[\"a.example\",\"b.example\"],"
                    + "\"expires\":\""
                    + expires
                    + "\"}");
    assertThat(StatusCommand.certificate(certificate, Instant.parse("2026-11-24T10:00:00Z")))
        .isEqualTo("certificate of a.example, b.example (/etc/chain.pem): " + said);
  }
}
