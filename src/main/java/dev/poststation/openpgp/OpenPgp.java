package dev.poststation.openpgp;

import dev.poststation.config.Configuration;
import dev.poststation.config.OpenPgpService;
import dev.poststation.config.OpenPgpSettings;
import dev.poststation.config.Origin;
import dev.poststation.config.Problem;
import dev.poststation.dns.Resolver;
import dev.poststation.os.Os;
import dev.poststation.seal.Ending;
import dev.poststation.seal.Readiness;
import dev.poststation.seal.SealWork;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;

/// OpenPGP in a running relay: what is kept, and the threads that do the work. Safe for any thread.
public final class OpenPgp {
  private final Os os;
  private final Supplier<OpenPgpSettings> settings;
  private final Keystore keystore;
  private final SealWork work;
  private final WebKeys webKeys;
  private final Autocrypt autocrypt;

  /// @param data that of the relay
  /// @param settings `openpgp` of the configuration in force
  /// @param work the threads for it
  public OpenPgp(
      Os os, Path data, Supplier<OpenPgpSettings> settings, Resolver resolver, SealWork work) {
    this.os = os;
    this.settings = settings;
    this.keystore = new Keystore(os, data, settings);
    this.work = work;
    this.webKeys = new WebKeys(os, resolver, () -> settings.get().wkd(), work);
    this.autocrypt = new Autocrypt(os, resolver, keystore, work);
  }

  /// The keys that domains publish.
  public WebKeys webKeys() {
    return webKeys;
  }

  /// The keys.
  public Keystore keystore() {
    return keystore;
  }

  /// What keeps the keys that come with mail.
  public Autocrypt autocrypt() {
    return autocrypt;
  }

  /// How many keys came with mail and are kept.
  public int harvested() {
    return keystore.harvested().count();
  }

  /// The time.
  public Instant now() {
    return os.time().now();
  }

  /// The threads for the work, and its bounds.
  public SealWork work() {
    return work;
  }

  /// What of it cannot do what the configuration wants, on a machine where no relay need run: all
  /// keys are tried, unless a command would have to be run for the password. Slow.
  ///
  /// @param origins where a setting stands
  public List<Problem> problems(Configuration configuration, Function<String, Origin> origins) {
    var password = configuration.openPgp().password();
    if (password == null || !password.byCommand()) {
      keystore.openAll();
    }
    return readiness(configuration, origins);
  }

  private List<Problem> readiness(Configuration configuration, Function<String, Origin> origins) {
    var look = new Readiness("openpgp", "poststation pgp import FILE.asc", origins);
    look.locked(keystore.locked());
    for (var rule : configuration.content()) {
      switch (rule.service()) {
        case OpenPgpService.Sign sign ->
            look.signing(rule, sign.wish().policy(), keystore.signing());
        case OpenPgpService.Decrypt _ -> look.decrypting(rule, !keystore.own().isEmpty());
        default -> {}
      }
    }
    boolean encrypts =
        configuration.content().stream()
            .anyMatch(each -> each.service() instanceof OpenPgpService.Encrypt);
    if (configuration.openPgp().wkd().on() && !encrypts) {
      look.warning(
          origins.apply("openpgp.wkd"),
          "openpgp.wkd = on, and nothing encrypts",
          "add { use = openpgp-encrypt } to content, or remove wkd");
    }
    boolean verifies =
        configuration.content().stream()
            .anyMatch(each -> each.service() instanceof OpenPgpService.Verify);
    if (configuration.openPgp().harvest().on() && !verifies) {
      look.warning(
          origins.apply("openpgp.harvest"),
          "openpgp.harvest = on, and nothing finds keys",
          "add { use = openpgp-verify } to content, or remove harvest");
    }
    return look.all();
  }

  /// What an administrator should know, a sentence each.
  public List<String> concerns(Configuration configuration) {
    keystore.openSoon();
    List<String> all = new ArrayList<>();
    for (var problem : readiness(configuration, _ -> Origin.DEFAULT)) {
      all.add(problem.message() + "; " + problem.remedy());
    }
    keystore.flaws().forEach(each -> all.add("openpgp: " + each));
    all.addAll(webKeys.concerns());
    if (keystore.harvested().isFull()) {
      all.add(
          "openpgp: there are "
              + harvested()
              + " keys that came with mail: no more are kept; raise openpgp.harvest-most");
    }
    all.addAll(
        Ending.concerns(
            endings(),
            "openpgp",
            now(),
            settings.get().warnBefore(),
            "extend it where it was made and import it anew, or import the next one"));
    return all;
  }

  private List<Ending> endings() {
    List<Ending> all = new ArrayList<>();
    var now = now();
    for (var key : keystore.own()) {
      if (!keystore.isReplaced(key)) {
        Keys.expires(key, now)
            .ifPresent(at -> all.add(new Ending("the key " + key, keystore.file(key), at)));
      }
    }
    return all;
  }

  /// When keys of ours end that no later one replaces, by file: those that end first.
  public Map<String, Long> expiries() {
    return Ending.expiries(endings());
  }
}
