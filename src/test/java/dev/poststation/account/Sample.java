package dev.poststation.account;

import dev.poststation.config.Loaded;
import dev.poststation.config.Loader;
import dev.poststation.config.UsersSettings;
import dev.poststation.os.Disk;
import dev.poststation.os.Os;
import dev.poststation.os.Tasks;
import dev.poststation.os.Time;
import dev.poststation.sasl.ScramKeys;
import dev.poststation.sasl.ScramKeys.Hash;
import dev.poststation.sim.ManualTime;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// What the tests of this package share: few iterations, so that they are quick.
final class Sample {
  static final Path FILE = Path.of("data/users");
  static final Path DATA = Path.of("data");
  static final int ITERATIONS = 4096;
  static final Instant CREATED = Instant.parse("2025-12-01T00:00:00Z");
  static final byte[] SALT = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

  private Sample() {}

  static UsersSettings settings(int blockAfter) {
    return new UsersSettings(FILE, ITERATIONS, null, blockAfter, Duration.ofMinutes(15));
  }

  /// Those of a configuration with these keys in `users`.
  static UsersSettings configured(String keys) {
    String all =
        """
        hostname = "relay.example.com"
        clients = [ { name = lan, networks = ["10.0.0.0/8"] } ]
        connectors { internet { type = mx } }
        routes = [ { via = [internet] } ]
        users { file = "data/users", iterations = 4096, %s }
        """
            .formatted(keys);
    var loader = new Loader(Os.real(), Map.of("SECRET", "secret", "WRONG", "wrong"));
    return switch (loader.parse(all, Path.of("poststation.conf"))) {
      case Loaded.Good good -> good.configuration().users();
      case Loaded.Bad bad -> throw new AssertionError(bad.problems().toString());
    };
  }

  /// A machine with this clock and this disk, all else is real.
  static Os machine(Disk disk, Time time) {
    var real = Os.real();
    return new Os(time, real.network(), real.tasks(), real.chance(), disk);
  }

  /// A machine on which no thread starts.
  static Os os(Disk disk, ManualTime time) {
    return os(disk, time, new ArrayList<>());
  }

  /// The same; what threads would do is added to `tasks`.
  static Os os(Disk disk, ManualTime time, List<Runnable> tasks) {
    var real = Os.real();
    var later =
        new Tasks() {
          @Override
          public Thread virtual(String name, Runnable body) {
            return platform(name, body);
          }

          @Override
          public Thread platform(String name, Runnable body) {
            tasks.add(body);
            return Thread.currentThread();
          }
        };
    return new Os(time, real.network(), later, real.chance(), disk);
  }

  static Password password(String label, String password) {
    return password(label, password, SALT);
  }

  static Password password(String label, String password, byte[] salt) {
    var kind = label.equals("main") ? Password.Kind.MAIN : Password.Kind.APPLICATION;
    return new Password(
        label,
        kind,
        CREATED,
        null,
        ScramKeys.derive(Hash.SHA_256, password, salt, ITERATIONS),
        ScramKeys.derive(Hash.SHA_1, password, salt, ITERATIONS),
        null);
  }

  /// Anna, whose password is `garden`.
  static User anna() {
    return User.named("anna")
        .withOwn(List.of("anna@example.com"))
        .withPasswords(List.of(password("main", "garden")));
  }

  static InetAddress address(String text) {
    try {
      return InetAddress.getByName(text);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(e);
    }
  }
}
