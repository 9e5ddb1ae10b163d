package dev.poststation.ldap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.unboundid.ldap.sdk.LDAPConnectionOptions;
import com.unboundid.ldap.sdk.LDAPException;
import dev.poststation.config.LdapSettings;
import dev.poststation.dns.Resolver;
import dev.poststation.sim.ManualTime;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import javax.net.SocketFactory;
import org.junit.jupiter.api.Test;

/// How long a directory with silent addresses is waited for.
class ServerByNameTest {
  private static final int TIMEOUT = 6000;

  private final ManualTime time = new ManualTime();
  private final List<String> tried = new ArrayList<>();
  private int refusing;

  /// Nobody answers: the time that is allowed passes. The first ones refuse at once.
  private final class Silent extends Socket {
    @Override
    public void connect(SocketAddress to, int millis) throws IOException {
      tried.add(((InetSocketAddress) to).getAddress().getHostAddress() + " " + millis);
      if (tried.size() <= refusing) {
        throw new ConnectException("refused");
      }
      time.advance(Duration.ofMillis(millis));
      throw new SocketTimeoutException("silent");
    }
  }

  private final class Sockets extends SocketFactory {
    @Override
    public Socket createSocket() {
      return new Silent();
    }

    @Override
    public Socket createSocket(String host, int port) {
      throw new AssertionError("by name");
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress from, int local) {
      throw new AssertionError("by name");
    }

    @Override
    public Socket createSocket(InetAddress host, int port) {
      throw new AssertionError("without a time-out");
    }

    @Override
    public Socket createSocket(InetAddress host, int port, InetAddress from, int local) {
      throw new AssertionError("without a time-out");
    }
  }

  private Duration connect(int addresses) {
    var options = new LDAPConnectionOptions();
    options.setConnectTimeoutMillis(TIMEOUT);
    var server = new LdapSettings.Server("directory.test", 389, false);
    var place = new ServerByName(server, new Sockets(), options, resolver(addresses), time);
    long begin = time.nanos();
    assertThatThrownBy(place::getConnection).isInstanceOf(LDAPException.class);
    return Duration.ofNanos(time.nanos() - begin);
  }

  private static Resolver resolver(int addresses) {
    List<InetAddress> all =
        IntStream.rangeClosed(1, addresses).mapToObj(ServerByNameTest::address).toList();
    return new Resolver() {
      @Override
      public Answer<MailExchanger> mailExchangers(String domain) {
        throw new AssertionError(domain);
      }

      @Override
      public Answer<InetAddress> addresses(String host) {
        return new Answer.Found<>(all);
      }

      @Override
      public Answer<InetAddress> addresses(String host, Duration notOlder) {
        return addresses(host);
      }

      @Override
      public Answer<String> names(InetAddress address) {
        throw new AssertionError(address);
      }
    };
  }

  private static InetAddress address(int last) {
    try {
      return InetAddress.getByAddress(new byte[] {(byte) 192, 0, 2, (byte) last});
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void silentAddressesShareTheTimeOfOneConnection() {
    assertThat(connect(3)).hasMillis(TIMEOUT);
    assertThat(tried).containsExactly("192.0.2.1 2000", "192.0.2.2 2000", "192.0.2.3 2000");
  }

  @Test
  void aSingleAddressHasAllOfIt() {
    assertThat(connect(1)).hasMillis(TIMEOUT);
    assertThat(tried).containsExactly("192.0.2.1 6000");
  }

  @Test
  void whoRefusesAtOnceLeavesTheTimeToTheOthers() {
    refusing = 4;
    assertThat(connect(6)).hasMillis(TIMEOUT);
    assertThat(tried)
        .containsExactly(
            "192.0.2.1 2000",
            "192.0.2.2 3000",
            "192.0.2.3 6000",
            "192.0.2.4 6000",
            "192.0.2.5 6000");
  }

  @Test
  void whateverTheirNumberTheyAreNotWaitedForLonger() {
    assertThat(connect(40)).hasMillis(TIMEOUT);
    assertThat(tried).hasSize(3);
  }

  @Test
  void namesOfOneEntryMayBeWrittenDifferently() {
    String dn = "uid=anna,ou=People,dc=example,dc=com";
    assertThat(Searches.isSame(dn, "UID=Anna, OU=people, DC=Example, DC=com")).isTrue();
    assertThat(Searches.isSame(dn, "uid=anna,ou=Others,dc=example,dc=com")).isFalse();
    assertThat(Searches.isSame("no name", "no name")).isTrue();
    assertThat(Searches.isSame(dn, "no name")).isFalse();
  }
}
