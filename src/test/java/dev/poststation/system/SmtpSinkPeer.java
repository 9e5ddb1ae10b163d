package dev.poststation.system;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Postfix's smtp-sink as next hop: takes all mail and keeps each in a file of its own, or only
/// counts.
final class SmtpSinkPeer implements AutoCloseable {
  private final Home home;
  private final int port;
  private Program program;
  private final List<String> command;

  private SmtpSinkPeer(Home home, int port, List<String> command) {
    this.home = home;
    this.port = port;
    this.command = command;
    program = launch();
  }

  /// Starts one that keeps what it takes; the options are smtp-sink's.
  static SmtpSinkPeer start(String... options) {
    Home home = Home.create("sink");
    Path mails = home.directoryOf("nobody", "mails");
    int port = Port.free();
    List<String> command =
        new ArrayList<>(List.of(Peers.program("smtp-sink"), "-u", "nobody", "-m", "1000"));
    command.addAll(List.of("-d", mails + "/%s."));
    command.addAll(List.of(options));
    command.addAll(List.of("127.0.0.1:" + port, "1000"));
    return new SmtpSinkPeer(home, port, List.copyOf(command));
  }

  private Program launch() {
    Program started = Program.start(command);
    Port.awaitListening(started, port);
    return started;
  }

  int port() {
    return port;
  }

  /// What it took so far: each with the fields `X-Mail-Args` and `X-Rcpt-Args` before it, LF at the
  /// end of a line.
  List<String> mails() {
    return home.list("mails").stream()
        .map(Home::readFile)
        .filter(mail -> mail.endsWith("\n\n"))
        .toList();
  }

  /// The files that it writes them to, for mail that is too large to be read whole.
  List<Path> files() {
    return home.list("mails");
  }

  /// How many connections to it are open now, as the system tells.
  int connections() {
    String here = ":%04X".formatted(port);
    return (int)
        Home.readFile(Path.of("/proc/net/tcp"))
            .lines()
            .map(line -> line.trim().split(" +"))
            .filter(words -> words[1].endsWith(here) && words[3].equals("01"))
            .count();
  }

  /// Waits until it has so many mails.
  List<String> awaitMails(int count) {
    return Until.present(
        count + " mails at smtp-sink",
        Duration.ofSeconds(60),
        () -> Optional.of(mails()).filter(mails -> mails.size() >= count));
  }

  /// Forgets what it took.
  void clear() {
    for (Path mail : home.list("mails")) {
      if (!mail.toFile().delete()) {
        throw new AssertionError("cannot delete " + mail);
      }
    }
  }

  /// Ends it, as a next hop that is down.
  void stop() {
    program.close();
  }

  /// Brings it back on the same port.
  void restart() {
    program = launch();
  }

  @Override
  public void close() {
    program.close();
    home.close();
  }
}
