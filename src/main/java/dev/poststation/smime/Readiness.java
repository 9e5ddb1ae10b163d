package dev.poststation.smime;

import dev.poststation.config.Configuration;
import dev.poststation.config.ContentRule;
import dev.poststation.config.Origin;
import dev.poststation.config.Problem;
import dev.poststation.config.Problem.Severity;
import dev.poststation.config.SmimeService;
import dev.poststation.dns.DomainName;
import dev.poststation.os.FileFault;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;

/// What of S/MIME cannot do what the configuration wants of it, before a mail shows it: keys that
/// no password opens, senders without a key, authorities that are not there. Confined to one
/// thread.
final class Readiness {
  private static final int NAMED_MOST = 5;

  private final Smime smime;
  private final Function<String, Origin> origins;
  private final List<Problem> all = new ArrayList<>();

  private Readiness(Smime smime, Function<String, Origin> origins) {
    this.smime = smime;
    this.origins = origins;
  }

  /// All of it, as far as is known: which keys cannot be opened is seen by trying.
  ///
  /// @param origins where a setting stands
  static List<Problem> of(
      Smime smime, Configuration configuration, Function<String, Origin> origins) {
    var look = new Readiness(smime, origins);
    look.locked();
    for (var rule : configuration.content()) {
      switch (rule.service()) {
        case SmimeService.Sign sign -> look.signing(rule, sign.wish().policy());
        case SmimeService.Decrypt _ -> look.decrypting(rule);
        case SmimeService.Verify _ -> look.trusting(rule);
        default -> {}
      }
    }
    return look.all;
  }

  private void locked() {
    var keystore = smime.keystore();
    keystore
        .locked()
        .forEach(
            (why, names) ->
                all.add(
                    warning(
                        origins.apply("smime.password"),
                        "smime: the key of " + some(names) + " cannot be used: " + why,
                        "mend smime.password, or import it anew: poststation smime import")));
  }

  private static String some(List<String> names) {
    int more = names.size() - NAMED_MOST;
    return String.join(", ", names.subList(0, Math.min(names.size(), NAMED_MOST)))
        + (more > 0 ? " and " + more + " more" : "");
  }

  /// Senders whom the service is for by name must have a key; all others may.
  private void signing(ContentRule rule, SmimeService.Policy policy) {
    var names = smime.keystore().signing();
    String then =
        switch (policy) {
          case IF_POSSIBLE -> "such mail goes on unsigned";
          case ALWAYS -> "such mail is refused with 550";
          case NEVER -> "such mail is refused with 550 where its sender wishes a signature";
        };
    var from = rule.when().mail().from();
    if (from.isEmpty() && names.isEmpty()) {
      all.add(
          warning(
              rule.origin(),
              rule.name() + ": there is no valid key that signs: " + then,
              "import one: poststation smime import FILE.p12"));
    }
    for (String pattern : from) {
      if (!pattern.equals("<>") && !served(pattern.toLowerCase(Locale.ROOT), names)) {
        all.add(
            warning(
                rule.origin(),
                rule.name() + ": there is no valid key of " + pattern + ": " + then,
                "import one: poststation smime import FILE.p12"));
      }
    }
  }

  /// @param pattern `user@domain`, `@domain`, `domain`, or `.domain` for all that is below it
  private static boolean served(String pattern, Set<String> names) {
    int at = pattern.lastIndexOf('@');
    String domain = pattern.substring(at + 1);
    String dot = domain.startsWith(".") ? "." : "";
    String ascii = DomainName.ascii(domain.substring(dot.length())).orElse(domain);
    if (at > 0) {
      String house = "@" + ascii;
      return names.contains(pattern.substring(0, at) + house) || names.contains(house);
    }
    String end = dot.isEmpty() ? "@" + ascii : dot + ascii;
    return names.stream().anyMatch(each -> each.endsWith(end));
  }

  private void decrypting(ContentRule rule) {
    if (smime.keystore().own().isEmpty()) {
      all.add(
          warning(
              rule.origin(),
              rule.name() + ": there is no key of ours: nothing can be decrypted",
              "import one: poststation smime import FILE.p12"));
    }
  }

  private void trusting(ContentRule rule) {
    try {
      if (smime.trusted().isEmpty()) {
        trusting("smime.authorities has no certificate: no signature is trusted");
      }
    } catch (IOException e) {
      String fails = rule.name() + " fails at signed mail (on-error = " + rule.onError().word();
      trusting("smime.authorities cannot be read (" + FileFault.why(e) + "): " + fails + ")");
    }
  }

  private void trusting(String text) {
    String remedy = "name a PEM file with the authorities that you trust";
    all.add(warning(origins.apply("smime.authorities"), text, remedy));
  }

  private static Problem warning(Origin origin, String message, String remedy) {
    return new Problem(origin, message, remedy, Severity.WARNING);
  }
}
