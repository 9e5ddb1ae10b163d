package dev.poststation.queue;

import dev.poststation.delivery.Opening;
import dev.poststation.message.Outcome;
import dev.poststation.route.Destination;
import dev.poststation.route.NextHop;
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

  private final Shares shared;
  private final Map<String, Breaker> breakers = new HashMap<>();
  private volatile boolean failing;

  /// How many hosts have come back.
  private volatile long recoveries;

  /// Guarded by its queue's breakers.
  private static final class Breaker {
    private final SetAside aside;
    private int failures;
    private @Nullable Instant since;
    private String last = "";
    private boolean probing;

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
    if (where.hosts().size() > 1) {
      opening.refusals().forEach(refusal -> failed(where, refusal.hop(), refusal.outcome(), true));
    }
    if (opening instanceof Opening.Opened opened) {
      where.host(opened.conversation().relay()).ifPresent(hop -> reached(where, hop));
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

  /// A host that does not exist bounces mail of its domain, but may exist later.
  private static Outcome.Deferred deferred(Outcome outcome) {
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
        var probe = new Probe(where, due.get());
        var gate = shared.gate(where.connector());
        if (shared.connections().enter(gate, probe, 0)) {
          probe.admitted(gate);
        }
        shared.connections().relieve(gate);
      }
    }
  }

  /// A connection that carries no mail, and counts like one that does.
  private final class Probe implements Turnstile.Waiter {
    private final Destination where;
    private final NextHop hop;

    Probe(Destination where, NextHop hop) {
      this.where = where;
      this.hop = hop;
    }

    @Override
    public boolean admitted(Turnstile.Gate gate) {
      shared.os().tasks().virtual("probe-" + hop, () -> run(gate));
      return true;
    }

    private void run(Turnstile.Gate gate) {
      try {
        probe(where, hop);
      } finally {
        shared.connections().leave(gate, this);
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
    failing = false;
  }

  /// Whether nothing would be lost by forgetting.
  synchronized boolean stale() {
    return breakers.values().stream().allMatch(breaker -> breaker.aside.stale());
  }

  /// How the hosts are, the best first.
  synchronized List<DestinationView.Host> views(Destination where) {
    return where.hosts().stream()
        .sorted(Comparator.comparingInt(NextHop::rank).thenComparing(NextHop::toString))
        .map(hop -> view(hop, breakers.get(hop.toString())))
        .toList();
  }

  private static DestinationView.Host view(NextHop hop, @Nullable Breaker breaker) {
    return breaker == null
        ? new DestinationView.Host(hop.toString(), 0, null, false, null, "")
        : new DestinationView.Host(
            hop.toString(),
            breaker.failures,
            breaker.since,
            breaker.aside.failing(),
            breaker.aside.until(),
            breaker.last);
  }
}
