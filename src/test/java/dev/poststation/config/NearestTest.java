package dev.poststation.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class NearestTest {
  @Test
  void slipsAreUnderstood() {
    var keys = List.of("retry", "lifetime", "warn-after", "message-size", "sessions-per-client");
    assertThat(Nearest.to("retires", keys)).contains("retry");
    assertThat(Nearest.to("lifetiem", keys)).contains("lifetime");
    assertThat(Nearest.to("warnAfter", keys)).contains("warn-after");
    assertThat(Nearest.to("message_size", keys)).contains("message-size");
    assertThat(Nearest.to("warn", keys)).contains("warn-after");
  }

  @Test
  void whatIsLikeNothingGetsNoGuess() {
    assertThat(Nearest.to("zzz", List.of("retry", "lifetime"))).isEmpty();
    assertThat(Nearest.to("x", List.of())).isEmpty();
  }
}
