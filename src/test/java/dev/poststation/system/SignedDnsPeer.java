package dev.poststation.system;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// A private Knot that signs the zone `test`, and answers for `plain.test` below it, which is not
/// signed; or one that repeats a signed zone as it was told, right or wrong.
final class SignedDnsPeer implements AutoCloseable {
  private static final String SERVER =
      """
      server:
        rundir: "@HOME@"
        listen: 127.0.0.1@@PORT@
        udp-workers: 1
        tcp-workers: 1
        background-workers: 1
      database:
        storage: "@HOME@"
      acl:
        - id: copy
          address: 127.0.0.1
          action: transfer
      policy:
        - id: usual
          algorithm: ecdsap256sha256
          single-type-signing: on
      zone:
        - domain: test
          storage: "@HOME@"
          file: test.zone
          zonefile-sync: -1
          acl: copy
      """;

  private static final String SIGNED =
      """
          zonefile-load: difference-no-serial
          journal-content: all
          dnssec-signing: on
          dnssec-policy: usual
      """;

  private static final String PLAIN =
      """
        - domain: plain.test
          storage: "@HOME@"
          file: plain.zone
          zonefile-sync: -1
      """;

  private final Home home;
  private final int port;
  private final Program program;

  private SignedDnsPeer(Home home, int port, Program program) {
    this.home = home;
    this.port = port;
    this.program = program;
  }

  /// Starts one that signs these records, names relative to `test`.
  ///
  /// @param plain those of `plain.test`
  static SignedDnsPeer signing(List<String> records, List<String> plain) {
    Home home = Home.create("knot");
    home.write("test.zone", top("test") + "plain NS ns\n" + lines(records), Map.of());
    home.write("plain.zone", top("plain.test") + lines(plain), Map.of());
    return start(home, SERVER + SIGNED + PLAIN);
  }

  /// Starts one that repeats a zone.
  static SignedDnsPeer repeating(String zone) {
    Home home = Home.create("knot");
    home.write("test.zone", zone, Map.of());
    return start(home, SERVER);
  }

  /// Starts one that repeats a zone, and answers for `plain.test`.
  static SignedDnsPeer repeating(String zone, List<String> plain) {
    Home home = Home.create("knot");
    home.write("test.zone", zone, Map.of());
    home.write("plain.zone", top("plain.test") + lines(plain), Map.of());
    return start(home, SERVER + PLAIN);
  }

  private static String top(String zone) {
    return "$ORIGIN "
        + zone
        + ".\n$TTL 60\n@ SOA ns.test. hostmaster.test. 1 3600 600 86400 60\n@ NS ns.test.\n"
        + (zone.equals("test") ? "ns A 127.0.0.1\n" : "");
  }

  private static String lines(List<String> records) {
    return String.join("\n", records) + "\n";
  }

  private static SignedDnsPeer start(Home home, String configuration) {
    int port = Port.free();
    String text = configuration.replace("@@PORT@", "@" + port);
    Path config = home.write("knot.conf", text, Map.of("HOME", home.path().toString()));
    Program program = Program.start(List.of(Peers.program("knotd"), "-c", config.toString()));
    Port.awaitListening(program, port);
    var peer = new SignedDnsPeer(home, port, program);
    Until.holds(
        "Knot has signed",
        Duration.ofSeconds(20),
        () -> peer.ask("test", "DNSKEY", "+noall", "+answer").contains("DNSKEY"));
    return peer;
  }

  int port() {
    return port;
  }

  /// The keys of its zone, for those who shall trust them.
  String keys() {
    return ask("test", "DNSKEY", "+noall", "+answer");
  }

  /// The whole signed zone.
  String zone() {
    return ask("test", "AXFR", "+noall", "+answer");
  }

  private String ask(String name, String type, String... more) {
    List<String> command =
        new ArrayList<>(List.of(Peers.program("kdig"), "@127.0.0.1", "-p", Integer.toString(port)));
    command.addAll(List.of("+timeout=1", "+retry=0", name, type));
    command.addAll(List.of(more));
    return Program.run(command);
  }

  @Override
  public void close() {
    program.close();
    home.close();
  }
}
