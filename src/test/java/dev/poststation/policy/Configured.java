package dev.poststation.policy;

import dev.poststation.config.ClientRule;
import dev.poststation.config.Configuration;
import dev.poststation.config.Loaded;
import dev.poststation.config.Loader;
import dev.poststation.dns.NumericAddress;
import dev.poststation.os.Disk;
import dev.poststation.os.Os;
import dev.poststation.os.Tasks;
import dev.poststation.os.Time;
import dev.poststation.sim.ScriptedResolver;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/// Policies of configurations that are written as an administrator would.
final class Configured {
  static final String HOSTNAME = "relay.example.com";

  private Configured() {}

  /// The entries of `clients`; the first stands in line 1.
  static List<ClientRule> rules(String clients) {
    return configuration(clients, "").clients();
  }

  /// The same with more of the file.
  static Configuration configuration(String clients, String more) {
    String text =
        "clients = [ "
            + clients
            + """
             ]
            hostname = "relay.example.com"
            listeners { relay { bind = "127.0.0.1:2525", zone = lan }
                        submission { bind = "127.0.0.1:2587" } }
            connectors { internet { type = mx } }
            routes = [ { via = [internet] } ]
            """
            + more;
    var loaded = new Loader(Os.real(), Map.of()).parse(text, Path.of("test.conf"));
    if (loaded instanceof Loaded.Good good) {
      return good.configuration();
    }
    throw new IllegalArgumentException(loaded.problems().toString());
  }

  static Policy policy(String clients, ScriptedResolver resolver, Time time) {
    return new Policy(rules(clients), HOSTNAME, new ClientMemory(resolver, os(time)));
  }

  static Policy policy(String clients) {
    return policy(clients, new ScriptedResolver(), Os.real().time());
  }

  /// A machine with this clock and this disk, all else is real.
  static Os machine(Time time, Disk disk) {
    var real = Os.real();
    return new Os(time, real.network(), real.tasks(), real.chance(), disk);
  }

  static Os os(Time time) {
    var real = Os.real();
    return new Os(time, real.network(), real.tasks(), real.chance(), real.disk());
  }

  /// A machine with this disk, where nothing is written before its end.
  static Os os(Time time, Disk disk) {
    return os(time, disk, _ -> {});
  }

  /// The same.
  ///
  /// @param later is told what would be done on a thread of its own
  static Os os(Time time, Disk disk, Consumer<Runnable> later) {
    var real = Os.real();
    var told =
        new Tasks() {
          @Override
          public Thread virtual(String name, Runnable body) {
            return platform(name, body);
          }

          @Override
          public Thread platform(String name, Runnable body) {
            later.accept(body);
            return Thread.currentThread();
          }
        };
    return new Os(time, real.network(), told, real.chance(), disk);
  }

  /// Somebody who has just connected to listener `relay`.
  static Facts from(String address) {
    return Facts.connected(NumericAddress.parse(address).orElseThrow(), "relay", "lan");
  }
}
