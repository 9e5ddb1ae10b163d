package dev.poststation.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Of which clients it is told that what they send is not signed.
final class UnsignedClientsTest {
  private static final String PRINTERS =
      "networks = [\"10.1.0.0/16\"], recipients = [\"example.com\"], senders ="
          + " [\"scan@example.com\"]";

  private static List<String> problems(String client, String service) {
    return new Bench()
            .problems(
                """
                clients = [ { name = printers, %s } ]
                listeners { relay { bind = "0.0.0.0:25" }, back { bind = "10.0.0.1:10026" } }
                connectors { provider { hosts = ["smtp.provider.example:587"] } }
                routes = [ { via = [provider] } ]
                dkim { "example.com" { } }
                smime { password = "env:SECRET" }
                own-domains = ["example.com"]
                content = [ { %s } ]
                """
                    .formatted(client, service))
            .stream()
            .filter(each -> each.contains("write header-senders"))
            .toList();
  }

  @Test
  void ofAPrinterThatWasSignedItIsToldThatItIsNotAnyMore() {
    assertThat(problems(PRINTERS, "use = dkim-sign"))
        .containsExactly(
            "poststation.conf:1: warning: client \"printers\" may write only to its recipients, and"
                + " nobody looks at its From: what it sends is not signed by dkim-sign; write"
                + " header-senders in it; or, if this is mail from outside, for { client = [the"
                + " others] } there");
    assertThat(problems(PRINTERS, "use = smime-sign, policy = always"))
        .singleElement()
        .asString()
        .contains("is not signed by smime-sign, and refused (550) where it must be; ");
    assertThat(problems(PRINTERS, "use = smime-sign"))
        .singleElement()
        .asString()
        .contains("is not signed by smime-sign; ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "networks = [\"10.1.0.0/16\"]",
        PRINTERS + ", header-senders = [\"scan@example.com\"]",
        "users = [\"*\"], recipients = [\"example.com\"]",
        "networks = [\"0.0.0.0/0\"], open-relay = allowed, recipients = [\"example.com\"]",
        PRINTERS + ", listeners = [relay]",
      })
  void ofOthersNothingIsTold(String client) {
    assertThat(problems(client, "use = dkim-sign, for { listener = [back] }")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "use = dkim-sign, for { user = [\"*\"] }",
        "use = dkim-sign, for { direction = [outbound] }",
        "use = header, add = [\"X-A: b\"]",
      })
  void norWhereNoServiceThatSignsIsMeantForThem(String service) {
    assertThat(problems(PRINTERS, service)).isEmpty();
  }
}
