package dev.poststation.tlsrpt;

import dev.poststation.dns.DomainName;
import dev.poststation.dns.NumericAddress;
import dev.poststation.os.Os;
import dev.poststation.store.Ledger;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Counts sessions with mail exchangers by day (UTC), domain, policy and failure, until they were
/// reported. Kept in `data`, a line for each day and domain. Bounded: what does not fit is counted
/// without its details, and what does not fit even so is known to be missing. Safe for any thread.
public final class Tally implements TlsObserver, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Tally.class);
  private static final String FILE = "tls-reports.counted";

  /// Domains of one day.
  static final int DOMAINS_MOST = 20_000;

  /// Policies of one domain on one day: each host with records of DANE has its own.
  static final int POLICIES_MOST = 30;

  /// Ways to fail under one policy.
  static final int FAILURES_MOST = 100;

  /// Ways to fail on one day, of all domains.
  static final int FAILURES_OF_DAY = 50_000;

  /// Characters of the policies of one day, of all domains; those that do not fit are counted by
  /// their type, without what they say.
  static final int POLICIES_OF_DAY = 16_000_000;

  /// What a policy takes up besides its text, roughly.
  private static final int POLICY_OVERHEAD = 200;

  /// Stands where the details of failures did not fit.
  static final String MORE = "more ways to fail than are kept apart";

  private final Os os;
  private final Ledger ledger;
  private final Map<Key, Map<AppliedPolicy, Sessions>> counted = new HashMap<>();

  /// What one day has.
  private final Map<LocalDate, Size> sizes = new HashMap<>();

  private final LongAdder successful = new LongAdder();
  private final LongAdder failed = new LongAdder();

  /// A day and a domain, in the spelling of [DomainName#ascii].
  public record Key(LocalDate day, String domain) {
    /// When the day is over.
    public Instant end() {
      return day.plusDays(1).atStartOfDay().toInstant(ZoneOffset.UTC);
    }

    /// Whether no clock that is right can have seen the day, or be about to.
    public boolean isAhead(LocalDate today) {
      return day.isAfter(today.plusDays(1));
    }
  }

  private static final class Size {
    private int domains;
    private int failures;
    private long policies;
    private long uncounted;
  }

  private static final class Sessions {
    private long successful;
    private long failed;
    private final Map<TlsSession.Failure, Long> failures = new HashMap<>(1);
  }

  /// @param data where it is kept
  public Tally(Os os, Path data) {
    this.os = os;
    this.ledger = new Ledger(os, data.resolve(FILE), this::lines);
    ledger.read(5L * DOMAINS_MOST, this::read);
  }

  @Override
  public void seen(String domain, List<TlsSession> sessions) {
    for (var session : sessions) {
      String whose = session.domain().isEmpty() ? domain : session.domain();
      var name = DomainName.ascii(whose);
      if (name.isPresent() && NumericAddress.parse(whose).isEmpty()) {
        count(new Key(today(), name.get()), session);
      }
    }
  }

  private LocalDate today() {
    return LocalDate.ofInstant(os.time().now(), ZoneOffset.UTC);
  }

  private void count(Key key, TlsSession session) {
    (session.failure() == null ? successful : failed).increment();
    synchronized (this) {
      add(key, session, 1);
    }
    ledger.changed();
  }

  private void add(Key key, TlsSession session, long times) {
    var size = sizes.computeIfAbsent(key.day, _ -> new Size());
    var sessions = sessions(key, named(session.policy(), key.domain), size);
    if (sessions == null) {
      if (size.uncounted == 0) {
        LOG.warn(
            "More than {} domains, or {} policies of one, on {}: reports about TLS will not have"
                + " all sessions",
            DOMAINS_MOST,
            POLICIES_MOST,
            key.day);
      }
      size.uncounted += times;
      return;
    }
    var failure = session.failure();
    if (failure == null) {
      sessions.successful += times;
      return;
    }
    sessions.failed += times;
    if (sessions.failures.merge(fitting(failure, sessions, size), times, Long::sum) == times) {
      size.failures++;
    }
  }

  private static AppliedPolicy named(AppliedPolicy policy, String domain) {
    return policy.domain().isEmpty()
        ? new AppliedPolicy(policy.type(), domain, policy.lines(), policy.mx())
        : policy;
  }

  /// Null: there is no room for it.
  private @Nullable Sessions sessions(Key key, AppliedPolicy policy, Size size) {
    var policies = counted.get(key);
    if (policies == null) {
      if (size.domains >= DOMAINS_MOST) {
        return null;
      }
      size.domains++;
      policies = new LinkedHashMap<>(2);
      counted.put(key, policies);
    }
    var sessions = policies.get(policy);
    if (sessions != null || policies.size() >= POLICIES_MOST) {
      return sessions;
    }
    long more = (long) POLICY_OVERHEAD + policy.length();
    if (size.policies + more > POLICIES_OF_DAY) {
      var type = new AppliedPolicy(policy.type(), key.domain, List.of(), List.of());
      return policies.computeIfAbsent(type, _ -> new Sessions());
    }
    size.policies += more;
    sessions = new Sessions();
    policies.put(policy, sessions);
    return sessions;
  }

  private static TlsSession.Failure fitting(
      TlsSession.Failure failure, Sessions sessions, Size size) {
    boolean fits =
        sessions.failures.containsKey(failure)
            || (sessions.failures.size() < FAILURES_MOST && size.failures < FAILURES_OF_DAY);
    return fits ? failure : new TlsSession.Failure(failure.type(), "", "", "", "", MORE);
  }

  private List<String> lines() {
    List<String> lines = new ArrayList<>();
    for (var key : keys()) {
      report(key, new Author("", "", ""))
          .ifPresent(
              report -> lines.add(key.day + " " + key.domain + " " + ReportJson.write(report)));
    }
    return lines;
  }

  /// @return whether it was understood
  private boolean read(String line) {
    String[] words = line.split(" ", 3);
    if (words.length < 3) {
      return false;
    }
    try {
      var key = new Key(LocalDate.parse(words[0]), words[1]);
      for (var policy : ReportJson.read(words[2].getBytes(StandardCharsets.UTF_8)).policies()) {
        if (!read(key, policy)) {
          return false;
        }
      }
      return true;
    } catch (DateTimeException | IOException _) {
      return false;
    }
  }

  private synchronized boolean read(Key key, TlsReport.Policy policy) {
    var type = AppliedPolicy.Type.of(policy.type());
    if (type.isEmpty()) {
      return false;
    }
    var applied = new AppliedPolicy(type.get(), policy.domain(), policy.lines(), policy.mx());
    if (policy.successful() > 0) {
      add(key, new TlsSession("", applied, null), policy.successful());
    }
    for (var each : policy.failures()) {
      var result = ResultType.of(each.result());
      if (result.isEmpty()) {
        return false;
      }
      var failure =
          new TlsSession.Failure(
              result.get(), each.from(), each.host(), each.hello(), each.to(), each.code());
      add(key, new TlsSession("", applied, failure), each.sessions());
    }
    return true;
  }

  /// All that is counted and not reported, by day and domain.
  public synchronized List<Key> keys() {
    return counted.keySet().stream()
        .sorted(Comparator.comparing(Key::day).thenComparing(Key::domain))
        .toList();
  }

  /// The same of the days that are over, and of those that only a clock that ran ahead has seen.
  public List<Key> over() {
    var today = today();
    synchronized (this) {
      return counted.keySet().stream()
          .filter(key -> key.day.isBefore(today) || key.isAhead(today))
          .toList();
    }
  }

  /// What was seen of the latest day of a domain that is counted; empty: nothing.
  ///
  /// @param domain in any spelling
  public Optional<Key> latest(String domain) {
    String name = DomainName.ascii(domain).orElse("");
    return keys().stream()
        .filter(key -> key.domain.equals(name))
        .max(Comparator.comparing(Key::day));
  }

  /// Who reports.
  ///
  /// @param contact whom to ask about it
  /// @param relay our name: several relays may report for one domain
  public record Author(String organization, String contact, String relay) {}

  /// The report about one day, so far; empty: nothing was seen.
  public synchronized Optional<TlsReport> report(Key key, Author by) {
    var policies = counted.get(key);
    if (policies == null) {
      return Optional.empty();
    }
    List<TlsReport.Policy> all = new ArrayList<>(policies.size());
    policies.forEach((policy, sessions) -> all.add(policy(policy, sessions)));
    // The same for the same day, however often it is sent, and nobody else's.
    String id = "%s.%s@%s".formatted(key.day.toString().replace("-", ""), key.domain, by.relay);
    return Optional.of(
        new TlsReport(
            by.organization,
            by.contact,
            id,
            key.day.atStartOfDay().toInstant(ZoneOffset.UTC),
            key.end().minusSeconds(1),
            all));
  }

  private static TlsReport.Policy policy(AppliedPolicy policy, Sessions sessions) {
    List<TlsReport.Failure> failures = new ArrayList<>(sessions.failures.size());
    sessions.failures.entrySet().stream()
        .sorted(
            Map.Entry.<TlsSession.Failure, Long>comparingByValue()
                .reversed()
                .thenComparing(each -> each.getKey().toString()))
        .forEach(each -> failures.add(failure(each.getKey(), each.getValue())));
    return new TlsReport.Policy(
        policy.type().word(),
        policy.lines(),
        policy.domain(),
        policy.mx(),
        sessions.successful,
        sessions.failed,
        failures);
  }

  private static TlsReport.Failure failure(TlsSession.Failure failure, long sessions) {
    return new TlsReport.Failure(
        failure.type().word(),
        failure.from(),
        failure.host(),
        failure.hello(),
        failure.to(),
        sessions,
        failure.code(),
        "");
  }

  /// A day of a domain was reported, or will not be.
  public void drop(Key key) {
    synchronized (this) {
      var dropped = counted.remove(key);
      if (dropped == null) {
        return;
      }
      sizes.computeIfPresent(key.day, (_, size) -> --size.domains == 0 ? null : size);
    }
    ledger.changed();
  }

  /// Sessions of a day that could not be counted.
  public synchronized long uncounted(LocalDate day) {
    var size = sizes.get(day);
    return size == null ? 0 : size.uncounted;
  }

  /// Sessions since the start in which nothing was wrong.
  public long successful() {
    return successful.sum();
  }

  /// Sessions since the start in which something was.
  public long failed() {
    return failed.sum();
  }

  @Override
  public void close() {
    ledger.close();
  }
}
