package dev.poststation.log;

import dev.poststation.os.Disk;
import dev.poststation.os.Os;
import dev.poststation.os.Time;
import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The metrics of the relay, for Prometheus (docs/reference/metrics.md). Events are counted by the
/// journal; what has a level, such as the queue, is asked for when somebody scrapes. Safe for any
/// thread.
public final class Metrics {
  /// Of more keys nothing is shown: `status` knows them all.
  private static final int SIGNING_KEYS_MOST = 100;

  private static final Path STATUS = Path.of("/proc/self/status");

  private final PrometheusMeterRegistry registry;
  private final Meters meters;
  private final Time time;

  /// As many as there were entries that make exceptions, since the start.
  private final Map<Meters.Exempt, Instant> lastTolerated = new ConcurrentHashMap<>();

  private final MultiGauge expiry;
  private final MultiGauge unusable;
  private final MultiGauge tokenExpiry;
  private final MultiGauge tokenGiven;
  private final MultiGauge tokenPaused;
  private final MultiGauge listed;
  private final MultiGauge quotaLeft;
  private final MultiGauge quotaLimit;
  private final MultiGauge keySince;
  private final MultiGauge keyPublished;
  private volatile Supplier<List<SigningKey>> signingKeys = List::of;
  private volatile Supplier<Map<String, Long>> certificates = Map::of;
  private volatile Supplier<Map<String, Boolean>> broken = Map::of;
  private volatile Supplier<List<Token>> tokens = List::of;
  private volatile Supplier<Map<String, Integer>> listings = Map::of;
  private volatile Supplier<List<Quota>> quotas = List::of;
  private final ArchiveGauges archives;

  /// The registry holds suppliers of counters weakly; this holds them for good.
  private final List<LongSupplier> suppliers = new ArrayList<>();

  /// Metrics with nothing counted yet.
  public Metrics(Os os) {
    registry =
        new PrometheusMeterRegistry(
            PrometheusConfig.DEFAULT, new PrometheusRegistry(), new OsClock(os.time()));
    meters = new Meters(registry);
    archives = new ArchiveGauges(registry);
    time = os.time();
    expiry =
        MultiGauge.builder("poststation.certificate.expiry")
            .description(
                "When a certificate that clients, next hops or token servers are shown expires,"
                    + " since 1970")
            .baseUnit("seconds")
            .register(registry);
    unusable =
        MultiGauge.builder("poststation.certificate.unusable")
            .description("Whether the files of a certificate cannot be used as they are now")
            .register(registry);
    tokenExpiry =
        MultiGauge.builder("poststation.token.expiry")
            .description("When the token of an account at a next hop expires, since 1970")
            .baseUnit("seconds")
            .register(registry);
    tokenGiven =
        MultiGauge.builder("poststation.token.last.success")
            .description("When the token server gave an account a token last, since 1970")
            .baseUnit("seconds")
            .register(registry);
    tokenPaused =
        MultiGauge.builder("poststation.token.paused")
            .description("Whether mail of an account waits because there is no token")
            .register(registry);
    keySince =
        MultiGauge.builder("poststation.dkim.key.since")
            .description("Since when a key that signs mail is in its state, since 1970")
            .baseUnit("seconds")
            .register(registry);
    keyPublished =
        MultiGauge.builder("poststation.dkim.key.published")
            .description("Whether the DNS has a key that signs mail")
            .register(registry);
    listed =
        MultiGauge.builder("poststation.source.listed")
            .description("In how many places an address of ours is listed, and not used for that")
            .register(registry);
    quotaLeft =
        MultiGauge.builder("poststation.quota.left")
            .description("What is left now of a quota of a provider")
            .register(registry);
    quotaLimit =
        MultiGauge.builder("poststation.quota.limit")
            .description("How much a quota of a provider allows in its time")
            .register(registry);
    new JvmMemoryMetrics().bindTo(registry);
    long started = os.time().now().getEpochSecond();
    level("process.start.time", "seconds", "When the relay started, since 1970", () -> started);
    level(
        "process.resident.memory",
        "bytes",
        "Memory that the process occupies",
        () -> resident(os.disk()));
  }

  /// How many sessions with clients are open.
  public void sessions(LongSupplier open) {
    level("poststation.sessions", null, "Sessions with clients that are open", open);
  }

