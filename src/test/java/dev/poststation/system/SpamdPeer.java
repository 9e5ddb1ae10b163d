package dev.poststation.system;

import java.util.List;
import java.util.Map;

/// A private spamd of SpamAssassin with rules of ours: GTUBE, wishes of a field, and who is known.
final class SpamdPeer implements AutoCloseable {
  private static final String RULES =
      """
      required_score 5
      body GTUBE /XJS\\*C4JDBQADN1\\.NSBN3\\*2IDNEN\\*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL\\*C\\.34X/
      score GTUBE 1000
      header WISH_SIX X-Wish =~ /six/
      score WISH_SIX 6
      header WISH_NINE X-Wish =~ /nine/
      score WISH_NINE 9
      header KNOWN_CORRESPONDENT X-Known-Correspondent =~ /^yes/
      score KNOWN_CORRESPONDENT -4
      header FROM_ANNA EnvelopeFrom =~ /^anna@here\\.test$/
      score FROM_ANNA 0.1
      use_bayes 1
      bayes_auto_learn 0
      bayes_path @HOME@/bayes/words
      bayes_file_mode 0777
      """;

  private final Home home;
  private final int port;
  private Program program;

  private SpamdPeer(Home home, int port) {
    this.home = home;
    this.port = port;
    this.program = begin();
  }

  static SpamdPeer start() {
    Home home = Home.create("spamd");
    home.write("own.cf", RULES, Map.of("HOME", home.path().toString()));
    home.directoryOf("nobody", "bayes");
    home.write(
        "init.pre",
        """
        loadplugin Mail::SpamAssassin::Plugin::Check
        loadplugin Mail::SpamAssassin::Plugin::Bayes
        """,
        Map.of());
    return new SpamdPeer(home, Port.free());
  }

  private Program begin() {
    String path = home.path().toString();
    var started =
        Program.start(
            List.of(
                Peers.program("spamd"),
                "-L",
                "--allow-tell",
                "-x",
                "-i",
                "127.0.0.1",
                "-p",
                Integer.toString(port),
                "--socketpath=" + path + "/spamd.sock",
                "-r",
                path + "/pid",
                "--configpath=" + path,
                "--siteconfigpath=" + path,
                "-H",
                path,
                "-u",
                "nobody",
                "--min-children=1",
                "--max-children=2",
                "-s",
                "stderr"));
    Port.awaitListening(started, port);
    return started;
  }

  int port() {
    return port;
  }

  /// Its socket, as `at` has it.
  String socket() {
    return "unix:" + home.path().resolve("spamd.sock");
  }

  /// Ends it, as a crash does, with its workers.
  void kill() {
    program.killAll();
  }

  void restart() {
    program = begin();
  }

  @Override
  public void close() {
    program.close();
    home.close();
  }
}
