package dev.poststation.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.os.IpText;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class AddressesTest {
  private static Cidr network(String text) {
    return Kinds.NETWORK.standard(text);
  }

  @ParameterizedTest
  @CsvSource({
    "::, ::",
    "::1, ::1",
    "2001:db8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
    "1:0:0:0:0:0:0:0, 1::",
    "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
    "192.0.2.1, 192.0.2.1"
  })
  void addressesAreShownShort(String text, String shown) {
    assertThat(Addresses.numeric(text).map(IpText::of)).contains(shown);
  }

  @Property
  void whatIsShownIsTheSameAddress(@ForAll @Size(16) byte[] octets) throws UnknownHostException {
    InetAddress address = InetAddress.getByAddress(octets);
    assertThat(Addresses.numeric(IpText.of(address))).contains(address);
  }

  @ParameterizedTest
  @CsvSource({
    "localhost",
    "1",
    "1.2.3",
    "1.2.3.4.",
    "256.0.0.1",
    "1.2.3.04",
    "fe80::1%lo",
    "[::1]",
    "::g",
    "''"
  })
  void namesAndShortFormsAreNoAddresses(String text) {
    assertThat(Addresses.numeric(text)).isEmpty();
  }

  @Test
  void setKnowsWhatItsNetworksCoverTogether() {
    var set =
        new AddressSet(4)
            .with(List.of(network("10.0.0.0/9"), network("10.128.0.0/9"), network("::/0")));
    assertThat(set.covers(network("10.0.0.0/8"))).isTrue();
    assertThat(set.covers(network("11.0.0.0/32"))).isFalse();
    assertThat(set.covers(network("2001:db8::/32"))).isFalse();
    assertThat(set.size()).isEqualTo(BigInteger.ONE.shiftLeft(24));
  }

  @Property
  void setIsAsLargeAsItsAddresses(@ForAll List<@IntRange(max = 255) Integer> last)
      throws UnknownHostException {
    List<Cidr> networks = new ArrayList<>();
    var seen = new boolean[256];
    int bits = 32;
    for (int octet : last) {
      bits = bits == 24 ? 32 : bits - 1;
      int first = octet & -(1 << (32 - bits));
      networks.add(new Cidr(InetAddress.getByAddress(new byte[] {10, 0, 0, (byte) first}), bits));
      for (int i = first; i < first + (1 << (32 - bits)); i++) {
        seen[i] = true;
      }
    }
    long expected = 0;
    for (boolean one : seen) {
      expected += one ? 1 : 0;
    }
    assertThat(new AddressSet(4).with(networks).size()).isEqualTo(BigInteger.valueOf(expected));
  }
}
