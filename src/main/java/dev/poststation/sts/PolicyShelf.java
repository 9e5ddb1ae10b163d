package dev.poststation.sts;

import dev.poststation.os.Os;
import dev.poststation.store.Ledger;
import dev.poststation.sts.Policies.Found.Policy;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The policies that are known, in memory and in `data`, a line for each. Bounded: those go first
/// that demand nothing or have ended, and of all such the one that was not used for longest. Safe
/// for any thread.
final class PolicyShelf implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PolicyShelf.class);
  private static final String FILE = "mta-sts.policies";

  /// One that nobody has used for so long is not fetched anew.
  private static final Duration WANTED = Duration.ofDays(30);

  /// Octets of all together: four times what 5,000 ordinary ones have.
  private static final long OCTETS_MAX = 8_000_000;

  private final Os os;
  private final Map<String, Kept> policies = new HashMap<>();
  private final int most;
  private final @Nullable Ledger ledger;
  private long octets;

  private record Kept(Policy policy, Instant used) {}

  /// @param data where they are; null: in memory only
  /// @param kept whether what changes is written there
  PolicyShelf(Os os, @Nullable Path data, boolean kept, int most) {
    this.os = os;
    this.most = most;
    if (data == null) {
      ledger = null;
    } else if (kept) {
      ledger = new Ledger(os, data.resolve(FILE), this::lines);
      ledger.read(most, this::read);
    } else {
      ledger = null;
      Ledger.read(os.disk(), data.resolve(FILE)).stream().limit(most).forEach(this::read);
    }
  }

  boolean kept() {
    return ledger != null;
  }

  /// @return whether it was understood
  private boolean read(String line) {
    String[] words = line.split(" ", -1);
    var mode = words.length == 7 ? StsPolicy.Mode.of(words[2]) : Optional.<StsPolicy.Mode>empty();
    if (mode.isEmpty()) {
      return false;
    }
    try {
      List<String> mx = words[6].isEmpty() ? List.of() : List.of(words[6].split(",", -1));
      var policy = new StsPolicy(mode.get(), mx, Duration.ofSeconds(Long.parseLong(words[4])));
      var at = Instant.parse(words[3]);
      var kept = new Policy(words[0], policy, words[1], at, "");
      place(new Kept(kept, Instant.parse(words[5])));
      return policy.maxAge().compareTo(StsPolicy.AGE_MAX) <= 0;
    } catch (NumberFormatException | DateTimeException _) {
      return false;
    }
  }

  private synchronized List<String> lines() {
    List<String> lines = new ArrayList<>(policies.size());
    for (var each : policies.values()) {
      var policy = each.policy;
      lines.add(
          String.join(
              " ",
              policy.domain(),
              policy.id(),
              policy.policy().mode().word(),
              policy.at().toString(),
              Long.toString(policy.policy().maxAge().toSeconds()),
              each.used.toString(),
              String.join(",", policy.policy().mx())));
    }
    return lines;
  }

  /// The policy of a domain, also one that has ended; it is used with that.
  synchronized Optional<Policy> get(String domain) {
    var found = policies.get(domain);
    if (found == null) {
      return Optional.empty();
    }
    var now = os.time().now();
    if (Duration.between(found.used, now).compareTo(Duration.ofHours(1)) > 0) {
      place(new Kept(found.policy, now));
      changed();
    }
    return Optional.of(found.policy);
  }

  synchronized void put(Policy policy) {
    var before = policies.get(policy.domain());
    var used = before == null ? os.time().now() : before.used;
    place(new Kept(policy, used));
    while (policies.size() > most || octets > OCTETS_MAX) {
      makeRoom();
    }
    changed();
  }

  private void place(Kept kept) {
    var old = policies.put(kept.policy.domain(), kept);
    octets += kept.policy.policy().octets() - (old == null ? 0 : old.policy.policy().octets());
  }

  /// Whoever publishes many policies shall not make us forget one that protects somebody.
  private void makeRoom() {
    var now = os.time().now();
    policies.values().stream()
        .min(
            Comparator.<Kept, Boolean>comparing(each -> each.policy.protects(now))
                .thenComparing(Kept::used))
        .map(Kept::policy)
        .ifPresent(
            one -> {
              policies.remove(one.domain());
              octets -= one.policy().octets();
              if (one.protects(now)) {
                LOG.warn(
                    "There are more than {} MTA-STS policies, or {} octets of them: the one of {},"
                        + " not used for longest, is forgotten until its next mail",
                    most,
                    OCTETS_MAX,
                    one.domain());
              }
            });
  }

  synchronized void forget(Predicate<Policy> which) {
    if (policies.values().removeIf(each -> which.test(each.policy))) {
      octets = policies.values().stream().mapToLong(each -> each.policy.policy().octets()).sum();
      changed();
    }
  }

  /// Those that somebody wanted lately.
  synchronized List<Policy> wanted() {
    var now = os.time().now();
    return policies.values().stream()
        .filter(each -> each.used.plus(WANTED).isAfter(now))
        .map(Kept::policy)
        .toList();
  }

  /// All, by domain.
  synchronized List<Policy> all() {
    return policies.values().stream()
        .map(Kept::policy)
        .sorted(Comparator.comparing(Policy::domain))
        .toList();
  }

  private void changed() {
    if (ledger != null) {
      ledger.changed();
    }
  }

  @Override
  public void close() {
    if (ledger != null) {
      ledger.close();
    }
  }
}
