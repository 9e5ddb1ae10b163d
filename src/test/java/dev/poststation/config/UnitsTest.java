package dev.poststation.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Period;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class UnitsTest {
  @ParameterizedTest
  @CsvSource({
    "5 minutes, PT5M",
    "1m, PT1M",
    "1.5 h, PT1H30M",
    "30 days, P30D",
    "500ms, PT0.5S",
    "0, PT0S",
    "2 w, P14D",
    "1 second, PT1S",
    "10 us, PT0.00001S"
  })
  void durationsHaveUnits(String text, Duration duration) {
    assertThat(Units.duration(text)).isEqualTo(Parsed.good(duration));
  }

  @ParameterizedTest
  @CsvSource({
    "10 MB, 10000000",
    "10MiB, 10485760",
    "1 kB, 1000",
    "1 KB, 1000",
    "1k, 1024",
    "1 KiB, 1024",
    "0.5 GB, 500000000",
    "1 GiB, 1073741824",
    "123, 123",
    "7 octets, 7",
    "1 TB, 1000000000000"
  })
  void sizesAreDecimalOrBinary(String text, long octets) {
    assertThat(Units.size(text)).isEqualTo(Parsed.good(octets));
  }

  @ParameterizedTest
  @CsvSource({
    "1 Mbit/s, 125000",
    "16Mbit/s, 2000000",
    "64 kB/s, 64000",
    "0.5 Gbit/s, 62500000",
    "1000 bit/s, 125",
    "2 MB/s, 2000000"
  })
  void bandwidthsAreInBitsOrOctets(String text, long octets) {
    assertThat(Units.bandwidth(text)).isEqualTo(Parsed.good(octets));
  }

  @ParameterizedTest
  @CsvSource({"1", "1 Mbit", "1 mbit/s", "100 bit/s", "1 TB/s", "2000 Gbit/s", "1 Mb/s", "''"})
  void whatIsNoBandwidthIsRefused(String text) {
    assertThat(Units.bandwidth(text)).isInstanceOf(Parsed.Bad.class);
  }

  @ParameterizedTest
  @CsvSource({"5", "-1 s", "five minutes", "1 parsec", "1e3 s", "1 s s", "''", "1h30m", "1 M"})
  void whatIsNoDurationIsRefused(String text) {
    assertThat(Units.duration(text)).isInstanceOf(Parsed.Bad.class);
  }

  @ParameterizedTest
  @CsvSource({"-1", "MB", "1 mbit", "'1,5 MB'", "9999999999999 TB", "''"})
  void whatIsNoSizeIsRefused(String text) {
    assertThat(Units.size(text)).isInstanceOf(Parsed.Bad.class);
  }

  @Property
  void whatIsShownIsReadBack(@ForAll @LongRange(min = 0, max = 1L << 40) long number) {
    assertThat(Units.size(Units.show(number))).isEqualTo(Parsed.good(number));
    Duration duration = Duration.ofMillis(number);
    assertThat(Units.duration(Units.show(duration))).isEqualTo(Parsed.good(duration));
  }

  @Test
  void yearsAreThoseOfTheCalendar() {
    assertThat(Units.period("10 years")).isEqualTo(Parsed.good(Period.ofYears(10)));
    assertThat(Units.period("1y")).isEqualTo(Parsed.good(Period.ofYears(1)));
    assertThat(Units.period("18 months")).isEqualTo(Parsed.good(Period.ofMonths(18)));
    assertThat(Units.period("2 w")).isEqualTo(Parsed.good(Period.ofDays(14)));
    assertThat(Units.period("3653 days")).isEqualTo(Parsed.good(Period.ofDays(3653)));
    assertThat(Units.period("1.5 years")).isInstanceOf(Parsed.Bad.class);
    assertThat(Units.period("12 m")).isInstanceOf(Parsed.Bad.class);
  }
}
