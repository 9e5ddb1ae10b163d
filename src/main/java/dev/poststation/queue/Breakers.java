package dev.poststation.queue;

import dev.poststation.config.Pool;
import dev.poststation.delivery.Opening;
import dev.poststation.message.Outcome;
import dev.poststation.route.Destination;
import dev.poststation.route.NextHop;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A circuit breaker for each host of a destination: one that failed too often comes last, with the
/// back-off that a whole destination has ([SetAside]). When its time has come, and there is mail,
/// one connection without mail probes it; a host that is reached has its place again. Where none
/// works it is the destination that waits. Safe for any thread; as long as no host fails it costs
/// next to nothing.
final class Breakers {
  /// Hosts that are not hosts of the destination any more are forgotten when there are so many.
  private static final int HOSTS_MAX = 100;

  /// No less than the longest `probe-every`.
  private static final Duration REMEMBERED = Duration.ofDays(1);

  private final Shares shared;
  private final Map<String, Breaker> breakers = new HashMap<>();
  private volatile boolean failing;

  /// When each host was heard of last, and when it answered a probe that came without mail; where
  /// hosts are probed while nobody calls them.
  private final Map<String, Heard> heard = new HashMap<>();

  /// How many hosts have come back.
  private volatile long recoveries;

  /// @param answered a probe; null: it was not asked since the start, or did not
  private record Heard(Instant at, @Nullable Instant answered) {}

  /// Guarded by its queue's breakers.
  private static final class Breaker {
    private final SetAside aside;
    private int failures;
    private @Nullable Instant since;
    private String last = "";
    private boolean probing;

    /// Whether the last failure was that it does not let us in.
    private boolean byLogin;

    /// Which recovery was its last.
    private long recovery;

    Breaker(SetAside aside) {
      this.aside = aside;
    }
  }

  /// The hosts of a destination in the order to try them.
  ///
  /// @param notes why which one comes last, for the trace
  record Order(Destination where, List<String> notes) {}

  Breakers(Shares shared) {
    this.shared = shared;
  }

  /// The hosts that work first, each group in its order: drawn anew for each connection, so that
  /// those that are opened together part.
  Order order(Destination destination) {
    var where = destination.drawn(shared.os().chance());
    if (!failing) {
      return new Order(where, List.of());
    }
    List<NextHop> good = new ArrayList<>();
    List<NextHop> bad = new ArrayList<>();
    List<String> notes = new ArrayList<>();
    synchronized (this) {
      for (var hop : where.hosts()) {
        var breaker = breakers.get(hop.toString());
        if (breaker == null || !breaker.aside.failing()) {
          good.add(hop);
        } else {
          bad.add(hop);
          notes.add(note(hop, breaker));
        }
      }
    }
    if (good.isEmpty() || bad.isEmpty()) {
      return new Order(where, List.of());
    }
    good.addAll(bad);
    return new Order(where.with(good), notes);
  }

  private static String note(NextHop hop, Breaker breaker) {
    var until = breaker.aside.until();
    return "* host "
        + hop
        + " comes last: it failed "
        + breaker.failures
        + " times in a row, next probe "
        + (until == null ? "now" : "at " + until)
        + ": "
        + breaker.last;
  }

  /// What came of a search among these hosts.
  void met(Destination where, Opening opening) {
    opening.refusals().forEach(refusal -> heard(where, refusal.hop(), null));
    if (where.hosts().size() > 1) {
      opening.refusals().forEach(refusal -> failed(where, refusal.hop(), refusal.outcome(), true));
    }
    if (opening instanceof Opening.Opened opened) {
      carried(where, opened.conversation().relay());
      where.host(opened.conversation().relay()).ifPresent(hop -> reached(where, hop));
    }
  }

  /// A host, as a conversation names it, is in use.
  void carried(Destination where, String relay) {
    if (where.connector().probed()) {
      where.host(relay).ifPresent(hop -> heard(where, hop, null));
    }
  }

