package dev.poststation.bounce;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.bounce.NoticeRequest.Kind;
import dev.poststation.bounce.NoticeRules.Decision;
import dev.poststation.message.Recipient;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.DsnNotify;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class NoticeRulesTest {
  private static Decision decide(Address sender, Set<DsnNotify> wishes, Kind kind, boolean dsn) {
    var outcome = kind == Kind.RELAYED ? Asked.delivered(dsn) : Asked.REFUSED;
    return NoticeRules.decide(sender, new Recipient(0, Asked.BERT, wishes, null), kind, outcome);
  }

  private static Set<DsnNotify> wishes(String text) {
    var wishes = EnumSet.noneOf(DsnNotify.class);
    for (var word : text.split("\\+", -1)) {
      if (!word.equals("-")) {
        wishes.add(DsnNotify.valueOf(word));
      }
    }
    return wishes;
  }

  @ParameterizedTest
  @CsvSource({
    // NOTIFY, what became of it, told, a failure stays untold
    "-,                     FAILED,  yes, no",
    "-,                     EXPIRED, yes, no",
    "-,                     DELAYED, yes, no",
    "-,                     RELAYED, no,  no",
    "NEVER,                 FAILED,  no,  yes",
    "NEVER,                 EXPIRED, no,  yes",
    "NEVER,                 DELAYED, no,  no",
    "NEVER,                 RELAYED, no,  no",
    "FAILURE,               FAILED,  yes, no",
    "FAILURE,               EXPIRED, yes, no",
    "FAILURE,               DELAYED, no,  no",
    "FAILURE,               RELAYED, no,  no",
    "DELAY,                 FAILED,  no,  yes",
    "DELAY,                 DELAYED, yes, no",
    "SUCCESS,               FAILED,  no,  yes",
    "SUCCESS,               EXPIRED, no,  yes",
    "SUCCESS,               DELAYED, no,  no",
    "SUCCESS,               RELAYED, yes, no",
    "SUCCESS+FAILURE,       FAILED,  yes, no",
    "SUCCESS+FAILURE,       RELAYED, yes, no",
    "SUCCESS+FAILURE+DELAY, DELAYED, yes, no",
  })
  void theSenderIsToldWhatItAskedFor(String notify, Kind kind, String told, String lost) {
    var decision = decide(Asked.ANNA, wishes(notify), kind, false);
    switch (decision) {
      case Decision.Tell _ -> assertThat(told).isEqualTo("yes");
      case Decision.Silent silent -> {
        assertThat(told).isEqualTo("no");
        assertThat(silent.lost()).isEqualTo(lost.equals("yes"));
        assertThat(silent.why()).isNotEmpty();
      }
    }
  }

  @Test
  void nobodyIsToldOfWhatTheNextHopWillTell() {
    assertThat(decide(Asked.ANNA, Set.of(DsnNotify.SUCCESS), Kind.RELAYED, true))
        .isEqualTo(new Decision.Silent("the next hop will tell", false));
  }

  @Test
  void theNullSenderIsNeverToldButTheLossIsKnown() {
    for (var kind : Kind.values()) {
      for (var wish : DsnNotify.values()) {
        assertThat(decide(Address.NULL, Set.of(wish), kind, false))
            .isEqualTo(
                new Decision.Silent(
                    "the sender is null: nobody to tell",
                    kind == Kind.FAILED || kind == Kind.EXPIRED));
      }
    }
  }
}
