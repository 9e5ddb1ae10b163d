package dev.poststation.sim.world;

import dev.poststation.Poststation;
import dev.poststation.config.Configuration;
import dev.poststation.config.Loaded;
import dev.poststation.config.Loader;
import dev.poststation.dns.Resolver;
import dev.poststation.os.Os;
import dev.poststation.sim.ScriptedResolver;
import dev.poststation.spool.Spool;
import dev.poststation.spool.SpoolException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/// A simulated world: the whole relay, clients and next hops on machines of their own, hours of
/// trouble and then days of calm, in which everything must come to its end. All that happens is
/// drawn from the seed.
final class World {
  private static final Duration CALM = Duration.ofDays(3);
  private static final Duration LOOK_EVERY = Duration.ofMinutes(7);

  /// By then the relay has noticed that its clock was set.
  private static final Duration NOTICED = Duration.ofMinutes(2);

  /// Two hosts of the mail server of the clients, and a relay that takes what they do not.
  private static final List<String> HOMES = List.of("10.0.1.200", "10.0.1.201", "10.0.1.202");

  private final Kernel kernel;
  private final RandomGenerator chance;
  private final Ledger ledger;
  private final Administrator administrator;
  private final Trouble trouble;
  private final Wires wires;
  private final Machine machine;
  private final Machine nowhere;
  private final Storage storage;
  private final Configuration configuration;
  private final List<NextHop> hops = new ArrayList<>();
  private final List<Sender> senders = new ArrayList<>();
  private final ScriptedResolver names = new ScriptedResolver();
  private final Duration troubled;
  private final int domains;
  private final int activeMails;
  private final List<String> homes;
  private final String fallback;

  /// Whether mail goes on while all connections are in use, and how many there are to the home.
  private final boolean busy;

  private final int atHome;

  /// What mail tries before MX: the smarthost, or nothing.
  private final String first;

  /// How many connections the slow domain of a newsletter gets.
  private final int connections;

  /// How many connections the world takes from the relay in all; 0: as many as there are.
  private final int quota;

  private final List<Newsletter> newsletters = new ArrayList<>();

  private Poststation relay;
  private boolean calm;
  private Duration clockWrong = Duration.ZERO;
  private long clockSet;
  private int crashes;
  private int reloads;

  /// What became of a world.
  ///
  /// @param broken promises that were not kept; empty: all well
  /// @param lasted virtual time
  record Report(
      List<String> broken,
      Duration lasted,
      int acknowledged,
      int deliveries,
      long faults,
      int crashes,
      long turns,
      long fingerprint) {}

