package dev.poststation.dns;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NumericAddressTest {
  @ParameterizedTest
  @CsvSource({
    "192.0.2.1, 192.0.2.1",
    "[192.0.2.1], 192.0.2.1",
    "0.0.0.0, 0.0.0.0",
    "::, 0:0:0:0:0:0:0:0",
    "2001:DB8::1, 2001:db8:0:0:0:0:0:1",
    "[IPv6:2001:db8::1], 2001:db8:0:0:0:0:0:1",
    "[ipv6:::1], 0:0:0:0:0:0:0:1",
    "[IPv6:::ffff:192.0.2.1], 192.0.2.1",
  })
  void addressesAreUnderstood(String text, String address) {
    assertThat(NumericAddress.parse(text).map(InetAddress::getHostAddress)).contains(address);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "1",
        "127.1",
        "1.2.3",
        "1.2.3.4.5",
        "1.2.3.256",
        "1.2.3.4.",
        ".1.2.3.4",
        "1..3.4",
        "0001.2.3.4",
        "1.2.3.x",
        "localhost",
        "[2001:db8::1]",
        "[IPv6:192.0.2.1]",
        "[IPv6:fe80::1%lo]",
        "[192.0.2.1",
        "192.0.2.1]",
        "[]",
        "[IPv6:]",
        "2001:db8::1::2",
        ":::",
        "[tag:text]",
        "１.２.３.４"
      })
  void otherTextIsNone(String text) {
    assertThat(NumericAddress.parse(text)).isEmpty();
  }

  @Property
  void everyAddressIsUnderstoodAsWritten(@ForAll @Size(4) byte[] four, @ForAll @Size(16) byte[] six)
      throws Exception {
    var v4 = InetAddress.getByAddress(four);
    var v6 = InetAddress.getByAddress(six);
    assertThat(NumericAddress.parse(v4.getHostAddress())).contains(v4);
    assertThat(NumericAddress.parse(v6.getHostAddress())).contains(v6);
    assertThat(NumericAddress.parse("[IPv6:" + v6.getHostAddress() + "]")).contains(v6);
  }

  @ParameterizedTest
  @CsvSource({
    "192.0.2.1, 192.0.2.1",
    "2001:DB8::1, 2001:db8::/64",
    "2001:db8::/64, 2001:db8::/64",
    "2001:db8::1/64, 2001:db8::/64",
    "192.0.2.1/64, 192.0.2.1/64",
    "anna, anna",
    "/64, /64"
  })
  void whatCountsAsOneAddressIsOneText(String text, String network) {
    assertThat(NumericAddress.network(text)).isEqualTo(network);
  }

  @Property
  void noTextMakesItThrow(@ForAll String text) {
    NumericAddress.parse(text);
    NumericAddress.parse("[" + text + "]");
    NumericAddress.parse(text + ":" + text);
  }
}
