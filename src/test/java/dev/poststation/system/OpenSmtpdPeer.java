package dev.poststation.system;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// A private OpenSMTPD as next hop: takes mail for everybody, and passes it on to a sink.
///
/// That of Debian 12 offers STARTTLS, and then fails in each handshake, for it was not made for
/// OpenSSL 3 (its issues 1171 and 1239).
final class OpenSmtpdPeer implements AutoCloseable {
  private static final String CONFIGURATION =
      """
      pki here cert "@HOME@/chain.pem"
      pki here key "@HOME@/key.pem"
      listen on lo port @PORT@ tls pki here
      action "pass" relay host "smtp://127.0.0.1:@SINK@"
      match from any for any action "pass"
      """;

  private final Home home;
  private final SmtpSinkPeer sink;
  private final int port;
  private final Program program;

  private OpenSmtpdPeer(Home home, SmtpSinkPeer sink, int port, Program program) {
    this.home = home;
    this.sink = sink;
    this.port = port;
    this.program = program;
  }

  static OpenSmtpdPeer start() {
    Home home = Home.create("opensmtpd");
    var sink = SmtpSinkPeer.start();
    int port = Port.free();
    Certificate.in(home.path());
    Path config =
        home.write(
            "smtpd.conf",
            CONFIGURATION,
            Map.of(
                "HOME",
                home.path().toString(),
                "PORT",
                Integer.toString(port),
                "SINK",
                Integer.toString(sink.port())));
    Program.run(
        List.of("chmod", "600", config.toString(), home.path().resolve("key.pem").toString()));
    Program program =
        Program.start(
            List.of("system/private-opensmtpd", home.path().toString(), config.toString()));
    Port.awaitListening(program, port);
    return new OpenSmtpdPeer(home, sink, port, program);
  }

  int port() {
    return port;
  }

  /// What it says while it runs.
  String log() {
    return program.output();
  }

  /// Waits until it has passed on so many mails.
  List<String> awaitMails(int count) {
    return sink.awaitMails(count);
  }

  @Override
  public void close() {
    program.close();
    sink.close();
    home.close();
  }
}