  World(long seed) {
    var root = new SplittableRandom(seed);
    chance = root.split();
    kernel = new Kernel(root.split(), chance.nextInt(3) == 0);
    ledger = new Ledger(kernel::nanos);
    administrator = new Administrator(ledger, root.split());
    trouble =
        new Trouble(
            chance.nextDouble() * 0.1,
            chance.nextDouble() * 0.1,
            20 + chance.nextInt(50_000),
            chance.nextBoolean());
    wires = new Wires(kernel, root.split(), trouble);
    machine = wires.machine("10.0.0.1", root.split());
    nowhere = wires.machine("10.9.9.9", root.split());
    storage =
        new Storage(
            kernel,
            root.split(),
            chance.nextInt(2) == 0 ? 0 : chance.nextDouble() * 0.002,
            chance.nextInt(2) == 0 ? 0 : chance.nextDouble() * 0.002,
            50 + chance.nextInt(5_000),
            this::endsBy);
    troubled = Duration.ofMinutes(60 + chance.nextInt(1000));
    domains = 2 + chance.nextInt(4);
    double mischief = chance.nextInt(4) == 0 ? 0 : chance.nextDouble() * 0.1;
    for (int i = 0; i < domains; i++) {
      exchanger(i, "a", 10, "10.0.1." + (i + 1), mischief, root);
      if (chance.nextBoolean()) {
        exchanger(i, "b", 10 + 10 * chance.nextInt(2), "10.0.1." + (i + 101), mischief, root);
      }
    }
    for (String address : HOMES) {
      hops.add(
          new NextHop(
              wires.machine(address, root.split()), "home", root.split(), ledger, mischief));
    }
    homes = HOMES.subList(0, 1 + chance.nextInt(2));
    fallback = chance.nextBoolean() ? ", spare" : "";
    var listener = new InetSocketAddress(machine.address(), 25);
    int clients = 1 + chance.nextInt(6);
    for (int i = 0; i < clients; i++) {
      var host = wires.machine("10.0.2." + (i + 1), root.split());
      senders.add(
          new Sender(
              host, listener, root.split(), ledger, mischief, 5 + chance.nextInt(30), domains));
    }
    activeMails = chance.nextInt(3) == 0 ? 10 : 1000;
    connections = chance.nextInt(3) == 0 ? 1 + chance.nextInt(3) : 20;
    if (connections < 20) {
      newsletter(listener, root);
    }
    // Drawn apart: worlds of former times stay what they were.
    var lots = new SplittableRandom(~seed);
    quota = lots.nextInt(3) == 0 ? 1 + lots.nextInt(3) : 0;
    busy = !fallback.isEmpty() && lots.nextBoolean();
    atHome = busy ? 1 + lots.nextInt(3) : 20;
    first = connections == 20 && lots.nextInt(3) == 0 ? "home, " : "";
    wires.watch(this::count);
    configuration = configuration("internet");
  }

  /// Another connection was opened. Those of the relay to the world are counted.
  private void count(Machine from) {
    if (quota > 0 && from == machine) {
      long open =
          machine.wires().stream()
              .map(wire -> wire.remote().getAddress().getHostAddress())
              .filter(host -> host.startsWith("10.0.1.") && !HOMES.contains(host))
              .count();
      if (open > quota) {
        ledger.broken(open + " connections to the world, where " + quota + " may be");
      }
    }
  }

  /// To a domain that takes one to three seconds for each mail: bulk for minutes.
  private void newsletter(InetSocketAddress listener, SplittableRandom root) {
    var slowness = Duration.ofMillis(1000 + chance.nextInt(2000));
    hops.stream().filter(hop -> hop.name().startsWith("mx1")).forEach(hop -> hop.slow(slowness));
    var host = wires.machine("10.0.2.100", root.split());
    newsletters.add(
        new Newsletter(host, listener, root.split(), ledger, "d1.example", this::restartAtOnce));
  }

  private void exchanger(
      int domain,
      String which,
      int preference,
      String address,
      double mischief,
      SplittableRandom root) {
    String name = "mx" + domain + which;
    hops.add(
        new NextHop(wires.machine(address, root.split()), name, root.split(), ledger, mischief));
    names
        .mx("d" + domain + ".example", preference, name + ".example")
        .address(name + ".example", address);
  }

  /// @param name of the connector to the world
  private Configuration configuration(String name) {
    String on = busy ? ", fallback = [connection, auth, mail-4yz, busy]" : "";
    var hosts = homes.stream().map(host -> '"' + host + ":25\"").toList();
    String text =
        """
        hostname = "relay.example.com"
        data = "/data"
        listeners { relay { bind = "10.0.0.1:25" } }
        clients = [ { name = lan, networks = ["10.0.0.0/8"] } ]
        connectors { %s { type = mx, max-connections = %d%s }
                     home { type = smarthost, hosts = %s, max-connections = %d }
                     spare { type = smarthost, hosts = ["10.0.1.202:25"] } }
        routes = [ { to = ["clients.example"], via = [home%s }
                   { to = ["d0.example"], via = [%s%s }
                   { via = [%s } ]
        queue { lifetime = "1 day", warn-after = "2 hours", bounce-lifetime = "1 day", retry = ["1m", "5m", "15m", "1h"] }
        limits { active-mails = %d, shutdown-grace = "20 s" }
        """
            .formatted(
                name,
                connections,
                quota > 0 ? ", quota-connections = " + quota : "",
                hosts,
                atHome,
                fallback + "]" + on,
                name,
                fallback + "]" + on,
                first + name + "]" + (first.isEmpty() ? "" : on),
                activeMails);
    return switch (new Loader(machine.os(), Map.of()).parse(text, Path.of("poststation.conf"))) {
      case Loaded.Good good -> good.configuration();
      case Loaded.Bad bad -> throw new IllegalStateException(bad.problems().toString());
    };
  }

