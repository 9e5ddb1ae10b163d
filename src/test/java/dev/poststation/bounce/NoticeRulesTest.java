package dev.poststation.bounce;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.bounce.NoticeRequest.Kind;
import dev.poststation.bounce.NoticeRules.Decision;
import dev.poststation.message.Envelope;
import dev.poststation.message.Outcome;
import dev.poststation.message.Recipient;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.DsnNotify;
import dev.poststation.smtp.Reply;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class NoticeRulesTest {
  private static Decision decide(Address sender, Set<DsnNotify> wishes, Kind kind, boolean dsn) {
    var outcome = kind == Kind.RELAYED ? Asked.delivered(dsn) : Asked.REFUSED;
    return decide(
        new Asked().kind(kind).sender(sender.local(), sender.domain()), wishes, kind, outcome);
  }

  private static Decision decide(Asked about, Set<DsnNotify> wishes, Kind kind, Outcome outcome) {
    var envelope = about.request().about().envelope();
    return NoticeRules.decide(envelope, new Recipient(0, Asked.BERT, wishes, null), kind, outcome);
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

  /// RFC 2852 4.1.4 and 4.1.4.2.
  @ParameterizedTest
  @CsvSource({
    // NOTIFY, BY, whether the next hop minds the time, told
    "-,       N,  no,  yes",
    "FAILURE, N,  no,  yes",
    "NEVER,   N,  no,  no",
    "-,       N,  yes, no",
    "-,       NT, yes, yes",
    "DELAY,   RT, yes, yes",
    "NEVER,   RT, yes, no",
    "-,       R,  yes, no",
  })
  void theSenderOfAMailThatIsToBeDeliveredByATimeIsToldWhereItIsHandedOn(
      String notify, String mode, String minds, String told) {
    boolean returns = mode.startsWith("R");
    var deadline = new Envelope.Deadline(Instant.EPOCH, returns, mode.endsWith("T"));
    var reply = Reply.of(250, "2.0.0", "Ok");
    var outcome = new Outcome.Delivered(reply, null, true, minds.equals("yes"));
    var decision = decide(new Asked().deadline(deadline), wishes(notify), Kind.RELAYED, outcome);
    assertThat(decision instanceof Decision.Tell).isEqualTo(told.equals("yes"));
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
