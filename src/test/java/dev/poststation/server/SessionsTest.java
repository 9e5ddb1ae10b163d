package dev.poststation.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.sim.ManualTime;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;

class SessionsTest {
  private final Sessions sessions = new Sessions(new ManualTime());

  private boolean enter(String client) {
    return sessions.enter(address(client), 2);
  }

  private void leave(String client) {
    sessions.leave(address(client));
  }

  private static InetAddress address(String literal) {
    try {
      return InetAddress.getByName(literal);
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void eachIpv4AddressIsAClientOfItsOwn() {
    assertThat(enter("192.0.2.1")).isTrue();
    assertThat(enter("192.0.2.1")).isTrue();
    assertThat(enter("192.0.2.1")).isFalse();
    assertThat(enter("192.0.2.2")).isTrue();
    leave("192.0.2.1");
    assertThat(enter("192.0.2.1")).isTrue();
    assertThat(sessions.count()).isEqualTo(3);
  }

  @Test
  void allAddressesOfAnIpv6NetworkOf64BitsAreOneClient() {
    assertThat(enter("2001:db8:0:1::1")).isTrue();
    assertThat(enter("2001:db8:0:1:ffff::2")).isTrue();
    assertThat(enter("2001:db8:0:1::3")).isFalse();
    assertThat(enter("2001:db8:0:2::1")).isTrue();
    leave("2001:db8:0:1:ffff::2");
    assertThat(enter("2001:db8:0:1::4")).isTrue();
  }

  @Test
  void anIpv4AddressIsNoIpv6Network() {
    assertThat(enter("192.0.2.1")).isTrue();
    assertThat(enter("192.0.2.1")).isTrue();
    assertThat(enter("0:0:c000:201::1")).isTrue();
  }

  @Test
  void whoIsGoneIsForgotten() {
    for (int i = 0; i < 3; i++) {
      assertThat(enter("2001:db8::1")).isTrue();
      leave("2001:db8::2");
    }
    assertThat(sessions.count()).isZero();
  }
}
