package dev.poststation.intake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.ClientConditions;
import dev.poststation.config.ClientRule;
import dev.poststation.config.ClientTerms;
import dev.poststation.config.HeaderPattern;
import dev.poststation.config.Origin;
import dev.poststation.config.Precedence;
import dev.poststation.config.Precedence.Urgency;
import dev.poststation.message.Priority;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// `priority` and `bulk` of an entry of `clients`.
class RankingTest {
  private static final List<HeaderPattern> HEADERS =
      List.of(new HeaderPattern("precedence", "bulk"), new HeaderPattern("list-id", ""));
  private static final String NEWS = "List-Id: <news.example.com>\r\nSubject: x\r\n\r\n";
  private static final String LETTER =
      "Subject: x\r\nPrecedence: first-class\r\n\r\nList-Id: x\r\n";

  private Optional<String> why = Optional.empty();

  private int ranked(Urgency urgency, int most, String mail, int recipients) {
    return ranked(urgency, most, mail, recipients, 0);
  }

  private int ranked(Urgency urgency, int most, String mail, int recipients, int asked) {
    var rule =
        new ClientRule(
            "erp",
            ClientConditions.networks(List.of()),
            ClientTerms.FREE,
            ClientRule.BareNewlines.REFUSE,
            false,
            Set.of(),
            false,
            true,
            false,
            new Precedence(urgency, HEADERS, most),
            "",
            ClientRule.Profile.OFF,
            List.of(),
            "",
            "",
            new Origin("poststation.conf:3"));
    var ranking = new Ranking(rule, asked);
    byte[] octets = mail.getBytes(StandardCharsets.US_ASCII);
    ranking.feed(octets, 0, octets.length);
    why = ranking.judge(recipients);
    return ranking.priority();
  }

  @Test
  void aFieldOfTheHeaderMarksBulk() {
    assertThat(ranked(Urgency.NORMAL, 100, NEWS, 1)).isEqualTo(Priority.BULK);
    assertThat(why)
        .contains(
            "bulk: header field list-id, by bulk of client rule \"erp\" (poststation.conf:3)");
    assertThat(ranked(Urgency.NORMAL, 100, "precedence: BULK\r\n\r\n", 1)).isEqualTo(Priority.BULK);
    assertThat(ranked(Urgency.NORMAL, 100, LETTER, 1)).isEqualTo(Priority.NORMAL);
    assertThat(why).isEmpty();
  }

  @Test
  void manyRecipientsMakeAMailBulk() {
    assertThat(ranked(Urgency.NORMAL, 100, LETTER, 100)).isEqualTo(Priority.NORMAL);
    assertThat(ranked(Urgency.NORMAL, 100, LETTER, 101)).isEqualTo(Priority.BULK);
    assertThat(why.orElseThrow()).startsWith("bulk: 101 recipients, by bulk");
    assertThat(ranked(Urgency.NORMAL, 0, LETTER, 10_000)).isEqualTo(Priority.NORMAL);
  }

  /// Programs that send alarms mark them as bulk so that nobody's holiday answers.
  @Test
  void whatTheEntrySaysOfAllItsMailComesFirst() {
    assertThat(ranked(Urgency.URGENT, 100, NEWS, 500)).isEqualTo(Priority.URGENT);
    assertThat(why.orElseThrow()).startsWith("priority 4, by priority of client rule");
    assertThat(ranked(Urgency.BULK, 100, LETTER, 1)).isEqualTo(Priority.BULK);
  }

  /// MT-PRIORITY (RFC 6710), which the session says in the trace.
  @Test
  void whatTheMailItselfAsksForComesBeforeAll() {
    assertThat(ranked(Urgency.URGENT, 100, NEWS, 500, -2)).isEqualTo(-2);
    assertThat(why).isEmpty();
    assertThat(ranked(Urgency.BULK, 0, LETTER, 1, 3)).isEqualTo(3);
  }
}
