package dev.poststation.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.poststation.Ground;
import dev.poststation.Poststation;
import dev.poststation.config.Configuration;
import dev.poststation.config.Loaded;
import dev.poststation.config.Loader;
import dev.poststation.dns.Resolver;
import dev.poststation.os.Os;
import dev.poststation.os.Tasks;
import dev.poststation.sim.MemoryDisk;
import dev.poststation.sim.MemorySpool;
import dev.poststation.sim.ScriptedResolver;
import dev.poststation.sim.SimTime;
import dev.poststation.spool.Spool;
import dev.poststation.spool.SpoolException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A relay that cannot start leaves nothing behind: above all it does not write into a directory
/// that another relay has.
@Timeout(60)
class FailedStartTest {
  private static final String CONFIGURATION =
      """
      hostname = "relay.example"
      data = "/data"
      listeners { one { bind = "192.0.2.200:25" } }
      clients = [ { name = lan, networks = ["10.0.0.0/8"] } ]
      connectors { next { hosts = ["192.0.2.1:25"], tls = off } }
      routes = [ { via = [next] } ]
      """;

  private final MemoryDisk disk = new MemoryDisk();
  private final List<Runnable> begun = new CopyOnWriteArrayList<>();

  private Os machine() {
    var real = Os.real();
    var tasks =
        new Tasks() {
          @Override
          public Thread virtual(String name, Runnable body) {
            return real.tasks().virtual(name, body);
          }

          @Override
          public Thread platform(String name, Runnable body) {
            if (name.startsWith("ledger-")) {
              begun.add(body);
              return Thread.currentThread();
            }
            return real.tasks().platform(name, body);
          }
        };
    return new Os(real.time(), real.network(), tasks, real.chance(), disk);
  }

  /// On this spool; null: another relay has it.
  private void assertFails(@Nullable Spool spool, String said) {
    var ground =
        new Ground() {
          @Override
          public Resolver resolver(Configuration configuration, Os machine) {
            return new ScriptedResolver();
          }

          @Override
          public Spool spool(Configuration configuration, Os machine) throws SpoolException {
            if (spool == null) {
              throw new SpoolException("The directory /data is in use", false);
            }
            return spool;
          }
        };
    var os = machine();
    var loaded = new Loader(os, Map.of()).parse(CONFIGURATION, Path.of("poststation.conf"));
    assertThat(loaded).isInstanceOf(Loaded.Good.class);
    assertThatThrownBy(() -> Poststation.start(os, ((Loaded.Good) loaded).configuration(), ground))
        .isInstanceOf(Poststation.StartException.class)
        .hasMessageContaining(said);
  }

  @Test
  void whatWasLearnedIsOnlyTouchedOnceTheDirectoryIsOurs() {
    disk.with("/data/outbreaks", "damaged\n").with("/data/clients.used", "damaged\n");
    assertFails(null, "in use");
    assertThat(begun).isEmpty();
    assertThat(disk.list(Path.of("/data")))
        .containsExactly(Path.of("/data/clients.used"), Path.of("/data/outbreaks"));
  }

  @Test
  void whatIsLearnedIsClosedWithTheSpool() {
    var spool = new MemorySpool(new SimTime());
    spool.failReads("pace");
    assertFails(spool, "pace");
    assertThat(begun).isNotEmpty();
    begun.forEach(Runnable::run); // They would wait for minutes otherwise.
    assertThat(disk.size(Path.of("/data/clients.used"))).isPositive();
  }
}
