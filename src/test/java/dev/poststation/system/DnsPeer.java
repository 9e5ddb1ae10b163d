package dev.poststation.system;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/// A private Knot that answers for the zone `test`, with SERVFAIL for names under `broken`, and
/// refuses all others.
final class DnsPeer implements AutoCloseable {
  private static final String CONFIGURATION =
      """
      server:
        rundir: "@HOME@"
        listen: 127.0.0.1@@PORT@
        udp-workers: 1
        tcp-workers: 1
        background-workers: 1
      database:
        storage: "@HOME@"
      zone:
        - domain: test
          storage: "@HOME@"
          file: test.zone
          zonefile-sync: -1
          journal-content: none
        - domain: broken
          storage: "@HOME@"
          file: missing.zone
      """;

  private static final String TOP =
      """
      $ORIGIN test.
      $TTL 60
      @ SOA ns hostmaster 1 3600 600 86400 60
      @ NS ns
      ns A 127.0.0.1
      """;

  private final Home home;
  private final int port;
  private final Program program;

  private DnsPeer(Home home, int port, Program program) {
    this.home = home;
    this.port = port;
    this.program = program;
  }

  /// Starts one with these records, names relative to `test`.
  static DnsPeer start(String... records) {
    Home home = Home.create("knot");
    int port = Port.free();
    home.write("test.zone", TOP + String.join("\n", records) + "\n", Map.of());
    Path config =
        home.write(
            "knot.conf",
            CONFIGURATION.replace("@@PORT@", "@" + port),
            Map.of("HOME", home.path().toString()));
    Program program = Program.start(List.of(Peers.program("knotd"), "-c", config.toString()));
    Port.awaitListening(program, port);
    var peer = new DnsPeer(home, port, program);
    Until.holds(
        "Knot answers",
        Duration.ofSeconds(20),
        () -> peer.ask("test", "SOA").contains("hostmaster"));
    return peer;
  }

  int port() {
    return port;
  }

  /// What it answers, asked by kdig.
  String ask(String name, String type) {
    return Program.run(
        List.of(
            Peers.program("kdig"),
            "@127.0.0.1",
            "-p",
            Integer.toString(port),
            "+short",
            "+timeout=1",
            "+retry=0",
            name,
            type));
  }

  @Override
  public void close() {
    program.close();
    home.close();
  }
}
