package dev.poststation.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.os.IpText;
import dev.poststation.sim.MemoryDisk;
import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MachineTest {
  @ParameterizedTest
  @CsvSource({
    // In a container or not; where a session seems to come from; whether it may be forwarded.
    "true, 172.17.0.1, true", // the gateway
    "false, 172.17.0.1, true",
    "true, 10.88.0.1, true", // the host's end of another network
    "false, 10.88.0.1, false", // a host of the network, as any
    "true, 10.88.0.7, true", // may be a node of Kubernetes, or of the routing mesh of Swarm
    "false, 10.88.0.7, false",
    "true, 203.0.113.1, false",
    "true, 2001:db8::1, false",
    "true, fd00::1, true"
  })
  void connectionsMayBeForwardedByTheGatewayAndTheHost(
      boolean container, String from, boolean forwarded) {
    var gateway = List.of(InetAddress.ofLiteral("172.17.0.1"));
    var machine =
        new Machine("relay", container ? "this container" : "", gateway, List.of(), List.of());
    assertThat(machine.mayForward(InetAddress.ofLiteral(from))).isEqualTo(forwarded);
  }

  private static final String BRIDGE =
      """
      Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
      eth0\t00000000\t010011AC\t0003\t0\t0\t0\t00000000\t0\t0\t0
      eth0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0
      eth1\t0000580A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
      eth2\t0900580A\t00000000\t0001\t0\t0\t0\tFFFFFFFF\t0\t0\t0
      eth2\tnonsense\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
      """;
  private static final String BRIDGE_6 =
      """
      fd000000000000000000000000000000 40 %1$s 00 %1$s 00000100 00000001 00000000 00000001 eth0
      %1$s 00 %1$s 00 fd000000000000000000000000000001 00000400 00000002 00000000 00000003 eth0
      %1$s 00 %1$s 00 %1$s ffffffff 00000001 00000000 00200200 lo
      """
          .formatted("0".repeat(32));

  private static final String TRIE =
      """
      Main:
        +-- 0.0.0.0/0 3 0 4
           |-- 0.0.0.0
              /0 universe UNICAST
           +-- 127.0.0.0/8 2 0 2
              |-- 127.0.0.0
                 /8 host LOCAL
              |-- 127.0.0.1
                 /32 host LOCAL
           +-- 172.17.0.0/16 2 0 2
              |-- 172.17.0.0
                 /16 link UNICAST
              |-- 172.17.0.5
                 /32 host LOCAL
              |-- 172.17.255.255
                 /32 link BROADCAST
      Local:
           |-- 172.17.0.5
              /32 host LOCAL
           |-- nonsense
              /32 host LOCAL
      """;
  private static final String INTERFACES_6 =
      """
      00000000000000000000000000000001 01 80 10 80       lo
      fd000000000000000000000000000005 04 40 00 82     eth0
      nonsense
      """;

  /// A proxy within the container, as rootless Podman has, connects from the container's address.
  @Test
  void inAContainerItsOwnAddressesForwardAndNowhereElse() {
    var disk =
        new MemoryDisk()
            .with("/proc/net/route", BRIDGE)
            .with("/proc/net/fib_trie", TRIE)
            .with("/proc/net/if_inet6", INTERFACES_6);
    assertThat(forwarders(disk)).isEmpty();
    assertThat(forwarders(disk.with("/run/.containerenv", "")))
        .containsExactly("172.17.0.1", "10.88.0.1", "172.17.0.5", "fd00::5");
  }

  private static List<String> forwarders(MemoryDisk disk) {
    return Machine.look(disk).forwarders().stream().map(IpText::of).toList();
  }

  @Test
  void inAContainerTheGatewaysAndTheHostsEndsOfItsNetworksForward() {
    var disk =
        new MemoryDisk().with("/proc/net/route", BRIDGE).with("/proc/net/ipv6_route", BRIDGE_6);
    assertThat(forwarders(disk)).as("nothing hides clients").isEmpty();
    assertThat(forwarders(disk.with("/.dockerenv", "")))
        .containsExactly("172.17.0.1", "fd00::1", "10.88.0.1");
  }

  @Test
  void aPodHasNoFileThatSaysSo() {
    var disk =
        new MemoryDisk()
            .with("/proc/net/route", BRIDGE)
            .with("/proc/self/environ", "PATH=/bin\0KUBERNETES_SERVICE_HOST=10.96.0.1\0");
    assertThat(Machine.look(disk).container()).isTrue();
  }

  @Test
  void outsideOfAContainerNatIsKnownByItsMarks() {
    String slirp = BRIDGE.replace("010011AC", "0202000A");
    var machine = Machine.look(new MemoryDisk().with("/proc/net/route", slirp));
    assertThat(machine.behind()).isEqualTo("this virtual machine");
    assertThat(machine.forwarders()).containsExactly(InetAddress.ofLiteral("10.0.2.2"));
    var windows =
        new MemoryDisk()
            .with("/proc/net/route", BRIDGE)
            .with("/proc/sys/kernel/osrelease", "5.15.90.1-microsoft-standard-WSL2\n");
    assertThat(Machine.look(windows).behind()).isEqualTo("this Linux of Windows (WSL)");
    assertThat(forwarders(windows)).containsExactly("172.17.0.1");
  }
}
