package dev.poststation.message;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MailDateTest {
  private static final DateTimeFormatter REFERENCE =
      DateTimeFormatter.ofPattern("EEE, d MMM yyyy HH:mm:ss Z", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  @Test
  void looksAsMailWantsIt() {
    assertThat(new MailDate().of(Instant.parse("2026-11-04T04:01:09.999Z")))
        .isEqualTo("Wed, 4 Nov 2026 04:01:09 +0000");
  }

  @Test
  void everyMomentIsRightAlsoRightAfterAnother() {
    var dates = new MailDate();
    var random = new Random(3);
    for (int i = 0; i < 2000; i++) {
      var when = Instant.ofEpochMilli(random.nextLong(0, 4_000_000_000_000L));
      assertThat(dates.of(when)).isEqualTo(REFERENCE.format(when));
      assertThat(dates.of(when.plusMillis(1))).isEqualTo(REFERENCE.format(when.plusMillis(1)));
    }
  }
}
