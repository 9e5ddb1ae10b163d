package dev.poststation.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.Reach;
import dev.poststation.Reach.State;
import dev.poststation.Reach.Way;
import dev.poststation.admin.LiveRelay;
import dev.poststation.os.Connection;
import dev.poststation.os.Network;
import dev.poststation.os.Os;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `connector reach`: which ports get out.
class ConnectorReachTest {
  @TempDir Path directory;
  @TempDir Path other;

  /// A line whose provider lets port 25 vanish: what listens at 587 is a relay of this machine.
  private record BlockedLine(Network real, InetSocketAddress server) implements Network {
    @Override
    public Acceptor listen(InetSocketAddress address, int backlog) throws IOException {
      return real.listen(address, backlog);
    }

    @Override
    public Connection connect(InetSocketAddress to, @Nullable InetAddress from, Duration timeout)
        throws IOException {
      return switch (to.getPort()) {
        case 25 -> throw new SocketTimeoutException();
        case 465 -> throw new ConnectException("Connection refused");
        default -> real.connect(server, from, timeout);
      };
    }

    @Override
    public byte[] exchange(
        InetSocketAddress to,
        byte[] datagram,
        int sizeMax,
        Duration timeout,
        Predicate<byte[]> answers)
        throws IOException {
      return real.exchange(to, datagram, sizeMax, timeout, answers);
    }

    @Override
    public Set<InetAddress> localAddresses() throws IOException {
      return real.localAddresses();
    }
  }

  @Test
  void aBlockedPort25IsSaidPlainly() throws Exception {
    Path file = directory.resolve("poststation.conf");
    Files.writeString(
        file,
        """
        hostname = "here.test"
        data = "data"
        listeners { relay { bind = "127.0.0.1:0" } }
        clients = [ { name = local, networks = ["127.0.0.1"] } ]
        connectors { old { hosts = ["192.0.2.1"] }, new { hosts = ["192.0.2.1:587"] } }
        routes = [ { via = [new, old] } ]
        admin { bind = "127.0.0.1:9" }
        """);
    try (var server = new LiveRelay(other)) {
      var real = Os.real();
      var line = new BlockedLine(real.network(), server.relay().listening().getFirst());
      var os =
          new Os(real.time(), line, real.tasks(), real.chance(), real.disk(), real.processes());
      var ran = Ran.on(os, "connector reach --config " + file);
      assertThat(ran.exit()).as(ran.toString()).isEqualTo(Exit.NO);
      assertThat(ran.out())
          .containsPattern("new +192.0.2.1 +25 +direct +silent")
          .containsPattern("new +192.0.2.1 +465 +direct +refused")
          .containsPattern("new +192.0.2.1 +587 \\* +direct +open +S: 220 relay.test")
          .containsPattern("old +192.0.2.1 +25 \\* +direct +silent")
          .contains("Port 25 is blocked by your provider, most likely")
          .contains("Port 465 is refused", "Port 587 gets out.");
      assertThat(Ran.on(os, "connector reach new --config " + file).exit()).isZero();
      assertThat(Ran.on(os, "connector reach nobody --config " + file).err())
          .contains("There is no connector \"nobody\"");
    }
  }

  private static Way way(int port, String proxy, State state) {
    return new Way("a", "mx.example", port, proxy, false, state, "");
  }

  private static Way exchanger(State state) {
    return new Way("", "mx.example", 25, "", false, state, "");
  }

  @Test
  void aHostThatMayNotListenAtPort25IsNoReasonToBlameTheProvider() {
    assertThat(Reach.verdicts(List.of(way(25, "", State.SILENT), way(587, "", State.OPEN))))
        .anyMatch(each -> each.startsWith("Port 25 is silent, but no host that was tried is known"))
        .noneMatch(each -> each.contains("blocked by your provider"));
    assertThat(Reach.verdicts(List.of(exchanger(State.SILENT), way(587, "", State.OPEN))))
        .anyMatch(each -> each.contains("blocked by your provider"));
  }

  @Test
  void whereNoHostCouldBeAskedNothingIsKnownOfAPort() {
    for (var state : List.of(State.NOWHERE, State.UNTRIED)) {
      assertThat(Reach.verdicts(List.of(exchanger(state), way(587, "", State.OPEN))))
          .contains(
              "Whether port 25 gets out is not known: no host could be asked, the lines above say"
                  + " why.");
    }
  }

  @Test
  void whereOtherPortsAreRefusedThereIsAWayOut() {
    assertThat(Reach.verdicts(List.of(exchanger(State.SILENT), way(587, "", State.REFUSED))))
        .noneMatch(each -> each.contains("is there a way out at all?"));
  }

  @Test
  void aDomainThatDoesNotExistIsSaidAndNotPassedOver() throws Exception {
    Path file = directory.resolve("poststation.conf");
    Files.writeString(
        file,
        """
        hostname = "here.test"
        data = "data"
        clients = [ { name = local, networks = ["127.0.0.1"] } ]
        connectors { internet { type = mx } }
        routes = [ { via = [internet] } ]
        admin { bind = "127.0.0.1:9" }
        dns { servers = ["127.0.0.1:9"], timeout = 1s }
        """);
    var ran = Ran.with(file, "connector reach --domain nobody.example");
    assertThat(ran.out())
        .containsPattern(
            "\\(nobody.example\\) +nobody.example +25 +direct +nowhere +the domain cannot be looked"
                + " up now: ")
        .contains("Whether port 25 gets out is not known");
  }

  @Test
  void nothingIsSaidOfAPortThatWasNotTried() {
    assertThat(Reach.verdicts(List.of(way(587, "", State.OPEN))))
        .contains("Port 587 gets out.")
        .anyMatch(each -> each.startsWith("Whether port 25 gets out is not known"));
  }

  @Test
  void whereNothingAnswersAtAllThePortIsNotBlamed() {
    assertThat(Reach.verdicts(List.of(way(25, "", State.SILENT), way(587, "", State.SILENT))))
        .anyMatch(each -> each.contains("is there a way out at all?"))
        .noneMatch(each -> each.contains("blocked by your provider"));
  }

  @Test
  void aProxyThatHelpsIsNamed() {
    assertThat(
            Reach.verdicts(
                List.of(
                    exchanger(State.SILENT),
                    way(587, "", State.OPEN),
                    way(25, "socks5://proxy.example:1080", State.OPEN))))
        .anyMatch(each -> each.startsWith("Port 25 is blocked by your provider"))
        .contains("Port 25 gets out through socks5://proxy.example:1080.");
  }
}
