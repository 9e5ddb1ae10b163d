package dev.poststation.log;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Map;
import java.util.stream.LongStream;

/// Counts events. All meters are registered beforehand or kept in small maps: nothing is looked up
/// by name while mail flows. Safe for any thread.
final class Meters {
  private static final String OTHER = "other";

  /// The bounds of the histogram of delays, in milliseconds.
  private static final long[] DELAYS = {
    10,
    30,
    100,
    300,
    1_000,
    3_000,
    10_000,
    60_000,
    300_000,
    1_800_000,
    7_200_000,
    28_800_000,
    86_400_000
  };

  private final MeterRegistry registry;
  private final Counters<String> connections;
  private final Counters<String> checks;
  private final Counters<String> sessionsEnded;
  private final Counter tlsOk;
  private final Counter tlsFailed;
  private final Counters<Attempt> logins;
  private final Counters<Exempt> tolerated;
  private final Counters<Refusal> rejects;
  private final Counter mails;
  private final Counter hops;
  private final Counter bytes;
  private final Counter recipients;
  private final Counters<String> zoneMails;
  private final Counters<String> zoneRecipients;
  private final Counters<Try> attempts;
  private final Counters<Failure> failures;
  private final Counters<From> sources;
  private final Counters<String> sourceChanges;
  private final Counters<String> tlsReports;
  private final Timer delay;
  private final Counters<String> notices;
  private final Counter noticesUnsent;
  private final Counter mirrorLost;
  private final Counters<String> administered;
  private final Counters<Order> onArrival;
  private final Counters<String> quarantined;
  private final Counters<String> deviations;
  private final Counters<String> loginsBlocked;
  private final Counters<String> outbreaks;
  private final Counters<String> suppressions;
  private final Counters<Inspection> inspections;
  private final Counters<String> inspecting;
  private final Counters<String> serviceChanges;
  private final Counter removed;
  private final Counter tokensGone;
  private final Counter tokensBack;
  private final Counter suspended;
  private final Counter resumed;
  private final Counter hostsLast;
  private final Counter hostsBack;

  Meters(MeterRegistry registry) {
    this.registry = registry;
    connections = labelled("connections", "listener", "Connections from clients");
    checks =
        labelled(
            "balancer.checks",
            "listener",
            "Times that a balancer looked whether we are well, and no more");
    sessionsEnded = labelled("sessions.ended", "how", "Sessions that ended, by how");
    tlsOk = labelled("tls.handshakes", "result", "TLS handshakes with clients", "ok");
    tlsFailed = labelled("tls.handshakes", "result", "TLS handshakes with clients", "failed");
    logins = new Counters<>(this::login, new Attempt(OTHER, OTHER));
    tolerated = new Counters<>(this::exempt, new Exempt(OTHER, OTHER));
    rejects = new Counters<>(this::refusal, new Refusal(OTHER, 0));
    mails = counter("mails.accepted", "Mails that we acknowledged, our own notices included");
    hops = counter("exchange.hops", "Internal hops of Exchange among them");
    bytes = counter("accepted.bytes", "Octets of those mails");
    recipients = counter("recipients.accepted", "Recipients of those mails");
    zoneMails = labelled("zone.mails", "zone", "Mails that clients handed in, by zone");
    zoneRecipients = labelled("zone.recipients", "zone", "Recipients of those mails, by zone");
    attempts = new Counters<>(this::attempt, new Try(OTHER, OTHER));
    failures = new Counters<>(this::failure, new Failure(OTHER, OTHER));
    sources = new Counters<>(this::source, new From(OTHER, OTHER));
    tlsReports = labelled("tls.reports", "status", "Reports about TLS, by what became of them");
    sourceChanges =
        labelled(
            "source.changes",
            "to",
            "Addresses of ours that cannot be used as before, or can again");
    // A summary would round each value up to a whole second before it looks for its bucket.
    delay =
        Timer.builder("poststation.delivery.delay")
            .description("Seconds from arrival to delivery, per delivered recipient")
            .serviceLevelObjectives(
                LongStream.of(DELAYS).mapToObj(Duration::ofMillis).toArray(Duration[]::new))
            .register(registry);
    notices = labelled("notices", "kind", "Notices to senders");
    noticesUnsent = counter("notices.unsent", "Notices that were not to be sent");
    mirrorLost = counter("mirror.lost", "Copies that a filter did not take (use = mirror)");
    administered = labelled("administered", "action", "What administrators did to mails");
    onArrival = new Counters<>(this::order, new Order(OTHER, OTHER));
    quarantined =
        labelled(
            "quarantine", "action", "Mails that came into quarantine, and what became of them");
    deviations =
        labelled("profile.deviations", "action", "Mails of devices that were not themselves");
    loginsBlocked = labelled("logins.blocked", "what", "Blocks after failed logins, by of what");
    outbreaks =
        labelled("outbreaks", "action", "Outbreaks noticed, lifted or over, by what was done");
    suppressions =
        labelled("suppressions", "action", "Recipients that came on the suppression list, or left");
    inspections = new Counters<>(this::inspection, new Inspection(OTHER, OTHER));
    inspecting =
        labelled("content.seconds", "service", "Seconds that services of content took, in all");
    serviceChanges =
        labelled("service.changes", "to", "Services of content that do not answer, or do again");
    removed = counter("mails.removed", "Mails that are done and gone");
    tokensGone =
        labelled("token.changes", "to", "Accounts without a token, or with one again", "paused");
    tokensBack =
        labelled("token.changes", "to", "Accounts without a token, or with one again", "back");
    suspended =
        labelled("destination.changes", "to", "Destinations set aside, or back", "suspended");
    resumed = labelled("destination.changes", "to", "Destinations set aside, or back", "resumed");
    hostsLast = labelled("host.changes", "to", "Hosts that come last, or are back", "suspended");
    hostsBack = labelled("host.changes", "to", "Hosts that come last, or are back", "resumed");
  }

