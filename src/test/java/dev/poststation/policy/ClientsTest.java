package dev.poststation.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What a decision looks at among a thousand entries; what that costs is measured by the bench.
class ClientsTest {
  private static InetAddress address(String text) {
    return Configured.from(text).address();
  }

  @Test
  void ofAThousandEntriesWithTenNetworksEachOnlyThoseAroundTheAddressAreLookedAt() {
    var text = new StringBuilder();
    for (int entry = 0; entry < 1000; entry++) {
      List<String> networks = new ArrayList<>();
      for (int net = 0; net < 10; net++) {
        int bits = 24 + net % 9;
        networks.add("\"10.%d.%d.%d/%d\"".formatted(entry / 4, entry % 4 * 64 + net, 0, bits));
      }
      text.append("{ name = c").append(entry).append(", networks = [");
      text.append(String.join(", ", networks)).append("] }\n");
    }
    var clients = new Clients(Configured.rules(text.toString()));
    assertThat(clients.around(address("10.0.0.0"))).containsExactly(0);
    assertThat(clients.around(address("10.249.192.0"))).containsExactly(999);
    assertThat(clients.around(address("192.0.2.1"))).isEmpty();
  }

  @Test
  void entriesOfAllPrefixLengthsAndThoseWithoutNetworkComeInTheOrderOfTheFileAndOnce() {
    var clients =
        new Clients(
            Configured.rules(
                """
                { name = wide, networks = ["10.0.0.0/8", "10.1.0.0/16"] }
                { name = users, users = ["*"] }
                { name = narrow, networks = ["10.1.2.3"] }
                { name = other, networks = ["10.2.0.0/16"] }
                { name = six, networks = ["2001:db8::/32", "2001:db8:1::/48"] }
                """));
    assertThat(clients.around(address("10.1.2.3"))).containsExactly(0, 1, 2);
    assertThat(clients.around(address("10.2.0.1"))).containsExactly(0, 1, 3);
    assertThat(clients.around(address("2001:db8:1::1"))).containsExactly(1, 4);
    assertThat(clients.around(address("2001:db9::1"))).containsExactly(1);
    assertThat(clients.around(address("0.0.0.0"))).containsExactly(1);
  }
}
