package dev.poststation.spool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.message.QueueId;
import java.time.Instant;
import java.util.Arrays;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;

class KeysTest {
  private static final long LATEST = Long.MAX_VALUE;

  @Property
  void deferredKeysSortByTimeAndThenById(
      @ForAll @LongRange(min = 0) long time,
      @ForAll @LongRange(min = 0) long id,
      @ForAll @LongRange(min = 0) long otherTime,
      @ForAll @LongRange(min = 0) long otherId) {
    byte[] key = Keys.deferred(Keys.instant(time), id);
    byte[] other = Keys.deferred(Keys.instant(otherTime), otherId);
    int expected = time == otherTime ? Long.compare(id, otherId) : Long.compare(time, otherTime);
    assertThat(Integer.signum(Arrays.compareUnsigned(key, other))).isEqualTo(expected);
    assertThat(Keys.idAtEnd(key)).isEqualTo(new QueueId(id));
    assertThat(Keys.longAt(key, 1)).isEqualTo(time);
  }

  @Property
  void aParkedKeyTellsItsDestinationAndId(
      @ForAll String text, @ForAll @LongRange(min = 0) long id) {
    // Unpaired surrogates do not come out of UTF-8.
    String name =
        new String(
            text.getBytes(java.nio.charset.StandardCharsets.UTF_8),
            java.nio.charset.StandardCharsets.UTF_8);
    byte[] key = Keys.parked(name, id);
    assertThat(Keys.parkedDestination(key)).isEqualTo(name);
    assertThat(Keys.idAtEnd(key)).isEqualTo(new QueueId(id));
    assertThat(Arrays.compareUnsigned(key, Keys.behind(Keys.parkedPrefix(name)))).isNegative();
  }

  @Property
  void whatIsBehindAPrefixIsBehindAllKeysThatBeginWithIt(
      @ForAll @LongRange(min = 0) long id, @ForAll byte[] rest) {
    byte[] prefix = Keys.index(Keys.HELD, id);
    byte[] longer = Arrays.copyOf(prefix, prefix.length + rest.length);
    System.arraycopy(rest, 0, longer, prefix.length, rest.length);
    assertThat(Arrays.compareUnsigned(longer, Keys.behind(prefix))).isNegative();
    assertThat(Arrays.compareUnsigned(prefix, Keys.behind(prefix))).isNegative();
  }

  @Example
  void timesOutOfRangeStayAtTheEnds() {
    assertThat(Keys.nanos(Instant.MAX)).isEqualTo(LATEST);
    assertThat(Keys.nanos(Instant.MIN)).isZero();
    assertThat(Keys.nanos(Instant.EPOCH)).isZero();
    assertThat(Keys.instant(Keys.nanos(Mails.ARRIVED))).isEqualTo(Mails.ARRIVED);
  }
}