  private Counter counter(String name, String description) {
    return Counter.builder("poststation." + name).description(description).register(registry);
  }

  private Counter labelled(String name, String label, String description, String value) {
    return Counter.builder("poststation." + name)
        .description(description)
        .tag(label, value)
        .register(registry);
  }

  private Counters<String> labelled(String name, String label, String description) {
    return new Counters<>(value -> labelled(name, label, description, value), OTHER);
  }

  private Counter refusal(Refusal refusal) {
    return Counter.builder("poststation.rejects")
        .description("Refusals, by stage and reply code")
        .tag("stage", refusal.stage)
        .tag("code", refusal.code == 0 ? OTHER : Integer.toString(refusal.code))
        .register(registry);
  }

  private Counter login(Attempt login) {
    return Counter.builder("poststation.logins")
        .description("Attempts of clients to log in, by mechanism and result")
        .tag("mechanism", login.mechanism)
        .tag("result", login.result)
        .register(registry);
  }

  private Counter exempt(Exempt exempt) {
    return Counter.builder("poststation.tolerated")
        .description("What entries of clients made an exception for, by entry and exception")
        .tag("client", exempt.client)
        .tag("what", exempt.what)
        .register(registry);
  }

  private Counter inspection(Inspection inspection) {
    return Counter.builder("poststation.content")
        .description("Mails that services of content had, by service and result")
        .tag("service", inspection.service)
        .tag("result", inspection.result)
        .register(registry);
  }

  private Counter attempt(Try attempt) {
    return Counter.builder("poststation.attempts")
        .description("Attempts per recipient, by connector and outcome")
        .tag("connector", attempt.connector)
        .tag("status", attempt.status)
        .register(registry);
  }

  private Counter order(Order order) {
    return Counter.builder("poststation.on.arrival")
        .description("Mails held or thrown away when they came, by the setting that says so")
        .tag("action", order.action)
        .tag("by", order.by)
        .register(registry);
  }

  private Counter source(From from) {
    return Counter.builder("poststation.source.attempts")
        .description("Attempts per recipient, by the address of ours and outcome")
        .tag("source", from.source)
        .tag("status", from.status)
        .register(registry);
  }

  private Counter failure(Failure failure) {
    return Counter.builder("poststation.failures")
        .description("Failed attempts per recipient, by category and what became of it")
        .tag("category", failure.category)
        .tag("status", failure.status)
        .register(registry);
  }

