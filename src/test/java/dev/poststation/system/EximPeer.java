package dev.poststation.system;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A private Exim as next hop: takes mail for everybody, offers STARTTLS, keeps it in its spool.
final class EximPeer implements AutoCloseable {
  private final Home home;
  private final int port;
  private final Program program;

  /// A mail in Exim's spool.
  ///
  /// @param head its -H file: envelope, facts of the reception, header with the length of each
  ///   field before it
  /// @param body its body, LF at the end of a line
  record Spooled(String head, String body) {}

  private EximPeer(Home home, int port, Program program) {
    this.home = home;
    this.port = port;
    this.program = program;
  }

  static EximPeer start() {
    return start("");
  }

  /// Starts one with more at the end of its configuration.
  static EximPeer start(String more) {
    Home home = Home.create("exim");
    Path both = Certificate.in(home.path()).both();
    Program.run(List.of("chown", "mail:mail", both.toString()));
    return start(home, "127.0.0.1", both.toString(), "*", "", more);
  }

  /// Starts one that listens at these addresses, and shows another certificate at each, or offers
  /// no TLS there.
  ///
  /// @param shown key and certificate by address, which its user may read; the empty path: no TLS
  /// @param old the address at which it knows nothing newer than TLS 1.2
  static EximPeer showing(Map<String, Path> shown, String old) {
    var certificate = new StringBuilder();
    var advertise = new StringBuilder();
    shown.forEach(
        (address, both) -> {
          String here = "${if eq{$received_ip_address}{" + address + "}{";
          certificate.append(here).append(both).append("}}");
          advertise.append(here).append(both.toString().isEmpty() ? "" : "*").append("}}");
        });
    String addresses = "127.0.0.1 : " + String.join(" : ", shown.keySet());
    String ciphers =
        "tls_require_ciphers = ${if eq{$received_ip_address}{%s}{NORMAL:-VERS-TLS1.3}{NORMAL}}\n"
            .formatted(old);
    return start(
        Home.create("exim"), addresses, certificate.toString(), advertise.toString(), ciphers, "");
  }

  private static EximPeer start(
      Home home,
      String addresses,
      String certificate,
      String advertise,
      String first,
      String more) {
    home.directoryOf("mail", "spool");
    int port = Port.free();
    Program.run(List.of("chown", "mail:mail", home.path().toString()));
    Path config =
        home.write(
            "exim.conf",
            first + Home.readFile(Path.of("system/exim.conf")) + more,
            Map.of(
                "HOME",
                home.path().toString(),
                "PORT",
                Integer.toString(port),
                "ADDRESSES",
                addresses,
                "ADVERTISE",
                advertise,
                "CERTIFICATE",
                certificate));
    Program program =
        Program.start(List.of(Peers.program("exim4"), "-C", config.toString(), "-bdf"));
    Port.awaitListening(program, port);
    return new EximPeer(home, port, program);
  }

  int port() {
    return port;
  }

  String log() {
    return home.read("mainlog");
  }

  List<Spooled> mails() {
    return home.list("spool/input").stream()
        .filter(file -> file.toString().endsWith("-H"))
        .map(
            file -> {
              String body = Home.readFile(Path.of(file.toString().replaceAll("-H$", "-D")));
              return new Spooled(Home.readFile(file), body.substring(body.indexOf('\n') + 1));
            })
        .toList();
  }

  /// Waits until so many mails are in its spool.
  List<Spooled> awaitMails(int count) {
    return Until.present(
        count + " mails at Exim",
        Duration.ofSeconds(30),
        () -> Optional.of(mails()).filter(mails -> mails.size() >= count));
  }

  @Override
  public void close() {
    program.close();
    home.close();
  }
}
