package dev.poststation.system;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// A private Postfix as next hop: takes mail for everybody, offers STARTTLS, delivers into one
/// maildir.
final class PostfixPeer implements AutoCloseable {
  private final Home home;
  private final int port;
  private final Program program;

  private PostfixPeer(Home home, int port, Program program) {
    this.home = home;
    this.port = port;
    this.program = program;
  }

  /// Starts one, with these lines of main.cf besides those of system/postfix.
  static PostfixPeer start(String... settings) {
    return start(Map.of(), "", settings);
  }

  /// Starts one that listens at more addresses, at the same port, and shows another certificate at
  /// each, or offers no TLS there.
  ///
  /// @param shown key and certificate by address; the empty path: no TLS
  static PostfixPeer showing(Map<String, Path> shown) {
    return showing(shown, "");
  }

  /// The same.
  ///
  /// @param old the address at which it knows nothing newer than TLS 1.2; empty: none
  static PostfixPeer showing(Map<String, Path> shown, String old) {
    return start(shown, old);
  }

  private static PostfixPeer start(Map<String, Path> shown, String old, String... settings) {
    Peers.program("postfix");
    Home home = Home.create("postfix");
    home.directoryOf("mail", "mail");
    int port = Port.free();
    var services = new StringBuilder(Home.readFile(Path.of("system/postfix/master.cf")));
    shown.forEach(
        (address, both) ->
            services
                .append("%s:%d inet n - n - 20 smtpd%n".formatted(address, port))
                .append(
                    both.toString().isEmpty()
                        ? "  -o smtpd_tls_security_level=none\n"
                        : "  -o smtpd_tls_chain_files=" + both + "\n")
                .append(address.equals(old) ? "  -o smtpd_tls_protocols=<=TLSv1.2\n" : ""));
    Path master = home.write("services.cf", services.toString(), Map.of());
    Path more = home.write("more.cf", String.join("\n", settings), Map.of());
    Program program =
        Program.start(
            List.of(
                "system/private-postfix",
                home.path().toString(),
                master.toString(),
                "system/postfix/main.cf",
                more.toString()),
            Map.of(
                "HOME", home.path().toString(),
                "PORT", Integer.toString(port),
                "CERTIFICATE", Certificate.in(home.path()).both().toString()));
    Port.awaitListening(program, port);
    return new PostfixPeer(home, port, program);
  }

  int port() {
    return port;
  }

  /// The certificate that it shows.
  Path certificate() {
    return home.path().resolve("chain.pem");
  }

  /// Its log, in which the dialogue of each session stands: `< localhost[127.0.0.1]: MAIL FROM:…`.
  String log() {
    return home.read("log");
  }

  /// The mails that it has delivered, in the form of a maildir (LF at the end of a line), oldest
  /// first.
  List<String> mails() {
    return home.list("mail/inbox/new").stream().map(Home::readFile).toList();
  }

  /// Waits until so many mails are delivered.
  List<String> awaitMails(int count) {
    return Until.present(
        count + " mails at Postfix",
        Duration.ofSeconds(30),
        () -> Optional.of(mails()).filter(mails -> mails.size() >= count));
  }

  /// Ends it, and all of its processes, in the middle of whatever they do.
  void stop() {
    program.close();
  }

  /// From now on it takes connections and says nothing, or goes on.
  void silent(boolean silent) {
    program.signalAll(silent ? "STOP" : "CONT");
  }

  /// `kill -9` of it and of all of its processes.
  void kill() {
    program.killAll();
  }

  /// The files of mails that it has taken and not delivered, when it is stopped. A file that is not
  /// executable is not complete, and nobody was told that it is.
  List<String> queued() {
    return Stream.of("incoming", "active")
        .flatMap(place -> home.list("queue/" + place).stream())
        .filter(Files::isExecutable)
        .map(Home::readFile)
        .toList();
  }

  @Override
  public void close() {
    program.close();
    home.close();
  }

  /// How many octets it keeps, for tests with large mail.
  long octets() {
    return home.list("mail/inbox/new").stream()
        .mapToLong(
            file -> {
              try {
                return Files.size(file);
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            })
        .sum();
  }
}
