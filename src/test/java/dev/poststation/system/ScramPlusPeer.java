package dev.poststation.system;

import java.util.List;

/// OpenSSL's server and that of GNU SASL as a next hop that lets `sales` in by SCRAM with channel
/// binding, over TLS from the first octet.
final class ScramPlusPeer implements AutoCloseable {
  private final Home home;
  private final int port;
  private final Program program;

  private ScramPlusPeer(Home home, int port, Program program) {
    this.home = home;
    this.port = port;
    this.program = program;
  }

  static ScramPlusPeer start(String password) {
    return start(password, "");
  }

  /// One that is reached through somebody who ends TLS and begins it anew: what binds the channel
  /// is not what it is at our end.
  static ScramPlusPeer behindSomebody(String password) {
    return start(password, "another channel");
  }

  private static ScramPlusPeer start(String password, String channel) {
    Home home = Home.create("scram-plus");
    int port = Port.free();
    var certificate = Certificate.in(home.path());
    Program program =
        Program.start(
            List.of(
                Peers.program("python3"),
                "system/scram-plus",
                Integer.toString(port),
                certificate.chain().toString(),
                certificate.key().toString(),
                Peers.library("").toString(),
                password,
                channel));
    Port.awaitListening(program, port);
    return new ScramPlusPeer(home, port, program);
  }

  int port() {
    return port;
  }

  @Override
  public void close() {
    program.close();
    home.close();
  }
}
