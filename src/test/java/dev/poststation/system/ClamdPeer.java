package dev.poststation.system;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/// A private clamd that knows one kind of malware: the test file of EICAR.
final class ClamdPeer implements AutoCloseable {
  /// Does no harm; what looks for malware finds it. In two pieces, so that this file is not found.
  static final String EICAR =
      "X5O!P%@AP[4\\PZX54(P^)7CC)7}" + "$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*";

  private static final String CONFIGURATION =
      """
      Foreground yes
      TCPSocket @PORT@
      TCPAddr 127.0.0.1
      LocalSocket @HOME@/clamd.ctl
      DatabaseDirectory @HOME@
      TemporaryDirectory @HOME@
      StreamMaxLength 1M
      LogTime no
      """;

  private final Home home;
  private final int port;
  private Program program;

  private ClamdPeer(Home home, int port, Program program) {
    this.home = home;
    this.port = port;
    this.program = program;
  }

  static ClamdPeer start() {
    Home home = Home.create("clamd");
    int port = Port.free();
    home.write(
        "clamd.conf",
        CONFIGURATION,
        Map.of("HOME", home.path().toString(), "PORT", Integer.toString(port)));
    home.write(
        "own.ndb",
        "Eicar-Test:0:*:" + HexFormat.of().formatHex(EICAR.getBytes(US_ASCII)) + "\n",
        Map.of());
    return new ClamdPeer(home, port, begin(home, port));
  }

  private static Program begin(Home home, int port) {
    var program =
        Program.start(
            List.of(Peers.program("clamd"), "--config-file=" + home.path().resolve("clamd.conf")));
    Port.awaitListening(program, port);
    return program;
  }

  int port() {
    return port;
  }

  /// Its socket, as `at` has it.
  String socket() {
    return "unix:" + home.path().resolve("clamd.ctl");
  }

  /// Ends it, as a crash does.
  void kill() {
    program.close();
  }

  void restart() {
    program = begin(home, port);
  }

  @Override
  public void close() {
    program.close();
    home.close();
  }
}