  /// How many addresses and users are blocked after failed logins.
  public void blocks(LongSupplier blocks) {
    level("poststation.blocks", null, "Blocks after failed logins that last now", blocks);
  }

  /// How many mails stand in a part of the queue.
  ///
  /// @param place `active` or `ready`, in memory; `incoming`, `deferred`, `parked` or `held`, in
  ///   the spool
  public void queue(String place, LongSupplier mails) {
    Gauge.builder("poststation.queue.mails", mails::getAsLong)
        .description("Mails in the queue, by place")
        .tag("place", place)
        .register(registry);
  }

  /// How full the spool is, and what it did since the start.
  ///
  /// @param mails mails in all places
  /// @param corrupt mails that were set aside as damaged
  /// @param bytes octets on disk, garbage included
  /// @param commits mails of clients that became durable
  /// @param syncs syncs that made them so
  public void spool(
      LongSupplier mails,
      LongSupplier corrupt,
      LongSupplier bytes,
      LongSupplier commits,
      LongSupplier syncs) {
    level("poststation.spool.mails", null, "Mails in the spool", mails);
    level("poststation.spool.corrupt", null, "Mails that were set aside as damaged", corrupt);
    level("poststation.spool", "bytes", "Octets of the spool on disk", bytes);
    total("poststation.spool.commits", "Mails of clients that became durable", commits);
    total("poststation.spool.syncs", "Syncs of the spool", syncs);
  }

  /// Whether the spool refuses new mail.
  ///
  /// @param why `full` or `out-of-order`
  public void spoolRefuses(String why, BooleanSupplier refuses) {
    Gauge.builder("poststation.spool.refuses", () -> refuses.getAsBoolean() ? 1 : 0)
        .description("Whether the spool refuses new mail, and why")
        .tag("why", why)
        .register(registry);
  }

  /// How many hosts of next hops come last now, because they failed.
  public void hostsLast(LongSupplier hosts) {
    level("poststation.hosts.last", null, "Hosts that failed and come last", hosts);
  }

  /// Policies of MTA-STS: how many are kept, how often one was fetched, and how often one could not
  /// be.
  public void policies(LongSupplier kept, LongSupplier fetched, LongSupplier failed) {
    level("poststation.sts.policies", null, "Policies of MTA-STS that are kept", kept);
    total("poststation.sts.fetches", "Policies of MTA-STS that were fetched", fetched);
    total("poststation.sts.failures", "Policies of MTA-STS that could not be fetched", failed);
  }

  /// Sessions with mail exchangers that are counted for reports about TLS.
  public void tlsSessions(LongSupplier successful, LongSupplier failed) {
    tlsSessions("successful", successful);
    tlsSessions("failed", failed);
  }

  private void tlsSessions(String result, LongSupplier sessions) {
    suppliers.add(sessions);
    FunctionCounter.builder("poststation.tls.sessions", sessions, LongSupplier::getAsLong)
        .description("Sessions that are counted for reports about TLS, by how TLS was")
        .tag("result", result)
        .register(registry);
  }

  /// Digests of the quarantine, and what came of their links.
  public void digests(LongSupplier sent, Map<String, LongSupplier> results) {
    suppliers.add(sent);
    FunctionCounter.builder("poststation.digests", sent, LongSupplier::getAsLong)
        .description("Digests of the quarantine that were sent to recipients")
        .register(registry);
    results.forEach(
        (result, count) -> {
          suppliers.add(count);
          FunctionCounter.builder("poststation.digest.links", count, LongSupplier::getAsLong)
              .description("Calls of links in digests, by what came of them")
              .tag("result", result)
              .register(registry);
        });
  }

  /// How many recipients are on the suppression list.
  public void suppressed(LongSupplier recipients) {
    level("poststation.suppressed", null, "Recipients on the suppression list", recipients);
  }

  /// How many certificates of S/MIME are kept that came with mail.
  public void harvested(LongSupplier certificates) {
    level("poststation.smime.harvested", null, "Certificates that came with mail", certificates);
  }

