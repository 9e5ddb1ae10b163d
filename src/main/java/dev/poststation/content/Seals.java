package dev.poststation.content;

import dev.poststation.config.Configuration;
import dev.poststation.config.Origin;
import dev.poststation.config.Problem;
import dev.poststation.dns.Resolver;
import dev.poststation.openpgp.OpenPgp;
import dev.poststation.os.Os;
import dev.poststation.seal.SealWork;
import dev.poststation.smime.Smime;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;

/// What signs and encrypts mail: S/MIME and OpenPGP, with their keys, and the threads that both
/// share. Safe for any thread.
public record Seals(Smime smime, OpenPgp openPgp) {
  /// Those of a relay.
  ///
  /// @param configuration the one in force
  public static Seals of(
      Os os, Path data, Resolver resolver, Supplier<Configuration> configuration) {
    var work = new SealWork(os);
    return new Seals(
        new Smime(os, data, () -> configuration.get().smime(), resolver, work),
        new OpenPgp(os, data, () -> configuration.get().openPgp(), resolver, work));
  }

  /// What an administrator should know, a sentence each.
  public List<String> concerns(Configuration configuration) {
    List<String> all = new ArrayList<>(smime.concerns(configuration));
    all.addAll(openPgp.concerns(configuration));
    return all;
  }

  /// What of it cannot do what a configuration wants, as far as this user may see it.
  ///
  /// @param origins where a setting stands
  public List<Problem> problems(Configuration configuration, Function<String, Origin> origins) {
    List<Problem> all = new ArrayList<>();
    if (!smime.keystore().isHidden()) { // The user of the relay alone can see it.
      all.addAll(smime.problems(configuration, origins));
    }
    if (!openPgp.keystore().isHidden()) {
      all.addAll(openPgp.problems(configuration, origins));
    }
    return all;
  }

  /// When keys and certificates of ours end, by their files.
  public Map<String, Long> expiries() {
    Map<String, Long> all = new TreeMap<>(smime.expiries());
    all.putAll(openPgp.expiries());
    return all;
  }
}
