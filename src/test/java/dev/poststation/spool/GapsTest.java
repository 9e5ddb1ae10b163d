package dev.poststation.spool;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import org.junit.jupiter.api.Test;

class GapsTest {
  @Test
  void whatLiesBetweenTwoGapsIsFound() throws Exception {
    Gaps.Probe readable = position -> !within(position, 100, 120) && !within(position, 500, 520);
    assertThat(behind(100, readable)).isEqualTo(121);
    assertThat(behind(500, readable)).isEqualTo(521);
  }

  @Test
  void aGapMayReachToTheEnd() throws Exception {
    assertThat(behind(100, _ -> false)).isEqualTo(940);
  }

  private static int behind(int bad, Gaps.Probe readable) throws Exception {
    return Gaps.behindGap(BigInteger.valueOf(bad), BigInteger.valueOf(940), readable).intValue();
  }

  private static boolean within(BigInteger position, int first, int last) {
    return position.intValue() >= first && position.intValue() <= last;
  }
}