  /// How often places said whether certificates of S/MIME were revoked, and how often they did not.
  public void revocation(LongSupplier asked, LongSupplier failed) {
    total(
        "poststation.smime.revocation.answers", "Answers whether a certificate was revoked", asked);
    total(
        "poststation.smime.revocation.failures",
        "Questions whether a certificate was revoked without an answer that counts",
        failed);
  }

  /// How many keys of OpenPGP are kept that came with mail.
  public void harvestedKeys(LongSupplier keys) {
    level("poststation.openpgp.harvested", null, "Keys that came with mail", keys);
  }

  /// How often sites said whether they have a key of OpenPGP (WKD), and how often they did not.
  public void webKeys(LongSupplier answered, LongSupplier failed) {
    total("poststation.openpgp.wkd.answers", "Answers of sites that were asked for keys", answered);
    total(
        "poststation.openpgp.wkd.failures", "Questions for keys that no site has answered", failed);
  }

  /// How many devices are not themselves now.
  public void devices(LongSupplier deviating) {
    level("poststation.profile.deviating", null, "Devices that are not themselves", deviating);
  }

  /// When certificates expire; those that are in use may change.
  ///
  /// @param expiry seconds since 1970, by file
  /// @param unusable whether a file cannot be used as it is now
  public void certificates(
      Supplier<Map<String, Long>> expiry, Supplier<Map<String, Boolean>> unusable) {
    certificates = expiry;
    broken = unusable;
  }

  /// In how many places addresses of ours are listed; they may change.
  ///
  /// @param places by address
  public void listings(Supplier<Map<String, Integer>> places) {
    listings = places;
  }

  private void countListings() {
    List<MultiGauge.Row<?>> rows = new ArrayList<>();
    listings
        .get()
        .forEach(
            (source, places) -> rows.add(MultiGauge.Row.of(Tags.of("source", source), places)));
    synchronized (listed) {
      listed.register(rows, true);
    }
  }

  /// A quota of a provider.
  ///
  /// @param user whose it is; empty: of the whole connector
  /// @param quota what it counts, and its time: `mails/hour`
  public record Quota(String connector, String user, String quota, int left, int limit) {}

  /// How much of quotas is left; those of the configuration may change.
  public void quotas(Supplier<List<Quota>> left) {
    quotas = left;
  }

  private void countQuotas() {
    List<MultiGauge.Row<?>> left = new ArrayList<>();
    List<MultiGauge.Row<?>> limits = new ArrayList<>();
    for (Quota each : quotas.get()) {
      var tags = Tags.of("connector", each.connector, "user", each.user, "quota", each.quota);
      left.add(MultiGauge.Row.of(tags, each.left));
      limits.add(MultiGauge.Row.of(tags, each.limit));
    }
    synchronized (quotaLeft) {
      quotaLeft.register(left, true);
      quotaLimit.register(limits, true);
    }
  }

  /// The token of an account at a next hop.
  ///
  /// @param expires seconds since 1970; 0: there is none
  /// @param given when the token server gave one last, likewise
  public record Token(String connector, String user, long expires, long given, boolean paused) {}

  /// How it is with tokens of OAuth 2; accounts may change.
  public void tokens(Supplier<List<Token>> states) {
    tokens = states;
  }

  private void countTokens() {
    List<MultiGauge.Row<?>> expiries = new ArrayList<>();
    List<MultiGauge.Row<?>> given = new ArrayList<>();
    List<MultiGauge.Row<?>> pauses = new ArrayList<>();
    for (Token token : tokens.get()) {
      var tags = Tags.of("connector", token.connector, "user", token.user);
      expiries.add(MultiGauge.Row.of(tags, token.expires));
      given.add(MultiGauge.Row.of(tags, token.given));
      pauses.add(MultiGauge.Row.of(tags, token.paused ? 1 : 0));
    }
    synchronized (tokenExpiry) {
      tokenExpiry.register(expiries, true);
      tokenGiven.register(given, true);
      tokenPaused.register(pauses, true);
    }
  }

  /// A key that signs mail (DKIM).
  ///
  /// @param state `made`, `active` or `retired`
  /// @param since seconds since 1970; 0: nobody knows
  /// @param published whether the DNS has it: 1 or 0; -1: nobody knows
  public record SigningKey(
      String domain, String selector, String state, long since, int published) {}

