package dev.poststation.oauth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.Account;
import dev.poststation.config.Configuration;
import dev.poststation.config.Loaded;
import dev.poststation.config.Loader;
import dev.poststation.log.Event;
import dev.poststation.os.Os;
import dev.poststation.os.Tasks;
import dev.poststation.sim.ManualTime;
import dev.poststation.sim.MemoryDisk;
import dev.poststation.sim.ToyTokenServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// Access tokens of a relay whose clock goes by hand: nothing is renewed but by `look`.
final class Desk {
  static final String MICROSOFT =
      """
      preset = microsoft365, auth { user = "scanner@example.com", tenant = "example.com"
        client-id = "app-1", client-secret = "file:/etc/oauth.secret" }
      """;

  static final String BY_LOGIN =
      """
      preset = microsoft365, auth { user = "scanner@example.com", tenant = "example.com"
        client-id = "app-1", grant = device }
      """;

  final ManualTime time = new ManualTime();
  final MemoryDisk disk =
      new MemoryDisk().with("/etc/oauth.secret", "s3cret\n").with("/etc/refresh", "refresh-0\n");
  final ToyTokenServer server = new ToyTokenServer();
  final List<Event.TokenChanged> events = new ArrayList<>();
  final List<String> back = new ArrayList<>();
  final List<Runnable> started = new ArrayList<>();
  final AccessTokens tokens;
  private final Configuration configuration;

  Desk(String connector) {
    this(connector, Map.of());
  }

  /// With the tokens that a relay before has saved.
  Desk(String connector, MemoryDisk former) {
    this(connector, Map.of("/data/oauth.tokens", text(former)));
  }

  /// With these files.
  Desk(String connector, Map<String, String> files) {
    this(connector, files, "");
  }

  /// With these files, one of which cannot be read.
  Desk(String connector, Map<String, String> files, String unreadable) {
    files.forEach(disk::with);
    disk.forbid(unreadable, true);
    configuration = configuration(connector);
    tokens =
        new AccessTokens(
            os(),
            Path.of("/data"),
            (_, _) -> server,
            event -> events.add((Event.TokenChanged) event));
  }

  Os os() {
    var real = Os.real();
    var tasks =
        new Tasks() {
          @Override
          public Thread virtual(String name, Runnable body) {
            body.run();
            return Thread.currentThread();
          }

          @Override
          public Thread platform(String name, Runnable body) {
            started.add(body);
            return Thread.currentThread();
          }
        };
    return new Os(time, real.network(), tasks, real.chance(), disk);
  }

  Configuration configuration(String connector) {
    String text =
        """
        hostname = "relay.example.com"
        clients = [ { name = lan, networks = ["10.0.0.0/8"] } ]
        connectors { m365 { %s } }
        routes = [ { via = [m365] } ]
        """
            .formatted(connector);
    var loaded = new Loader(os(), Map.of()).parse(text, Path.of("/etc/poststation.conf"));
    assertThat(loaded).as(loaded.problems().toString()).isInstanceOf(Loaded.Good.class);
    return ((Loaded.Good) loaded).configuration();
  }

  Desk start() {
    tokens.start(configuration, back::add);
    return this;
  }

  void reload(String connector) {
    tokens.use(configuration(connector));
  }

  Account account() {
    var connector = Objects.requireNonNull(configuration.connectors().get("m365"));
    return Objects.requireNonNull(connector.account());
  }

  String token() throws NoTokenException {
    return tokens.token(account());
  }

  String problem() {
    try {
      return "no problem: " + token();
    } catch (NoTokenException e) {
      return e.clause();
    }
  }

  TokenState state() {
    return tokens.states().getFirst();
  }

  /// The refresh tokens on disk.
  String saved() {
    return text(disk);
  }

  private static String text(MemoryDisk disk) {
    try {
      return new String(disk.read(Path.of("/data/oauth.tokens")), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