  private void heard(Destination where, NextHop hop, @Nullable Instant answered) {
    if (where.connector().probed()) {
      synchronized (this) {
        if (heard.size() >= HOSTS_MAX) {
          heard.clear(); // So many come of a DNS that changes.
        }
        heard.merge(
            hop.toString(),
            new Heard(shared.os().time().now(), answered),
            (old, fresh) -> answered == null ? new Heard(fresh.at, old.answered) : fresh);
      }
    }
  }

  /// Whether a host is to be asked without mail whether it works: nobody has heard of it for long,
  /// it has failed less often than it may, or its time has come.
  ///
  /// @param probe what it would be asked
  synchronized boolean due(NextHop hop, Pool.Probe probe) {
    var breaker = breakers.get(hop.toString());
    if (breaker != null && breaker.failures > 0) {
      boolean waits = breaker.probing || breaker.aside.until() != null;
      return !waits && (probe.login() || !breaker.byLogin);
    }
    var word = heard.get(hop.toString());
    return word == null || !word.at.plus(probe.every()).isAfter(shared.os().time().now());
  }

  /// What came of asking a host without mail.
  ///
  /// @return whether some host is left that is not known to fail
  boolean probed(Destination where, NextHop hop, Opening opening) {
    boolean several = where.hosts().size() > 1;
    switch (opening) {
      case Opening.Opened _ -> {
        heard(where, hop, shared.os().time().now());
        works(where, hop);
      }
      case Opening.Withheld _ -> heard(where, hop, null);
      case Opening.Failed refused -> {
        heard(where, hop, null);
        if (several) {
          failed(where, hop, refused.outcome(), !refused.refusals().isEmpty());
        }
      }
    }
    synchronized (this) {
      return several
          && where.hosts().stream()
              .map(each -> breakers.get(each.toString()))
              .anyMatch(each -> each == null || !each.aside.failing());
    }
  }

  /// @param its whether it was the host that failed: else it only is not known to be back
  private void failed(Destination where, NextHop hop, Outcome outcome, boolean its) {
    int after = where.connector().pool().skipAfter();
    Instant until = null;
    synchronized (this) {
      failing = true;
      forgetOthers(where);
      var breaker = breakers.computeIfAbsent(hop.toString(), _ -> new Breaker(aside()));
      breaker.since = its && breaker.since == null ? shared.os().time().now() : breaker.since;
      breaker.failures += its ? 1 : 0;
      breaker.last = outcome.text();
      breaker.byLogin = isLogin(outcome);
      if (after > 0 && breaker.failures >= after) {
        boolean news = !breaker.aside.failing();
        until = breaker.aside.failed(deferred(outcome));
        until = news ? until : null;
      }
    }
    if (until != null) {
      shared.settling().hostChanged(where, hop, until, outcome.text());
    }
  }

  static boolean isLogin(Outcome outcome) {
    return outcome instanceof Outcome.Deferred deferred && deferred.stage() == Outcome.Stage.AUTH;
  }

  /// A host that does not exist bounces mail of its domain, but may exist later.
  static Outcome.Deferred deferred(Outcome outcome) {
    return outcome instanceof Outcome.Deferred deferred
        ? deferred
        : new Outcome.Deferred(Outcome.Stage.ROUTE, outcome.status(), outcome.text(), null);
  }

  private SetAside aside() {
    return new SetAside(shared);
  }

  private void forgetOthers(Destination where) {
    if (breakers.size() >= HOSTS_MAX) {
      var known = new HashSet<String>();
      where.hosts().forEach(hop -> known.add(hop.toString()));
      breakers.forEach(
          (name, breaker) -> {
            if (!known.contains(name)) {
              breaker.aside.forget();
            }
          });
      breakers.keySet().retainAll(known);
    }
  }

  private void reached(Destination where, NextHop hop) {
    shared.settling().health().met(where.connector(), hop);
    works(where, hop);
  }