  /// How it is with keys of DKIM; they may change.
  public void signingKeys(Supplier<List<SigningKey>> keys) {
    signingKeys = keys;
  }

  private void countSigningKeys() {
    List<MultiGauge.Row<?>> since = new ArrayList<>();
    List<MultiGauge.Row<?>> published = new ArrayList<>();
    for (SigningKey key : signingKeys.get().stream().limit(SIGNING_KEYS_MOST).toList()) {
      var tags = Tags.of("domain", key.domain, "selector", key.selector, "state", key.state);
      since.add(MultiGauge.Row.of(tags, key.since));
      published.add(MultiGauge.Row.of(tags, key.published));
    }
    synchronized (keySince) {
      keySince.register(since, true);
      keyPublished.register(published, true);
    }
  }

  /// How an archive is.
  ///
  /// @param directory or its bucket
  /// @param last -1: it has no entries with numbers, for it is a bucket
  /// @param lastAt seconds since 1970; 0: none came since the start
  /// @param usable octets that can still be written; -1: not known
  public record ArchiveLevel(String directory, long last, long lastAt, long usable) {}

  /// How archives are; those of the configuration may change.
  public void archives(Supplier<List<ArchiveLevel>> levels) {
    archives.use(levels);
  }

  private void countCertificates() {
    List<MultiGauge.Row<?>> ends = new ArrayList<>();
    certificates
        .get()
        .forEach((file, at) -> ends.add(MultiGauge.Row.of(Tags.of("file", file), at)));
    List<MultiGauge.Row<?>> states = new ArrayList<>();
    broken
        .get()
        .forEach((file, is) -> states.add(MultiGauge.Row.of(Tags.of("file", file), is ? 1 : 0)));
    synchronized (expiry) {
      expiry.register(ends, true);
      unusable.register(states, true);
    }
  }

  /// All metrics in the text format of Prometheus.
  public String scrape() {
    countCertificates();
    countTokens();
    countListings();
    countSigningKeys();
    countQuotas();
    archives.count();
    return registry.scrape();
  }

  /// How often an entry of `clients` made an exception since the start.
  ///
  /// @param last when it did so last
  public record Tolerated(String client, String what, long times, Instant last) {}

  /// All exceptions that were made use of, in the order of the names.
  public List<Tolerated> tolerated() {
    return meters.tolerated().entrySet().stream()
        .map(
            each ->
                new Tolerated(
                    each.getKey().client(),
                    each.getKey().what(),
                    each.getValue(),
                    lastTolerated.getOrDefault(each.getKey(), time.now())))
        .sorted(Comparator.comparing(Tolerated::client).thenComparing(Tolerated::what))
        .toList();
  }

  void count(Event event) {
    meters.count(event);
    if (event instanceof Event.Tolerated e) {
      lastTolerated.put(new Meters.Exempt(e.entry(), e.what()), time.now());
    }
  }

  void log(LongSupplier lines, LongSupplier dropped) {
    total("poststation.log.lines", "Events written to the mail log", lines);
    total("poststation.log.lines.dropped", "Events missing in the mail log", dropped);
  }

  private void level(String name, @Nullable String unit, String about, LongSupplier value) {
    Gauge.builder(name, value::getAsLong).description(about).baseUnit(unit).register(registry);
  }

  private void total(String name, String about, LongSupplier value) {
    suppliers.add(value);
    FunctionCounter.builder(name, value, LongSupplier::getAsLong)
        .description(about)
        .register(registry);
  }

  /// RocksDB keeps much outside of the Java heap: only the resident size tells the whole.
  private static long resident(Disk disk) {
    try {
      var status = new String(disk.read(STATUS), StandardCharsets.US_ASCII);
      int from = status.indexOf("VmRSS:");
      int to = from < 0 ? -1 : status.indexOf(" kB", from);
      return to < 0 ? 0 : Long.parseLong(status.substring(from + 6, to).trim()) * 1024;
    } catch (IOException | NumberFormatException _) {
      return 0;
    }
  }

  /// Micrometer asks for the time as well.
  private record OsClock(Time time) implements Clock {
    @Override
    public long wallTime() {
      return time.now().toEpochMilli();
    }

    @Override
    public long monotonicTime() {
      return time.nanos();
    }
  }
}