  /// Tells all that happens on standard output.
  World loud() {
    kernel.loud();
    return this;
  }

  /// Runs it to its end.
  Report run() {
    hops.forEach(NextHop::open);
    boot();
    var pause = troubled.dividedBy(20);
    senders.forEach(sender -> sender.start(pause));
    nowhere.os().tasks().virtual("director", this::direct);
    nowhere.os().tasks().virtual("auditor", this::audit);
    kernel.run(troubled);
    calmDown();
    kernel.run(troubled.plus(CALM));
    lastLook();
    var broken = ledger.judge();
    kernel.failures().forEach(failure -> broken.add(failure.toString()));
    long faults = trouble.count() + storage.faults() + administrator.actions() + reloads;
    for (var hop : hops) {
      faults += hop.mischiefDone();
    }
    for (var sender : senders) {
      faults += sender.mischiefDone();
    }
    return new Report(
        broken,
        Duration.ofNanos(kernel.nanos()),
        ledger.acknowledged().size(),
        ledger.deliveries(),
        faults + crashes,
        crashes,
        kernel.turns(),
        kernel.fingerprint());
  }

  private final class Ground implements dev.poststation.Ground {
    @Override
    public Resolver resolver(Configuration settings, Os os) {
      return names;
    }

    @Override
    public Spool spool(Configuration settings, Os os) throws SpoolException {
      return storage.open(settings, os);
    }
  }

  private void boot() {
    kernel.tell(() -> "the relay starts");
    var os = machine.os();
    os.tasks()
        .virtual(
            "main",
            () -> {
              try {
                relay = Poststation.start(os, configuration, new Ground());
              } catch (Poststation.StartException e) {
                kernel.tell(() -> "the relay does not start: " + e.getMessage());
                startAgain(e);
              }
            });
  }

  /// As systemd does.
  private void startAgain(Poststation.StartException problem) {
    if (calm) {
      ledger.broken("the relay does not start: " + problem.getMessage());
    }
    nowhere
        .os()
        .tasks()
        .virtual(
            "systemd",
            () -> {
              machine.kill();
              storage.ended(false);
              later(Duration.ofSeconds(10), this::boot);
            });
  }

  private void later(Duration delay, Runnable what) {
    try {
      nowhere.os().time().sleep(delay);
      what.run();
    } catch (InterruptedException _) {
      // The world ends.
    }
  }

  /// Ends and restarts the relay and next hops at moments of its own.
  private void direct() {
    var os = nowhere.os();
    int often = chance.nextInt(5);
    try {
      while (true) {
        os.time().sleep(Duration.ofSeconds(1 + chance.nextInt((int) troubled.toSeconds() / 4)));
        if (calm) {
          return;
        }
        if (chance.nextInt(5) < often) {
          switch (chance.nextInt(6)) {
            case 0 -> restart(os);
            case 1 -> reload();
            case 2 -> setClock(Duration.ofMinutes(chance.nextInt(-2000, 2000)));
            default -> crash();
          }
        } else {
          fell(os, hops.get(chance.nextInt(hops.size())));
        }
      }
    } catch (InterruptedException _) {
      // The world ends.
    }
  }

  private void setClock(Duration wrong) {
    kernel.tell(() -> "the clock is set, it is wrong by " + wrong);
    ledger.clockSet(wrong.minus(clockWrong));
    machine.setClock(wrong);
    clockWrong = wrong;
    clockSet = kernel.nanos();
  }

  /// A thread of the relay's process has met its end.
  private void endsBy(boolean power) {
    relay = null;
    end(power);
    nowhere.os().tasks().virtual("reboot", this::reboot);
  }

