package dev.poststation.system;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// A private OpenSMTPD as next hop: takes mail for everybody, and passes it on to a sink.
final class OpenSmtpdPeer implements AutoCloseable {
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

  /// One that offers TLS with a certificate of its own.
  static OpenSmtpdPeer start() {
    Home home = Home.create("opensmtpd");
    own(home, "here", Certificate.in(home.path()).both());
    return start(home, "listen on lo port @PORT@ tls pki here");
  }

  /// One that lets nobody in but `sales`, with the password `sales-secret`.
  static OpenSmtpdPeer withLogin() {
    Home home = Home.create("opensmtpd");
    own(home, "here", Certificate.in(home.path()).both());
    String hash = Program.run(List.of(Peers.program("openssl"), "passwd", "-6", "sales-secret"));
    home.write("logins", "sales " + hash.strip() + "\n", Map.of());
    return start(
        home,
        "table logins file:/here/logins\n"
            + "listen on lo port @PORT@ tls-require pki here auth <logins>");
  }

  /// One with a certificate of its own at each address.
  ///
  /// @param shown key and certificate by address; the empty path: no TLS
  /// @param old the address at which it knows nothing newer than TLS 1.2
  static OpenSmtpdPeer showing(Map<String, Path> shown, String old) {
    Home home = Home.create("opensmtpd");
    var lines = new StringBuilder();
    shown.forEach(
        (address, both) -> {
          lines.append("listen on ").append(address).append(" port @PORT@");
          if (!both.toString().isEmpty()) {
            own(home, address, both);
            lines.append(" tls pki ").append(address);
            lines.append(address.equals(old) ? " protocols \"TLSv1.2\"\n" : "\n");
          } else {
            lines.append('\n');
          }
        });
    lines.append("listen on 127.0.0.1 port @PORT@");
    return start(home, lines.toString());
  }

  /// It reads keys that root alone can read.
  private static void own(Home home, String name, Path both) {
    Path file = home.write(name + ".pki", Home.readFile(both), Map.of());
    Program.run(List.of("chmod", "600", file.toString()));
  }

  private static OpenSmtpdPeer start(Home home, String listeners) {
    var sink = SmtpSinkPeer.start();
    int port = Port.free();
    var text = new StringBuilder();
    home.list(".").stream()
        .map(file -> file.getFileName().toString())
        .filter(name -> name.endsWith(".pki"))
        .forEach(
            name -> {
              String pki = "pki " + name.substring(0, name.length() - ".pki".length());
              text.append(pki).append(" cert \"/here/").append(name).append("\"\n");
              text.append(pki).append(" key \"/here/").append(name).append("\"\n");
            });
    text.append(listeners).append('\n');
    text.append("action \"pass\" relay host \"smtp://127.0.0.1:").append(sink.port());
    text.append("\"\nmatch from any for any action \"pass\"\n");
    var words = Map.of("PORT", Integer.toString(port));
    Path config = home.write("smtpd.conf", text.toString(), words);
    Program.run(List.of("chmod", "600", config.toString()));
    Program.run(List.of("mkdir", "-p", "-m", "711", home.path().resolve("spool/smtpd").toString()));
    Program program =
        Peers.newer(home, "opensmtpd", "/usr/sbin/smtpd", "-d", "-v", "-f", "/here/smtpd.conf");
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
