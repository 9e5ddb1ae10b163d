package dev.poststation.reporting;

import dev.poststation.config.TlsReportSettings;
import dev.poststation.dns.DomainName;
import dev.poststation.dns.Resolver;
import dev.poststation.dns.Resolver.Answer;
import dev.poststation.log.Event;
import dev.poststation.message.Alignment;
import dev.poststation.os.Os;
import dev.poststation.os.Time;
import dev.poststation.smtp.Address;
import dev.poststation.store.Ledger;
import dev.poststation.tlsrpt.ReportAddresses;
import dev.poststation.tlsrpt.Tally;
import dev.poststation.tlsrpt.TlsObserver;
import dev.poststation.tlsrpt.TlsReport;
import dev.poststation.tlsrpt.TlsSession;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Counts sessions with mail exchangers while `tls-reports` is written, and in the hours after each
/// day (UTC) tells those domains of them that publish where to. Which reports were sent is kept in
/// `data`: a crash sends none twice, but one that was sent in the very moment. Safe for any thread.
public final class Reporter implements TlsObserver, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Reporter.class);
  private static final String FILE = "tls-reports.sent";

  /// Reports of a day are spread over that (RFC 8460 4.1), each relay and domain having its time.
  static final Duration SPREAD = Duration.ofHours(4);

  /// So often it is looked for those that are due.
  static final Duration LOOK = Duration.ofMinutes(5);

  /// A site that has not answered by then is tried again later.
  static final Duration SITE_TIMEOUT = Duration.ofSeconds(30);

  /// For so long sites are posted to in one round; the rest has its turn in the next one.
  static final Duration SITES_TIME = Duration.ofMinutes(10);

  /// Of a day that is over for so long nobody is told any more, and what was sent is forgotten.
  static final int DAYS_KEPT = 3;

  private static final int READ_MOST = 100_000;

  private final Os os;
  private final Supplier<Optional<TlsReportSettings>> settings;
  private final Supplier<String> hostname;
  private final Resolver resolver;
  private final ReportSite site;
  private final Consumer<Event> events;
  private final Tally tally;
  private final Ledger ledger;
  private final Map<Tally.Key, Dispatch> dispatches = new ConcurrentHashMap<>();
  private final AtomicBoolean looking = new AtomicBoolean();
  private final Time.Signal closing;
  private volatile @Nullable Outbox outbox;
  private volatile boolean closed;

  /// What there is about a day of a domain, for people.
  ///
  /// @param due when the report is sent, or tried again
  /// @param problem why it was not yet; empty: it was not tried
  public record Standing(TlsReport report, Tally.Key key, Instant due, String problem) {}

  /// @param data where it is kept
  /// @param settings those in force; empty: nothing is counted or sent
  /// @param events is told
  public Reporter(
      Os os,
      Path data,
      Supplier<Optional<TlsReportSettings>> settings,
      Supplier<String> hostname,
      Resolver resolver,
      ReportSite site,
      Consumer<Event> events) {
    this.os = os;
    this.settings = settings;
    this.hostname = hostname;
    this.resolver = resolver;
    this.site = site;
    this.events = events;
    this.tally = new Tally(os, data);
    this.closing = os.time().signal();
    this.ledger =
        new Ledger(
            os,
            data.resolve(FILE),
            () -> dispatches.values().stream().map(Dispatch::line).sorted().toList());
    ledger.read(
        READ_MOST,
        line -> {
          var dispatch = Dispatch.parse(line);
          dispatch.ifPresent(it -> dispatches.put(it.key(), it));
          return dispatch.isPresent();
        });
  }

  /// From now on reports can be sent by mail.
  public void start(Outbox by) {
    outbox = by;
    if (!tally.keys().isEmpty()) {
      watch();
    }
  }

  @Override
  public void seen(String domain, List<TlsSession> sessions) {
    if (!sessions.isEmpty() && settings.get().isPresent()) {
      tally.seen(domain, sessions);
      watch();
    }
  }

  private void watch() {
    if (!looking.get() && outbox != null && looking.compareAndSet(false, true)) {
      os.tasks().virtual("tls-reports", this::run);
    }
  }

  private void run() {
    try {
      while (!closed) {
        try {
          look();
        } catch (RuntimeException e) {
          LOG.error("Our own fault while reports about TLS were sent; it goes on", e);
        }
        closing.await(LOOK);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /// Sends what is due, one after the other: mail first, for a site may be silent for long.
  void look() {
    var now = os.time().now();
    var today = LocalDate.ofInstant(now, ZoneOffset.UTC);
    var oldest = today.minusDays(DAYS_KEPT);
    var by = settings.get();
    List<Tally.Key> due = new ArrayList<>();
    for (var key : tally.over()) {
      var dispatch = dispatches.get(key);
      if (by.isEmpty()
          || key.day().isBefore(oldest)
          || key.isAhead(today)
          || (dispatch != null && dispatch.done())) {
        tally.drop(key);
      } else if (!due(key).isAfter(now)) {
        due.add(key);
      }
    }
    if (dispatches.keySet().removeIf(key -> key.day().isBefore(oldest) || key.isAhead(today))) {
      ledger.changed();
    }
    by.ifPresent(settled -> send(inTurns(due), settled));
    ledger.write();
  }

  /// The first of each organisation, then the second of each, and so on: one with a thousand names
  /// holds up itself.
  private static List<Tally.Key> inTurns(List<Tally.Key> keys) {
    Map<String, Integer> turns = new HashMap<>();
    Map<Tally.Key, Integer> turn = new HashMap<>();
    for (var key : keys) {
      turn.put(key, turns.merge(Alignment.organisation(key.domain()), 1, Integer::sum));
    }
    return keys.stream().sorted(Comparator.comparing(turn::get)).toList();
  }

  private void send(List<Tally.Key> due, TlsReportSettings by) {
    for (var key : due) {
      if (closed) {
        return;
      }
      mail(key, by);
    }
    Set<String> silent = new HashSet<>();
    long end = os.time().nanos() + SITES_TIME.toNanos();
    for (var key : due) {
      if (closed || os.time().nanos() - end >= 0) {
        return;
      }
      post(key, by, silent);
    }
  }

  private Instant due(Tally.Key key) {
    var dispatch = dispatches.get(key);
    if (dispatch != null) {
      return dispatch.next();
    }
    // The same after a restart, and another one for each relay, domain and day.
    long mixed = (hostname.get() + ' ' + key).hashCode() * 0x9E3779B97F4A7C15L;
    return key.end().plusSeconds((mixed >>> 33) % SPREAD.toSeconds());
  }

  private void mail(Tally.Key key, TlsReportSettings by) {
    var now = os.time().now();
    var before = dispatches.get(key);
    var dispatch = before == null ? Dispatch.begin(key, now) : before;
    var report = tally.report(key, author(by));
    if (report.isEmpty()) {
      return;
    }
    if (dispatch.mail() == null) {
      switch (addresses(key.domain())) {
        case Wanted.Nowhere _ -> {
          if (dispatches.remove(key) != null) {
            ledger.changed();
          }
          tally.drop(key);
          return;
        }
        case Wanted.Unknown(var why) -> {
          keep(dispatch.failed(now, why), "?");
          return;
        }
        case Wanted.At(var wanted) -> dispatch = dispatch.left(wanted.mail(), wanted.sites());
      }
    }
    keep(dispatch);
    if (mailed(dispatch, report.get(), by).done()) {
      tally.drop(key);
    }
  }

  /// @param silent sites that have not answered in this round, and are not asked again in it
  private void post(Tally.Key key, TlsReportSettings by, Set<String> silent) {
    var dispatch = dispatches.get(key);
    var report = tally.report(key, author(by));
    if (dispatch != null
        && !dispatch.sites().isEmpty()
        && report.isPresent()
        && posted(dispatch, report.get(), silent).done()) {
      tally.drop(key);
    }
  }

  private Dispatch mailed(Dispatch dispatch, TlsReport report, TlsReportSettings by) {
    var to = dispatch.mail();
    var way = outbox;
    if (to == null || to.isEmpty() || way == null) {
      return dispatch;
    }
    var now = os.time().now();
    String where = joined(to);
    var key = dispatch.key();
    try {
      byte[] content =
          ReportMail.content(report, key, by.from(), submitter(by), to, hostname.get(), now);
      var id = way.put(to, content, "report about TLS to " + key.domain() + " (tls-reports)");
      var done = dispatch.left(List.of(), dispatch.sites());
      sent(done);
      tell(key, where, "queued", "as " + id);
      return done;
    } catch (IOException e) {
      return keep(dispatch.failed(now, String.valueOf(e.getMessage())), where);
    }
  }

  private Dispatch posted(Dispatch dispatch, TlsReport report, Set<String> silent) {
    byte[] octets = ReportMail.packed(report);
    List<URI> left = new ArrayList<>(dispatch.sites());
    String problem = "";
    for (var to : dispatch.sites()) {
      String why = silent.contains(to.getAuthority()) ? "it is silent" : post(to, octets, silent);
      if (why.isEmpty()) {
        left.remove(to);
        sent(dispatch.left(dispatch.mail(), left));
        tell(dispatch.key(), to.toString(), "sent", null);
      } else {
        problem = why;
      }
    }
    var now = os.time().now();
    var rest = dispatch.left(dispatch.mail(), left);
    return left.isEmpty() ? rest : keep(rest.failed(now, problem), left.getFirst().toString());
  }

  /// @return what went wrong; empty: nothing
  private String post(URI to, byte[] report, Set<String> silent) {
    try {
      int status = site.post(to, report);
      return status / 100 == 2 ? "" : "it answers " + status;
    } catch (IOException e) {
      silent.add(to.getAuthority());
      return String.valueOf(e.getMessage());
    }
  }

  /// Durable before anything else is sent.
  private void sent(Dispatch dispatch) {
    keep(dispatch);
    ledger.write();
  }

  /// Written at the end of the round: when it is lost, it is only tried again earlier.
  private void keep(Dispatch dispatch) {
    dispatches.put(dispatch.key(), dispatch);
    ledger.changed();
  }

  private Dispatch keep(Dispatch failed, String to) {
    keep(failed);
    boolean last = failed.done();
    if (last) {
      tally.drop(failed.key());
      LOG.warn(
          "The report about TLS to {} of {} could not be sent to {} and is given up: {}",
          failed.key().domain(),
          failed.key().day(),
          to,
          failed.problem());
    }
    tell(failed.key(), to, last ? "failed" : "deferred", failed.problem());
    return failed;
  }

  private void tell(Tally.Key key, String to, String status, @Nullable String text) {
    events.accept(new Event.TlsReported(key.domain(), key.day(), to, status, text));
  }

  private static String joined(List<Address> to) {
    return "mailto:" + String.join(",", to.stream().map(Address::toString).toList());
  }

  /// Where a domain wants its reports.
  private sealed interface Wanted {
    record At(ReportAddresses places) implements Wanted {}

    record Nowhere() implements Wanted {}

    record Unknown(String why) implements Wanted {}
  }

  private Wanted addresses(String domain) {
    return switch (resolver.texts("_smtp._tls." + domain).answer()) {
      case Answer.Found<String>(var texts) ->
          ReportAddresses.of(texts).<Wanted>map(Wanted.At::new).orElseGet(Wanted.Nowhere::new);
      case Answer.NoRecord<String> _, Answer.NoName<String> _ -> new Wanted.Nowhere();
      case Answer.Failed<String>(var reason) ->
          new Wanted.Unknown("_smtp._tls." + domain + " cannot be looked up now: " + reason);
    };
  }

  private static String submitter(TlsReportSettings by) {
    return DomainName.ascii(by.from().domain()).orElse(by.from().domain());
  }

  private Tally.Author author(TlsReportSettings by) {
    return new Tally.Author(by.organization(), by.contact(), hostname.get());
  }

  /// What is counted and not yet reported, by day and domain; nothing where `tls-reports` is not
  /// written.
  public List<Standing> standings() {
    List<Standing> all = new ArrayList<>();
    settings
        .get()
        .ifPresent(
            by -> {
              for (var key : tally.keys()) {
                var dispatch = dispatches.get(key);
                boolean done = dispatch != null && dispatch.done();
                String problem = dispatch == null ? "" : dispatch.problem();
                tally
                    .report(key, author(by))
                    .filter(_ -> !done)
                    .ifPresent(report -> all.add(new Standing(report, key, due(key), problem)));
              }
            });
    return all;
  }

  /// The latest day of a domain that is counted and not yet reported; empty: there is none.
  ///
  /// @param domain in any spelling
  public Optional<Standing> standing(String domain) {
    var name = DomainName.ascii(domain);
    return standings().stream()
        .filter(each -> name.filter(each.key().domain()::equals).isPresent())
        .reduce((_, later) -> later);
  }

  /// Where a domain wants to have its reports, as it says now, in words. Blocks while the DNS is
  /// asked.
  public String wanted(String domain) {
    return switch (addresses(DomainName.ascii(domain).orElse(domain))) {
      case Wanted.At(var places) -> places.toString();
      case Wanted.Nowhere _ -> "";
      case Wanted.Unknown(var why) -> why;
    };
  }

  /// What was counted.
  public Tally tally() {
    return tally;
  }

  /// No report is begun from now on; sessions are still counted.
  public void drain() {
    closed = true;
    closing.raise();
  }

  @Override
  public void close() {
    drain();
    tally.close();
    ledger.close();
  }
}
