package dev.poststation.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.os.Os;
import dev.poststation.sim.MemoryDisk;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A loader on a machine that tests make up.
final class Bench {
  static final Path FILE = Path.of("poststation.conf");

  /// What makes a configuration whole, on the first line, so that the lines of what follows are as
  /// in the test.
  static final String BASE = "include \"base.conf\", ";

  final MemoryDisk disk =
      new MemoryDisk()
          .with("/proc/sys/kernel/hostname", "relay.example.com\n")
          .with(
              "base.conf",
              """
              clients = [ { name = lan, networks = ["10.0.0.0/8"] } ]
              connectors { provider { hosts = ["smtp.provider.example:587"] } }
              routes = [ { via = [provider] } ]
              quarantine { keep = "30 days" }
              """)
          .with("broken.map", "# old new\n\na@x.example b@y.example\nno mapping at all\n@x y\n")
          .with("chain.pem", "…")
          .with("key.pem", "…")
          .with("provider.secret", "secret\n")
          .withReadable("open.secret", "secret\n")
          .withReadable("open.pem", "…")
          .withForbidden("forbidden.secret")
          .withForbidden("forbidden.conf");

  final Map<String, String> environment =
      new HashMap<>(Map.of("RELAY_NAME", "env.example.com", "SECRET", "from-env", "PORT", "99999"));

  Loader loader() {
    Os real = Os.real();
    return new Loader(
        new Os(
            real.time(),
            real.network(),
            real.tasks(),
            real.chance(),
            disk,
            (command, _) -> "ran " + command),
        environment);
  }

  Loaded load(String text) {
    return loader().parse(text, FILE);
  }

  /// That a test writes a list anew which [#BASE] has is meant.
  private static List<Problem> told(Loaded loaded) {
    return loaded.problems().stream()
        .filter(problem -> !problem.toString().contains("; the list of base.conf:"))
        .toList();
  }

  /// A configuration that is right, without any warning.
  Configuration right(String text) {
    Loaded loaded = load(text);
    assertThat(told(loaded)).isEmpty();
    return configuration(loaded);
  }

  static Configuration configuration(Loaded loaded) {
    return switch (loaded) {
      case Loaded.Good good -> good.configuration();
      case Loaded.Bad(List<Problem> problems, _, _) ->
          throw new AssertionError(problems.toString());
    };
  }

  Effective effective(String text) {
    return switch (load(text)) {
      case Loaded.Good good -> good.effective();
      case Loaded.Bad(List<Problem> problems, _, _) ->
          throw new AssertionError(problems.toString());
    };
  }

  List<String> problems(String text) {
    return told(load(text)).stream().map(Problem::toString).toList();
  }

  Loaded lookedUp() {
    return loader().load(Optional.empty());
  }
}
