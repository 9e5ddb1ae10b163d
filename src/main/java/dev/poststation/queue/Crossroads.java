package dev.poststation.queue;

import dev.poststation.conditions.MailFacts;
import dev.poststation.conditions.UndecidedException;
import dev.poststation.config.Connector;
import dev.poststation.message.Outcome;
import dev.poststation.message.Recipient;
import dev.poststation.os.Tasks;
import dev.poststation.route.Route;
import dev.poststation.smtp.EnhancedStatus;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Where the recipients of a mail part: those that go the same way become one job. Where a
/// directory has to be asked for that, it is done on a thread of its own, so that other mail does
/// not wait for it. Safe for any thread.
final class Crossroads {
  /// Mails for which somebody is asked at the same time; each is a virtual thread that waits.
  private static final int ASKING_MAX = 50;

  private static final Logger LOG = LoggerFactory.getLogger(Crossroads.class);

  private static final Outcome NO_ROUTE =
      new Outcome.Deferred(
          Outcome.Stage.ROUTE,
          new EnhancedStatus(4, 3, 5),
          "no rule in routes matches: the mail waits until one does",
          null);

  private final Tasks tasks;
  private final Supplier<Directions> directions;
  private final RouteFinding finding;
  private final Routing routing;
  private final Settling settling;
  private final Consumer<ActiveMail> onEnded;

  // Guarded by this.
  private final ArrayDeque<Part> waiting = new ArrayDeque<>();
  private int asking;

  /// @param onEnded gets the mail of each job that ended, for others took its place
  Crossroads(
      Tasks tasks,
      Supplier<Directions> directions,
      RouteFinding finding,
      Routing routing,
      Settling settling,
      Consumer<ActiveMail> onEnded) {
    this.tasks = tasks;
    this.directions = directions;
    this.finding = finding;
    this.routing = routing;
    this.settling = settling;
    this.onEnded = onEnded;
  }

  private record Way(Route route, String domain) {
    /// A way is looked for with each recipient: without all that its connectors have.
    @Override
    public int hashCode() {
      return 31 * route.number() + domain.hashCode();
    }
  }

  private record Part(ActiveMail mail, List<Recipient> recipients) {}

  /// Sends recipients on their way, now or when it is known; who has none waits.
  void route(ActiveMail active, List<Recipient> recipients) {
    if (!recipients.isEmpty()) {
      route(active, recipients, false);
    }
  }

  /// Routes jobs anew, those of a mail together: what parted at one connector may be one mail for
  /// another.
  void anew(List<Job> jobs) {
    Map<ActiveMail, List<Recipient>> mails = new LinkedHashMap<>();
    for (var job : jobs) {
      mails.computeIfAbsent(job.mail(), _ -> new ArrayList<>(1)).addAll(job.recipients());
    }
    try {
      mails.forEach((mail, recipients) -> guarded(mail, recipients, false));
    } finally {
      jobs.forEach(job -> onEnded.accept(job.mail()));
    }
  }

  private void later(ActiveMail active, List<Recipient> recipients) {
    active.jobStarted(); // Until it is known.
    synchronized (this) {
      waiting.addLast(new Part(active, recipients));
      if (asking >= ASKING_MAX) {
        return;
      }
      asking++;
    }
    tasks.virtual("crossroads", this::ask);
  }

  private void ask() {
    for (var part = next(); part != null; part = next()) {
      try {
        guarded(part.mail, part.recipients, true);
      } finally {
        onEnded.accept(part.mail);
      }
    }
  }

  /// One mail with which something is wrong must not hold up the others.
  private void guarded(ActiveMail active, List<Recipient> recipients, boolean ask) {
    try {
      route(active, recipients, ask);
    } catch (RuntimeException e) {
      LOG.error("Our own fault while routing {}: it stays in the spool", active.id(), e);
    }
  }

  private synchronized @Nullable Part next() {
    var part = waiting.pollFirst();
    asking -= part == null ? 1 : 0;
    return part;
  }

  private void route(ActiveMail active, List<Recipient> recipients, boolean ask) {
    var by = directions.get();
    var mail = MailFacts.of(active.mail(), active.content());
    Map<Way, List<Recipient>> ways = new LinkedHashMap<>();
    Map<Outcome, List<Recipient>> wayless = new LinkedHashMap<>(0);
    List<Recipient> open = new ArrayList<>(0);
    for (var recipient : recipients) {
      try {
        var route = finding.route(by, mail, recipient.address(), ask);
        if (route.isEmpty()) {
          add(wayless, NO_ROUTE, recipient);
        } else {
          add(
              ways,
              way(route.get().drawn(active.id()), recipient, recipients.size() == 1),
              recipient);
        }
      } catch (UndecidedException e) {
        if (e.isOpen()) {
          open.add(recipient);
        } else {
          add(wayless, undecided(e), recipient);
        }
      }
    }
    if (!open.isEmpty()) {
      later(active, open);
    }
    ways.forEach((way, some) -> submit(active, some, by, way));
    wayless.forEach((why, some) -> wayless(active, some, by, why));
  }

  private static <K> void add(Map<K, List<Recipient>> to, K key, Recipient recipient) {
    to.computeIfAbsent(key, _ -> new ArrayList<>(1)).add(recipient);
  }

  /// Where the first connector does not look at the domain, recipients of all domains go together.
  /// They part when one that does has its turn ([Job#byDomain]).
  private static Way way(Route route, Recipient recipient, boolean alone) {
    boolean together = !alone && route.via().getFirst().type() != Connector.Type.MX;
    return new Way(route, together ? "" : recipient.address().domainKey());
  }

  private static Outcome undecided(UndecidedException why) {
    return new Outcome.Deferred(
        Outcome.Stage.ROUTE, new EnhancedStatus(4, 3, 0), "no route yet: " + why.reason(), null);
  }

  private void submit(ActiveMail active, List<Recipient> recipients, Directions by, Way way) {
    active.jobStarted();
    routing.submit(new Job(active, recipients, by, way.route(), 0, way.domain(), Before.NOTHING));
  }

  private void wayless(ActiveMail active, List<Recipient> recipients, Directions by, Outcome why) {
    if (!by.equals(directions.get())) {
      route(active, recipients); // They were changed meanwhile.
      return;
    }
    active.jobStarted();
    settling.wayless(active, recipients, why);
  }
}
