package dev.poststation.sts;

import dev.poststation.dns.DomainName;
import dev.poststation.dns.NumericAddress;
import dev.poststation.dns.Resolver;
import dev.poststation.dns.Resolver.Answer;
import dev.poststation.os.Os;
import dev.poststation.os.Time;
import dev.poststation.tlsrpt.ResultType;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The policies of domains (RFC 8461): found when mail goes there for the first time, kept until
/// their end across restarts, fetched anew every day and when a domain says that it has another.
/// Whoever can hide a policy from us later does not make us forget it. Safe for any thread; blocks
/// the calling one while the DNS or a site is asked.
public final class Policies implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Policies.class);

  /// Domains of which one is kept.
  private static final int MOST = 5_000;

  /// A site that failed is left alone for so long, unless the domain says that there is another
  /// policy (RFC 8461 3.3).
  static final Duration PAUSE = Duration.ofMinutes(5);

  /// They are fetched anew after that, or after half of their time (RFC 8461 10.2).
  static final Duration FRESH = Duration.ofDays(1);

  /// So often it is looked for those that are due.
  static final Duration LOOK = Duration.ofHours(1);

  private final Resolver resolver;
  private final PolicySite site;
  private final Os os;
  private final PolicyShelf shelf;
  private final Map<String, CompletableFuture<Found>> underWay = new ConcurrentHashMap<>();
  private final Map<String, Trouble> troubles = new HashMap<>();
  private final AtomicBoolean looking = new AtomicBoolean();
  private final Time.Signal closing;
  private final LongAdder fetched = new LongAdder();
  private final LongAdder failed = new LongAdder();
  private volatile boolean closed;

  /// What was found for a domain.
  public sealed interface Found {
    /// A policy that holds.
    ///
    /// @param domain whose it is
    /// @param id by which the domain called it
    /// @param at when it was fetched
    /// @param problem why it could not be fetched anew when that was tried last; empty: it could
    record Policy(String domain, StsPolicy policy, String id, Instant at, String problem)
        implements Found {
      /// When it ends.
      public Instant until() {
        var age = policy.maxAge();
        return at.plus(age.compareTo(PAUSE) < 0 ? PAUSE : age);
      }

      boolean holds(Instant now) {
        return now.isBefore(until());
      }

      boolean due(Instant now) {
        var half = policy.maxAge().dividedBy(2);
        return !now.isBefore(at.plus(half.compareTo(FRESH) < 0 ? half : FRESH));
      }

      /// Whether mail is not sent because of it.
      boolean protects(Instant now) {
        return policy.mode() == StsPolicy.Mode.ENFORCE && holds(now);
      }

      Policy failing(String why) {
        return new Policy(domain, policy, id, at, why);
      }
    }

    /// None that could be used.
    ///
    /// @param sure whether there is none; else one may be there that cannot be had now
    /// @param trouble what is wrong with one that the domain announces, for reports; null: nothing
    record None(String why, boolean sure, @Nullable ResultType trouble) implements Found {
      /// One of a domain that announces none, as far as that is known.
      public None(String why, boolean sure) {
        this(why, sure, null);
      }
    }
  }

  /// A site that could not give the policy of that id.
  private record Trouble(String id, long until, String why, ResultType type) {}

  private Policies(Resolver resolver, PolicySite site, Os os, @Nullable Path data, boolean kept) {
    this.resolver = resolver;
    this.site = site;
    this.os = os;
    this.shelf = new PolicyShelf(os, data, kept, MOST);
    this.closing = os.time().signal();
  }

  /// Those that are kept in a directory.
  public static Policies keeping(Resolver resolver, PolicySite site, Os os, Path data) {
    var policies = new Policies(resolver, site, os, data, true);
    if (!policies.all().isEmpty()) {
      policies.watch();
    }
    return policies;
  }

  /// Those that the relay has kept in a directory, for commands beside it, which leave them as they
  /// are.
  public static Policies reading(Resolver resolver, PolicySite site, Os os, Path data) {
    return new Policies(resolver, site, os, data, false);
  }

  /// Those that are in memory only.
  public static Policies forgetting(Resolver resolver, PolicySite site, Os os) {
    return new Policies(resolver, site, os, null, false);
  }

  /// The policy of a domain.
  ///
  /// @param domain in any spelling
  public Found of(String domain) {
    var name = DomainName.ascii(domain);
    if (name.isEmpty() || NumericAddress.parse(domain).isPresent()) {
      return new Found.None(domain + " is no domain, so that it has no MTA-STS policy", true);
    }
    var mine = new CompletableFuture<Found>();
    var theirs = underWay.putIfAbsent(name.get(), mine);
    if (theirs != null) {
      return theirs.join();
    }
    try {
      var found = find(name.get());
      mine.complete(found);
      return found;
    } finally {
      underWay.remove(name.get(), mine);
      mine.completeExceptionally(new IllegalStateException("asking failed"));
    }
  }

  private Found find(String domain) {
    var now = os.time().now();
    var known = shelf.get(domain).filter(policy -> policy.holds(now));
    var texts = resolver.texts("_mta-sts." + domain).answer();
    var id = id(texts);
    if (known.isPresent()) {
      watch();
      // That the record is gone means nothing: whoever stands between could take it away.
      boolean another = id.isPresent() && !id.get().equals(known.get().id());
      return another ? fetch(domain, id.get(), known.get()) : known.get();
    }
    if (id.isEmpty()) {
      return new Found.None(
          switch (texts) {
            case Answer.Failed<String>(var reason) ->
                "whether " + domain + " has an MTA-STS policy is not known now: " + reason;
            case Answer.Found<String> _ ->
                "_mta-sts." + domain + " has not exactly one record v=STSv1 with an id";
            default -> domain + " has no MTA-STS policy";
          },
          !(texts instanceof Answer.Failed<String>));
    }
    return fetch(domain, id.get(), null);
  }

  private static Optional<String> id(Answer<String> said) {
    return said instanceof Answer.Found<String>(var texts) ? StsRecord.id(texts) : Optional.empty();
  }

  /// @param known holds until there is another one
  private Found fetch(String domain, String id, Found.@Nullable Policy known) {
    var trouble = trouble(domain, id);
    if (trouble == null) {
      try {
        return taken(domain, id, site.fetch(domain));
      } catch (StsException e) {
        trouble = failed(domain, id, e, e.type(), known);
      } catch (IOException e) {
        trouble = failed(domain, id, e, ResultType.STS_POLICY_FETCH_ERROR, known);
      }
    }
    if (known == null) {
      return new Found.None(
          "the MTA-STS policy of " + domain + " cannot be had: " + trouble.why,
          false,
          trouble.type);
    }
    var kept = known.failing(trouble.why);
    shelf.put(kept);
    return kept;
  }

  private Found taken(String domain, String id, String text) throws IOException {
    var policy =
        switch (StsPolicy.read(text)) {
          case StsPolicy.Reading.Good(var good) -> good;
          case StsPolicy.Reading.Bad(var why) ->
              throw new StsException(ResultType.STS_POLICY_INVALID, "it " + why);
        };
    fetched.increment();
    var found = new Found.Policy(domain, policy, id, os.time().now(), "");
    synchronized (troubles) {
      troubles.remove(domain);
    }
    shelf.put(found);
    watch();
    LOG.info("The MTA-STS policy of {}: {} (id {})", domain, policy.describe(), id);
    return found;
  }

  private Trouble failed(
      String domain, String id, IOException e, ResultType type, Found.@Nullable Policy known) {
    String why = String.valueOf(e.getMessage());
    failed.increment();
    LOG.warn(
        "The MTA-STS policy of {} cannot be had: {}; {}",
        domain,
        why,
        known == null ? "mail goes as if there were none" : "the one of " + known.at() + " holds");
    var trouble = new Trouble(id, os.time().nanos() + PAUSE.toNanos(), why, type);
    synchronized (troubles) {
      if (troubles.size() >= MOST) {
        troubles.clear(); // Each is asked once more.
      }
      troubles.put(domain, trouble);
    }
    return trouble;
  }

  private @Nullable Trouble trouble(String domain, String id) {
    synchronized (troubles) {
      var trouble = troubles.get(domain);
      boolean lasts =
          trouble != null && trouble.id.equals(id) && trouble.until - os.time().nanos() > 0;
      return lasts ? trouble : null;
    }
  }

  /// From the first policy on, those that are kept are fetched anew in time.
  private void watch() {
    if (shelf.kept() && looking.compareAndSet(false, true)) {
      os.tasks().virtual("mta-sts", this::run);
    }
  }

  private void run() {
    try {
      while (!closed) {
        try {
          look();
        } catch (RuntimeException e) {
          LOG.error("Our own fault while policies were fetched anew; it goes on", e);
        }
        closing.await(LOOK);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /// Fetches those anew that are due, one after the other.
  void look() {
    var now = os.time().now();
    shelf.forget(policy -> !policy.holds(now));
    for (var policy : shelf.wanted()) {
      if (!closed && policy.due(now)) {
        renew(policy);
      }
    }
  }

  private void renew(Found.Policy known) {
    var domain = known.domain();
    var answer = resolver.texts("_mta-sts." + domain).answer();
    var id = id(answer);
    // Whoever hides the record shall not make an end of a policy that its site still gives.
    var _ = fetch(domain, id.orElse(known.id()), known);
  }

  /// Those that are kept, by domain.
  public List<Found.Policy> all() {
    return shelf.all();
  }

  /// How often a site gave a policy since the start.
  public long fetched() {
    return fetched.sum();
  }

  /// How often one did not.
  public long failed() {
    return failed.sum();
  }

  @Override
  public void close() {
    closed = true;
    closing.raise();
    shelf.close();
  }
}