  private void works(Destination where, NextHop hop) {
    if (!failing) {
      return;
    }
    boolean back;
    synchronized (this) {
      var breaker = breakers.get(hop.toString());
      if (breaker == null || breaker.failures == 0) {
        return;
      }
      breaker.failures = 0;
      breaker.since = null;
      breaker.last = "";
      back = breaker.aside.forget();
      if (back) {
        breaker.recovery = ++recoveries;
      }
      failing = breakers.values().stream().anyMatch(each -> each.failures > 0);
    }
    if (back) {
      shared.settling().hostChanged(where, hop, null, "reached again");
    }
  }

  /// Probes the hosts whose time has come, while others carry the mail. Returns at once.
  void probe(Destination where) {
    if (failing) {
      for (var due = takeDue(where); due.isPresent(); due = takeDue(where)) {
        var hop = due.get();
        var probe = new Probe(shared, "probe-" + hop, () -> probe(where, hop));
        probe.begin(shared.gate(where.connector()));
      }
    }
  }

  private synchronized Optional<NextHop> takeDue(Destination where) {
    boolean others = false;
    NextHop due = null;
    Breaker asked = null;
    for (var hop : where.hosts()) {
      var breaker = breakers.get(hop.toString());
      if (breaker == null || !breaker.aside.failing()) {
        others = true;
      } else if (due == null && !breaker.probing && breaker.aside.until() == null) {
        due = hop;
        asked = breaker;
      }
    }
    if (asked == null || !others) {
      return Optional.empty(); // Where none works the mail itself asks all of them.
    }
    asked.probing = true;
    return Optional.ofNullable(due);
  }

  private void probe(Destination where, NextHop hop) {
    try {
      switch (shared.opener().open(where.with(List.of(hop)))) {
        case Opening.Opened opened -> {
          opened.conversation().close();
          reached(where, hop);
        }
        case Opening.Withheld withheld -> failed(where, hop, withheld.why(), false);
        case Opening.Failed refused ->
            failed(where, hop, refused.outcome(), !refused.refusals().isEmpty());
      }
    } finally {
      synchronized (this) {
        var breaker = breakers.get(hop.toString());
        if (breaker != null) {
          breaker.probing = false;
        }
      }
    }
  }

  /// A mark for `outranked`.
  long recoveries() {
    return recoveries;
  }

  /// Whether a host of a better rank than that of a conversation has come back since.
  ///
  /// @param since what `recoveries` was when the conversation was opened
  boolean outranked(Destination where, String relay, long since) {
    if (recoveries == since) {
      return false;
    }
    int rank = where.host(relay).map(NextHop::rank).orElse(0);
    synchronized (this) {
      for (var hop : where.hosts()) {
        var breaker = breakers.get(hop.toString());
        if (hop.rank() < rank
            && breaker != null
            && breaker.recovery > since
            && breaker.failures == 0) {
          return true;
        }
      }
    }
    return false;
  }

  /// All hosts are tried as if for the first time.
  synchronized void forget() {
    breakers.values().forEach(breaker -> breaker.aside.forget());
    breakers.clear();
    heard.clear();
    failing = false;
  }

  /// Whether nothing would be lost by forgetting.
  synchronized boolean stale() {
    var old = shared.os().time().now().minus(REMEMBERED);
    return breakers.values().stream().allMatch(breaker -> breaker.aside.stale())
        && heard.values().stream().allMatch(each -> each.at.isBefore(old));
  }

  /// How the hosts are, the best first.
  synchronized List<DestinationView.Host> views(Destination where) {
    return where.hosts().stream()
        .sorted(Comparator.comparingInt(NextHop::rank).thenComparing(NextHop::toString))
        .map(this::view)
        .toList();
  }

  private DestinationView.Host view(NextHop hop) {
    String name = hop.toString();
    var breaker = breakers.get(name);
    var word = heard.get(name);
    var answered = word == null ? null : word.answered;
    return breaker == null
        ? new DestinationView.Host(name, 0, null, false, null, "", answered)
        : new DestinationView.Host(
            name,
            breaker.failures,
            breaker.since,
            breaker.aside.failing(),
            breaker.aside.until(),
            breaker.last,
            answered);
  }
}
