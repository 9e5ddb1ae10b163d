package dev.poststation.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.message.Envelope;
import dev.poststation.message.Recipient;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.Capabilities;
import dev.poststation.smtp.DsnNotify;
import dev.poststation.smtp.Reply;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What a next hop hears of the time by which a mail is to be delivered (RFC 2852 4.1.4).
class CountdownTest {
  private static final Instant NOW = Instant.parse("2026-11-24T04:11:00.400Z");

  private static Capabilities can(String offer) {
    return Capabilities.of(new Reply(250, null, List.of("mx", offer)));
  }

  private static Countdown left(String seconds, String mode, boolean last) {
    var at = NOW.plusMillis((long) (Double.parseDouble(seconds) * 1000));
    var deadline = new Envelope.Deadline(at, mode.startsWith("R"), mode.endsWith("T"));
    return new Countdown(deadline, NOW, last);
  }

  @ParameterizedTest
  @CsvSource({
    // left, mode, offered, what MAIL says, or why it cannot go
    "90,          R,  DELIVERBY,       ' BY=90;R'",
    "89.9,        RT, DELIVERBY,       ' BY=89;RT'",
    "30,          R,  DELIVERBY 30,    ' BY=30;R'",
    "30,          R,  'DELIVERBY 31',  5.4.7",
    "30,          R,  'DELIVERBY 31,X', 5.4.7",
    "30,          N,  'DELIVERBY 31',  ' BY=30;N'",
    "0.9,         R,  DELIVERBY,       5.4.7",
    "0.9,         N,  DELIVERBY,       ' BY=0;N'",
    "-90.5,       NT, DELIVERBY,       ' BY=-91;NT'",
    "99999999999, N,  DELIVERBY,       ' BY=999999999;N'",
    "90,          R,  DSN,             5.3.3",
    "90,          N,  DSN,             ''",
  })
  void whatIsLeftIsSaid(String seconds, String mode, String offer, String result) {
    var countdown = left(seconds, mode, false);
    var objection = countdown.objection(can(offer), "mx[192.0.2.1]:25");
    assertThat(
            objection.map(why -> why.status().toString()).orElse(countdown.parameter(can(offer))))
        .isEqualTo(result);
  }

  @Test
  void mailboxesNeedNotKnowOfTheTimeButAreNotReachedTooLate() {
    assertThat(left("90", "R", true).objection(can("DSN"), "mailboxes")).isEmpty();
    assertThat(left("-1", "R", true).objection(can("DSN"), "mailboxes")).isPresent();
  }

  @ParameterizedTest
  @CsvSource({
    // asked for, offered, mode, what the next hop is asked for
    "'',              DSN,       N, 'FAILURE,DELAY'",
    "'SUCCESS',       DSN,       N, 'SUCCESS,DELAY'",
    "'NEVER',         DSN,       N, 'NEVER'",
    "'',              DELIVERBY, N, ''",
    "'',              DSN,       R, ''",
  })
  void whoDoesNotMindTheTimeIsAskedToTellOfDelays(
      String asked, String offer, String mode, String result) {
    assertThat(left("90", mode, false).notifyOn(recipient(asked), can(offer)))
        .containsExactlyInAnyOrderElementsOf(wishes(result));
  }

  @Test
  void aMailWithoutATimeIsSentAsEver() {
    var none = new Countdown(null, NOW, false);
    assertThat(none.objection(can("DSN"), "mx")).isEmpty();
    assertThat(none.parameter(can("DELIVERBY"))).isEmpty();
    assertThat(none.notifyOn(recipient(""), can("DSN"))).isEmpty();
  }

  private static Recipient recipient(String asked) {
    return new Recipient(0, new Address("bob", "example.net"), wishes(asked), null);
  }

  private static Set<DsnNotify> wishes(String text) {
    return text.isEmpty()
        ? Set.of()
        : Set.copyOf(List.of(text.split(",", -1)).stream().map(DsnNotify::valueOf).toList());
  }
}
