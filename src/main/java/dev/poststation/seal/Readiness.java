package dev.poststation.seal;

import dev.poststation.config.ContentRule;
import dev.poststation.config.Origin;
import dev.poststation.config.Problem;
import dev.poststation.config.Problem.Severity;
import dev.poststation.config.SealService;
import dev.poststation.dns.DomainName;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/// What of keys cannot do what the configuration wants of it, before a mail shows it: keys that no
/// password opens, senders without a key. Confined to one thread.
public final class Readiness {
  private static final int NAMED_MOST = 5;

  private final String section;
  private final String remedy;
  private final Function<String, Origin> origins;
  private final List<Problem> all = new ArrayList<>();

  /// @param section of the configuration
  /// @param remedy the command that brings a key
  /// @param origins where a setting stands
  public Readiness(String section, String remedy, Function<String, Origin> origins) {
    this.section = section;
    this.remedy = remedy;
    this.origins = origins;
  }

  /// All of it.
  public List<Problem> all() {
    return List.copyOf(all);
  }

  /// Keys that cannot be opened.
  ///
  /// @param locked their names, by the reason
  public void locked(Map<String, List<String>> locked) {
    String password = section + ".password";
    locked.forEach(
        (why, names) ->
            warning(
                origins.apply(password),
                section + ": the key of " + some(names) + " cannot be used: " + why,
                "mend " + password + ", or import it anew: " + remedy.replaceAll(" [A-Z].*", "")));
  }

  private static String some(List<String> names) {
    int more = names.size() - NAMED_MOST;
    return String.join(", ", names.subList(0, Math.min(names.size(), NAMED_MOST)))
        + (more > 0 ? " and " + more + " more" : "");
  }

  /// Senders whom the service is for by name must have a key; all others may.
  ///
  /// @param names that have a key
  public void signing(ContentRule rule, SealService.Policy policy, Set<String> names) {
    String then =
        switch (policy) {
          case IF_POSSIBLE -> "such mail goes on unsigned";
          case ALWAYS -> "such mail is refused with 550";
          case NEVER -> "such mail is refused with 550 where its sender wishes a signature";
        };
    var from = rule.when().mail().from();
    if (from.isEmpty() && names.isEmpty()) {
      warning(
          rule.origin(),
          rule.name() + ": there is no valid key that signs: " + then,
          "import one: " + remedy);
    }
    for (String pattern : from) {
      if (!pattern.equals("<>") && !served(pattern.toLowerCase(Locale.ROOT), names)) {
        warning(
            rule.origin(),
            rule.name() + ": there is no valid key of " + pattern + ": " + then,
            "import one: " + remedy);
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

  /// Without a key nothing is decrypted.
  public void decrypting(ContentRule rule, boolean isAny) {
    if (!isAny) {
      warning(
          rule.origin(),
          rule.name() + ": there is no key of ours: nothing can be decrypted",
          "import one: " + remedy);
    }
  }

  /// Something else.
  public void warning(Origin origin, String message, String remedy) {
    all.add(new Problem(origin, message, remedy, Severity.WARNING));
  }
}
