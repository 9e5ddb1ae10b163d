package dev.poststation.message;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HoldReasonTest {
  private static final Hold FOUND = Hold.by("on-found", "clamd found Eicar");
  private static final Hold OPEN = Hold.by("on-missing", "unencrypted: there is no key");

  @Test
  void ofTwoTheFirstCountsUnlessSomebodyHasToAnswerForTheSecond() {
    var sender = Hold.otherwise("senders of client rule x");
    assertThat(Hold.of(sender, FOUND)).isEqualTo(sender);
    assertThat(Hold.of(OPEN, sender)).isEqualTo(OPEN);
    assertThat(Hold.of(null, FOUND)).isEqualTo(FOUND);
    assertThat(Hold.of(FOUND, null)).isEqualTo(FOUND);
    assertThat(Hold.of(null, null)).isNull();
    var both = Hold.of(FOUND, OPEN);
    assertThat(both.setting()).isEqualTo("on-missing");
    assertThat(both.unencrypted()).isTrue();
    assertThat(both.reason())
        .isEqualTo(
            "on-missing = hold: unencrypted: there is no key; also on-found = hold: clamd found"
                + " Eicar");
  }

  @Test
  void theQueueHasTheRuleAndTheLogTheSettingToo() {
    assertThat(Hold.otherwise("senders of x").reason()).isEqualTo("senders of x");
    assertThat(Hold.otherwise("senders of x").order()).isEqualTo("otherwise = hold: senders of x");
    assertThat(Hold.profile("profile = hold of x: odd").order())
        .isEqualTo("profile = hold of x: odd");
    assertThat(FOUND.order()).isEqualTo(FOUND.reason());
  }
}
