package dev.poststation.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// What `client export --format nftables` writes, loaded by nft into a network of its own: the
/// machine's firewall is not touched.
@Tag("peer")
final class FirewallTest {
  private static final String CONFIGURATION =
      """
      hostname = "relay.here.test"
      data = "@HOME@/data"
      connectors { next { hosts = ["127.0.0.1:2525"] } }
      routes = [ { via = [next] } ]
      clients = [
        { name = lan, networks = ["10.0.0.0/8", "10.1.0.0/16", "10.0.0.0/9", "192.0.2.7"] }
        { name = six, networks = ["2001:db8::/32", "2001:db8::1"] }
        { name = neighbours, networks = ["192.0.2.8/29", "192.0.2.6"] }
        { name = staff, users = ["*"] }
      ]
      """;

  @Test
  void nftTakesTheSetsAgainAndAgain() {
    try (var home = Home.create("firewall")) {
      String filled = listed(exported(home, CONFIGURATION), "mail", "relays4");
      assertThat(filled)
          .contains("10.0.0.0/8", "192.0.2.6", "192.0.2.7", "192.0.2.8/29")
          .doesNotContain("10.1.0.0");
      assertThat(listed(exported(home, CONFIGURATION), "mail", "relays6"))
          .contains("2001:db8::/32");
    }
  }

  @Test
  void nftTakesSetsOfNobodyAndOfEverybody() {
    try (var home = Home.create("firewall")) {
      String nobody = CONFIGURATION.replaceAll("(?s)clients = .*", "");
      assertThat(listed(exported(home, nobody), "mail", "relays4")).doesNotContain("elements");
      String all =
          "clients = [ { name = all, networks = [\"0.0.0.0/0\", \"::/0\"], open-relay = allowed }"
              + " ]";
      assertThat(listed(exported(home, nobody + all), "mail", "relays4")).contains("elements");
    }
  }

  private static Path exported(Home home, String configuration) {
    Path config =
        home.write("poststation.conf", configuration, Map.of("HOME", home.path().toString()));
    var command = new ArrayList<>(PackedProgram.command());
    command.addAll(
        List.of("client", "export", "--format", "nftables", "--set", "relays", "--table", "mail"));
    command.addAll(List.of("--config", config.toString()));
    return home.write("clients.nft", Program.run(command), Map.of());
  }

  /// Checks it, loads it twice, and lists a set.
  private static String listed(Path file, String table, String set) {
    String nft = Peers.program("nft");
    return Program.run(
        List.of(
            "unshare",
            "--map-root-user",
            "--net",
            "sh",
            "-ec",
            "$1 -c -f $2; $1 -f $2; $1 -f $2; $1 list set inet $3 $4",
            "sh",
            nft,
            file.toString(),
            table,
            set));
  }
}
