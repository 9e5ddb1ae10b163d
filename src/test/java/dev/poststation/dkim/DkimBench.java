package dev.poststation.dkim;

import dev.poststation.config.DkimDomain;
import dev.poststation.config.Origin;
import dev.poststation.config.Secret;
import dev.poststation.os.Os;
import dev.poststation.os.Tasks;
import dev.poststation.sim.LonelyNetwork;
import dev.poststation.sim.ManualTime;
import dev.poststation.sim.MemoryDisk;
import dev.poststation.sim.PickedChance;
import dev.poststation.sim.ScriptedResolver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A disk, a clock and a DNS, with domains that sign. Confined to one thread.
final class DkimBench {
  static final Path DATA = Path.of("data");

  final ManualTime time = new ManualTime();
  final MemoryDisk disk = new MemoryDisk();
  final ScriptedResolver dns = new ScriptedResolver();
  final Os os = new Os(time, new LonelyNetwork(), new NoTasks(), new PickedChance(), disk);

  /// As the configuration has them; replaced as a whole.
  Map<String, DkimDomain> domains = Map.of();

  final Keyring keyring = new Keyring(os, DATA, () -> domains);
  final Signing signing = new Signing(keyring, time);
  final KeyWatch watch = new KeyWatch(os, keyring, dns);
  final Rotation rotation = new Rotation(os, DATA, dns);

  private static final class NoTasks implements Tasks {
    @Override
    public Thread virtual(String name, Runnable body) {
      return Thread.currentThread();
    }

    @Override
    public Thread platform(String name, Runnable body) {
      return Thread.currentThread();
    }
  }

  /// A domain as it is by default, but with short keys.
  static DkimDomain domain(String name, DkimDomain.Selector... selectors) {
    return domain(name, true, List.of(), selectors);
  }

  static DkimDomain domain(
      String name, boolean subdomains, List<String> alsoFor, DkimDomain.Selector... selectors) {
    return new DkimDomain(
        name,
        List.of(selectors),
        List.of(DkimDomain.Algorithm.RSA_SHA256, DkimDomain.Algorithm.ED25519_SHA256),
        1024,
        subdomains,
        alsoFor,
        true,
        true,
        null,
        List.of(),
        Duration.ofDays(365),
        Duration.ofDays(7),
        Origin.DEFAULT);
  }

  /// A name for keys that are made here.
  static DkimDomain.Selector selector(String name) {
    return new DkimDomain.Selector(name, null, Origin.DEFAULT);
  }

  /// A key of another program.
  static DkimDomain.Selector foreign(String name, KeyPairOf keys) {
    return new DkimDomain.Selector(
        name, new Given(new String(keys.pem(), StandardCharsets.US_ASCII)), Origin.DEFAULT);
  }

  record Given(@Nullable String text) implements Secret {
    @Override
    public String reveal() throws IOException {
      if (text == null) {
        throw new IOException("the secret is gone");
      }
      return text;
    }

    @Override
    public boolean byCommand() {
      return false;
    }

    @Override
    public Origin origin() {
      return Origin.DEFAULT;
    }
  }

  void configure(DkimDomain... sections) {
    Map<String, DkimDomain> all = new LinkedHashMap<>();
    for (var section : sections) {
      all.put(section.name(), section);
    }
    domains = all;
  }

  Rotation.Outcome rotate(DkimDomain domain) {
    return rotate(domain, false);
  }

  Rotation.Outcome rotate(DkimDomain domain, boolean due) {
    try {
      return rotation.rotate(domain, due, false);
    } catch (IOException | Rotation.RefusedException e) {
      throw new AssertionError(e);
    }
  }

  void publish(List<KeyRecord> records) {
    records.forEach(record -> dns.text(record.name(), record.text()));
  }

  /// Makes keys of a domain, and lets them sign.
  void signed(DkimDomain domain) {
    if (rotate(domain).step() instanceof Rotation.Step.Made(var records)) {
      publish(records);
    }
    rotate(domain);
    time.advance(Duration.ofSeconds(20));
  }

  /// What comes of a mail from there.
  Signing.Result sign(String from) {
    return sign("From: " + from + "\r\nSubject: x\r\n", "text\r\n");
  }

  Signing.Result sign(String header, String body) {
    try {
      return signing.sign(
          header.getBytes(StandardCharsets.UTF_8),
          () -> new ByteArrayInputStream(body.getBytes(StandardCharsets.UTF_8)));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /// By which keys, or why not.
  String signedBy(String from) {
    return switch (sign(from)) {
      case Signing.Result.Signed(_, var by) -> String.join(", ", by);
      case Signing.Result.Unsigned(var why) -> "unsigned: " + why;
      case Signing.Result.Failed(var why) -> "failed: " + why;
    };
  }

  /// The keys of a domain as `dkim list` has them.
  List<String> keys(DkimDomain domain) {
    return DomainKeys.read(disk, DATA, domain).keys().stream()
        .map(held -> held.entry().selector() + " " + held.entry().state().word())
        .toList();
  }
}