  private void crash() {
    if (relay == null) {
      return; // It is down already.
    }
    end(chance.nextBoolean());
    reboot();
  }

  /// Ends the relay, and waits until it is there again.
  private void restartAtOnce() {
    end(chance.nextBoolean());
    machine.restorePower();
    boot();
    while (relay == null) {
      later(Duration.ofMillis(100), () -> {});
    }
  }

  private void end(boolean power) {
    crashes++;
    kernel.tell(() -> power ? "the power is cut" : "the relay is killed");
    relay = null;
    ledger.ended(storage.untoldSince());
    if (power) {
      machine.cutPower();
    } else {
      machine.kill();
    }
    storage.ended(power);
  }

  private void reboot() {
    later(
        Duration.ofSeconds(chance.nextInt(600)),
        () -> {
          machine.restorePower();
          boot();
        });
  }

  /// An orderly one.
  private void restart(Os os) throws InterruptedException {
    var now = relay;
    if (now == null) {
      return;
    }
    relay = null;
    crashes++;
    int ends = crashes;
    kernel.tell(() -> "the relay is stopped");
    var stopped = os.time().signal();
    machine
        .os()
        .tasks()
        .virtual(
            "stop",
            () -> {
              now.close();
              stopped.raise();
            });
    if (!stopped.await(Duration.ofMinutes(2))) {
      if (crashes != ends) {
        return; // It met its end as it stopped, and is there again.
      }
      ledger.broken("the relay does not stop");
    }
    if (storage.failing()) {
      ledger.ended(storage.untoldSince()); // It says so in its log as it closes.
    }
    machine.kill();
    storage.ended(false);
    boot();
  }

  private void reload() {
    reloads++;
    // Under another name it would be another connector, with connections of its own.
    var next = configuration(reloads % 2 == 0 || quota > 0 ? "internet" : "world");
    visit(
        now -> {
          try {
            now.reload(next);
          } catch (Poststation.StartException e) {
            ledger.broken("the configuration cannot be reloaded: " + e.getMessage());
          }
        });
  }

  private void fell(Os os, NextHop hop) throws InterruptedException {
    if (chance.nextBoolean()) {
      hop.machine().kill();
    } else {
      hop.machine().cutPower();
    }
    os.time().sleep(Duration.ofSeconds(chance.nextInt(4000)));
    hop.machine().restorePower();
    hop.open();
  }

  private void calmDown() {
    calm = true;
    setClock(Duration.ZERO);
    trouble.end();
    storage.calm();
    hops.forEach(NextHop::calm);
    senders.forEach(Sender::calm);
    newsletters.forEach(Newsletter::calm);
  }

  /// Has the administrator look in and, as long as there is trouble, meddle.
  private void audit() {
    var os = nowhere.os();
    try {
      while (true) {
        os.time().sleep(LOOK_EVERY);
        if (kernel.nanos() - clockSet > NOTICED.toNanos()) {
          visit(now -> administrator.look(now, machine.os().time().now(), calm));
        }
        if (calm) {
          visit(administrator::releaseAll);
        } else if (chance.nextInt(4) == 0) {
          visit(administrator::meddle);
        }
      }
    } catch (InterruptedException _) {
      // The world ends.
    }
  }

  /// Has something done by a thread of the relay's process, if it runs.
  private void visit(Consumer<Poststation> what) {
    var now = relay;
    if (now != null) {
      machine.os().tasks().virtual("administrator", () -> what.accept(now));
    }
  }

  private void lastLook() {
    if (relay == null) {
      ledger.broken("the relay is not there in the end");
    }
    visit(administrator::lastLook);
    kernel.run(Duration.ofNanos(kernel.nanos()).plusMinutes(1));
    for (var sender : senders) {
      if (!sender.done()) {
        ledger.broken("a sender is stuck");
      }
    }
    for (var newsletter : newsletters) {
      if (!newsletter.done()) {
        ledger.broken("a newsletter is stuck");
      }
    }
  }
}
