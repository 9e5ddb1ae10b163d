package dev.poststation.ldap;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Objects;
import org.junit.jupiter.api.Test;

class RecentTest {
  @Test
  void ofMoreNamesThanFitTheOneThatWasNotAskedForLongestIsForgotten() {
    var recent = new Recent<Integer>();
    for (int i = 0; i < 10_000; i++) {
      recent.put("u" + i, i, i);
    }
    assertThat(Objects.requireNonNull(recent.get("u0")).value()).isZero();
    recent.put("one more", 1, 1);
    assertThat(recent.size()).isEqualTo(10_000);
    assertThat(recent.get("u1")).isNull();
    assertThat(recent.get("u0")).isNotNull();
  }
}