  /// Counts an event.
  void count(Event event) {
    switch (event) {
      case Event.Connected e -> connections.increment(e.listener());
      case Event.Checked e -> checks.increment(e.listener());
      case Event.Secured e -> (e.problem() == null ? tlsOk : tlsFailed).increment();
      case Event.Authenticated e ->
          logins.increment(new Attempt(e.mechanism(), e.problem() == null ? "ok" : "failed"));
      case Event.Tolerated e -> tolerated.increment(new Exempt(e.entry(), e.what()));
      case Event.Announced _ -> {} // A detail of a session.
      case Event.Disconnected e -> sessionsEnded.increment(e.how());
      case Event.Rejected e -> rejects.increment(new Refusal(e.stage(), e.reply().code()));
      case Event.Queued e -> {
        mails.increment();
        hops.increment(e.hop().isEmpty() ? 0 : 1);
        bytes.increment((double) e.size());
        recipients.increment(e.to().size());
        if (!e.zone().isEmpty()) {
          zoneMails.increment(e.zone(), 1);
          zoneRecipients.increment(e.zone(), e.to().size());
        }
      }
      case Event.Attempted e -> {
        attempts.increment(new Try(connector(e.destination()), e.status()));
        var category = e.category();
        if (category != null) {
          failures.increment(new Failure(category.word(), e.status()));
        }
        var source = e.source();
        if (source != null) {
          sources.increment(new From(source, e.status()));
        }
        if (e.status().equals("sent")) {
          delay.record(e.delay());
        }
      }
      case Event.Noticed e -> {
        if (e.kind().equals("mirror")) {
          mirrorLost.increment();
        } else if (e.notice() == null) {
          noticesUnsent.increment();
        } else {
          notices.increment(e.kind());
        }
      }
      case Event.Administered e -> {
        if (e.by().isEmpty()) {
          administered.increment(e.action());
        } else {
          onArrival.increment(new Order(e.action(), e.by()));
        }
      }
      case Event.Quarantined e -> quarantined.increment(e.action());
      case Event.Deviated e -> deviations.increment(e.action());
      case Event.Outbreak e -> outbreaks.increment(e.action());
      case Event.Suppressed e -> suppressions.increment(e.action());
      case Event.LoginsBlocked e -> loginsBlocked.increment(blocked(e));
      case Event.Inspected e -> {
        inspections.increment(new Inspection(e.service(), e.result()));
        inspecting.increment(e.service(), seconds(e.took()));
      }
      case Event.Removed _ -> removed.increment();
      case Event.TokenChanged e -> (e.problem() == null ? tokensBack : tokensGone).increment();
      case Event.DestinationChanged e -> (e.until() == null ? resumed : suspended).increment();
      case Event.SourceChanged e -> sourceChanges.increment(e.state());
      case Event.TlsReported e -> tlsReports.increment(e.status());
      case Event.ServiceChanged e -> serviceChanges.increment(e.up() ? "up" : "down");
      case Event.HostChanged e -> (e.probe() == null ? hostsBack : hostsLast).increment();
    }
  }

  /// How often each exception was made use of.
  Map<Exempt, Long> tolerated() {
    return tolerated.counts();
  }

  private static String blocked(Event.LoginsBlocked e) {
    if (e.address() == null) {
      return "user";
    }
    return e.user() == null ? "address" : "user-at-address";
  }

  /// A destination is named after its connector, the hosts behind a colon. Hosts are as many as
  /// there are domains: no label.
  private static String connector(String destination) {
    int colon = destination.indexOf(':');
    if (colon >= 0) {
      return destination.substring(0, colon);
    }
    return destination.isEmpty() ? "none" : destination;
  }

  private static double seconds(Duration duration) {
    return duration.getSeconds() + duration.getNano() / 1e9;
  }

  /// Who was let do what.
  ///
  /// @param client the name of an entry of `clients`
  record Exempt(String client, String what) {}

  private record Attempt(String mechanism, String result) {}

  private record Refusal(String stage, int code) {}

  private record Inspection(String service, String result) {}

  private record Try(String connector, String status) {}

  private record Order(String action, String by) {}

  private record From(String source, String status) {}

  private record Failure(String category, String status) {}
}
