package dev.poststation.queue;

import dev.poststation.config.Connector;
import dev.poststation.delivery.Attempt;
import dev.poststation.delivery.Conversation;
import dev.poststation.delivery.Opening;
import dev.poststation.message.Outcome;
import dev.poststation.os.Time;
import dev.poststation.route.Assurance;
import dev.poststation.route.Destination;
import dev.poststation.route.NextHop;
import dev.poststation.tlsrpt.TlsObserver;
import dev.poststation.tlsrpt.TlsSession;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One connection of a destination, opened when it is needed, that carries one job after the other.
/// Confined to its worker's thread.
final class Carrier {
  private static final Logger LOG = LoggerFactory.getLogger(Carrier.class);

  /// What TLS must be is asked of the DNS for a new connection only (RFC 7672): one that is never
  /// idle does not go on for hours by what was published once.
  private static final Duration TERMS_LAST = Duration.ofMinutes(10);

  private final DestinationQueue queue;
  private final Time time;
  private final Opener opener;
  private final TlsObserver observer;
  private final Settling settling;
  private final Quotas quotas;
  private @Nullable Conversation conversation;
  private @Nullable Connector connector;
  private long recoveries;
  private long openedNanos;

  /// What was demanded of the host when the conversation was opened; null: it is none of those of
  /// the destination.
  private @Nullable Assurance assurance;

  /// What there is to report of TLS in the conversation, to each domain once whose mail it carries.
  private List<TlsSession> session = List.of();

  private final Set<String> told = new HashSet<>();

  /// What was taken of quotas for the present job; null: nothing yet.
  private Quotas.@Nullable Taken taken;

  /// What a host said to a job.
  ///
  /// @param before what was said until then: to open the connection, and by other hosts
  private record Spoken(
      Conversation by, List<String> before, Attempt.Result result, long connectNanos) {
    List<String> dialogue() {
      return Settling.joined(before, result.dialogue());
    }

    /// @param last whether all who may take the mail were asked
    private Spoken counting(boolean last) {
      return new Spoken(by, before, LastWord.of(result, last), connectNanos);
    }

    /// @param doubt what counts for those who are to come later: they may have the mail already
    private Spoken unlessLater(Spoken doubt) {
      List<@Nullable Outcome> all = new ArrayList<>(result.outcomes());
      for (int i = 0; i < all.size(); i++) {
        var first = doubt.result.outcomes().get(i);
        boolean later = all.get(i) == null || all.get(i) instanceof Outcome.Deferred;
        all.set(i, later && first != null ? first : all.get(i));
      }
      var both =
          new Attempt.Result(all, result.reusable(), result.transferNanos(), result.dialogue());
      return new Spoken(by, before, both, connectNanos);
    }
  }

  Carrier(DestinationQueue queue, Shares shared) {
    this.queue = queue;
    this.time = shared.os().time();
    this.opener = shared.opener();
    this.observer = shared.observer();
    this.settling = shared.settling();
    this.quotas = shared.quotas();
  }

  boolean connected() {
    return conversation != null;
  }

  void hangUp() {
    var ending = conversation;
    if (ending != null) {
      conversation = null;
      queue.locked(queue.window::closed);
      ending.close();
    }
  }

  /// Carries a job.
  ///
  /// @return whether there may be another one
  boolean carry(Job job) {
    long picked = time.nanos();
    taken = null;
    try {
      var untried = settling.untried();
      if (untried.withdrawn(job) || untried.overdue(job) || untried.postponed(job)) {
        return true;
      }
      var where = queue.destination();
      var by = where.connector();
      switch (quotas.take(by, inOneMail(job, by), job.leavesQuota())) {
        case Quotas.Taken some -> taken = some;
        case Quotas.Lack lack -> {
          queue.exhausted(job, lack);
          return true;
        }
      }
      queue.breakers.probe(where);
      var ready = conversation;
      if (ready != null && worn(ready, where)) {
        hangUp();
        ready = null;
      }
      if (ready == null) {
        return overNewConnection(job, where, picked, List.of(), null);
      }
      tell(job.domain());
      var result = ready.send(order(job));
      if (ready.unheard()) {
        hangUp();
        var lack = takeAgain(job, where.connector(), result);
        if (lack != null) {
          settled(new Spoken(ready, List.of(), noted(result, lack), 0), job, picked, false);
          return true;
        }
        var doubt = new Spoken(ready, List.of(), result, 0);
        return overNewConnection(job, sameHost(where, ready), picked, result.dialogue(), doubt);
      }
      if ((result.untried() && !result.reusable()) || elsewhere(ready, result)) {
        // It was gone, or we are to come from elsewhere: the trace of this one is to say so.
        hangUp();
        return overNewConnection(job, where, picked, result.dialogue(), null);
      }
      boolean lacking = LastWord.lacksAny(result);
      boolean others = lacking && LastWord.others(where, ready.relay(), where).hosts().size() > 1;
      if (others && LastWord.lacksAll(result)) {
        hangUp();
        return overNewConnection(job, where, picked, result.dialogue(), null);
      }
      var counts = LastWord.of(result, !others && !job.before().unasked() && !where.incomplete());
      settled(new Spoken(ready, List.of(), counts, 0), job, picked, false);
      return true;
    } catch (RuntimeException e) {
      LOG.error("Our own fault while delivering {}: it is deferred", job.mail().id(), e);
      hangUp();
      settling.broken(job, queue.destination().name());
      return false;
    } finally {
      if (taken != null) {
        quotas.end(taken);
      }
    }
  }

  /// The hosts of several domains may be the same.
  private void tell(String domain) {
    if (!session.isEmpty() && told.add(domain)) {
      observer.seen(domain, session);
    }
  }

  private boolean worn(Conversation ready, Destination where) {
    var now = where.connector();
    return !now.equals(connector) // The configuration was reloaded.
        || ready.stale()
        || ready.sent() >= now.mailsPerConnection()
        || (now.tls().asks() && time.nanos() - openedNanos >= TERMS_LAST.toNanos())
        || demandsOther(where, ready.relay())
        || queue.breakers.outranked(where, ready.relay(), recoveries);
  }

  /// Whether something else is demanded of the host now: a policy was published (RFC 8461 3.4), or
  /// it is no host of the destination any more. What was opened under weaker terms is of no use.
  private boolean demandsOther(Destination where, String relay) {
    var then = assurance;
    return then != null
        && where.host(relay).filter(hop -> hop.assurance().demandsAs(then)).isEmpty();
  }

  /// That host alone: whoever may have taken the mail is asked again, and nobody else.
  private static Destination sameHost(Destination where, Conversation by) {
    var host = where.host(by.relay()).map(List::of).orElse(where.hosts());
    boolean others = where.incomplete() || host.size() < where.hosts().size();
    return new Destination(where.name(), where.connector(), host, others);
  }

  /// Tries host after host (RFC 5321 5.1): one that greets us but then takes no mail is not the
  /// last word, unless no other one can be reached.
  ///
  /// @param doubt what came of it before, when the host may have taken the mail: what counts until
  ///   it has an answer for good; else null
  private boolean overNewConnection(
      Job job, Destination where, long picked, List<String> earlier, @Nullable Spoken doubt) {
    var order = queue.breakers.order(where);
    var before = Settling.joined(earlier, order.notes());
    var left = order.where();
    boolean again = false;
    boolean unasked = job.before().unasked() || where.incomplete();
    var unwilling = doubt;
    while (true) {
      recoveries = queue.breakers.recoveries();
      int round = queue.window.round();
      var opening = opener.open(left);
      observer.seen(job.domain(), opening.sessions());
      queue.breakers.met(queue.destination(), opening); // Of which `where` may be one host.
      if (opening instanceof Opening.Withheld withheld) {
        if (unwilling == null) {
          giveBack(List.of());
          queue.withheld(job, withheld.until(), withheld.why());
          return true;
        }
        opening = withheld.failed();
      }
      if (opening instanceof Opening.Failed failed) {
        if (unwilling == null) {
          giveBack(List.of());
          queue.unreachable(job, left, after(before, failed), round);
          return false;
        }
        // The destination was reached: what that host said counts, for this mail only.
        var counts = instead(unwilling, before, failed).counting(false);
        if (doubt != null) {
          used(List.of());
          counts = counts.unlessLater(doubt);
        }
        settled(counts, job, picked, true);
        return true;
      }
      var opened = (Opening.Opened) opening;
      var fresh = opened.conversation();
      conversation = fresh;
      openedNanos = time.nanos();
      connector = where.connector();
      assurance = where.host(fresh.relay()).map(NextHop::assurance).orElse(null);
      told.clear();
      told.add(job.domain());
      session = opened.sessions().isEmpty() ? List.of() : List.of(opened.sessions().getLast());
      queue.reached(left);
      before = Settling.joined(before, opened.dialogue());
      var said = new Spoken(fresh, before, fresh.send(order(job)), opened.connectNanos());
      if (!again && said.result.untried()) {
        // The host turned out to be other than it said, and will be met otherwise: it offers
        // CHUNKING, but knows no BDAT.
        again = true;
        before = said.dialogue();
        hangUp();
        continue;
      }
      if (elsewhere(fresh, said.result)) {
        before = said.dialogue();
        hangUp();
        continue;
      }
      left = left.after(fresh.relay());
      unasked |= opened.unasked();
      boolean lacking = LastWord.lacksAll(said.result);
      if (lacking) {
        left = LastWord.others(where, fresh.relay(), left);
      }
      if (left.hosts().isEmpty() || !Settling.hostTrouble(said.result)) {
        var counts = said.counting(left.hosts().isEmpty() && !unasked);
        if (doubt != null) {
          heed(said.result);
          used(said.result.outcomes());
          counts = counts.unlessLater(doubt);
        }
        settled(counts, job, picked, true);
        return true;
      }
      unasked |= !lacking;
      unwilling = said;
      before = said.dialogue();
      hangUp();
    }
  }

  /// Whether nobody got the mail, for where we come from, and another of our addresses is to try.
  private static boolean elsewhere(Conversation by, Attempt.Result result) {
    return by.unwelcome()
        && result.outcomes().stream().allMatch(Outcome.Deferred.class::isInstance);
  }

  /// Recipients of one transaction at most.
  private static int inOneMail(Job job, Connector by) {
    return Math.min(job.recipients().size(), by.recipientsPerMail());
  }

  /// The host may have taken the mail, and counted it: to send it once more is to use as much again
  /// of its quotas, or there would be one more than they allow.
  ///
  /// @param result what came of it
  /// @return why there is not as much: then the mail waits; null: there is
  private @Nullable String takeAgain(Job job, Connector by, Attempt.Result result) {
    var first = taken;
    int wanted = Math.min(inOneMail(job, by), first == null ? 0 : first.recipients());
    return switch (quotas.take(by, wanted, job.leavesQuota())) {
      case Quotas.Lack lack -> lack.why().text();
      case Quotas.Taken again when again.recipients() < wanted -> {
        quotas.end(again);
        yield "quota-recipients of connector " + by.name() + " has no room for all of them again";
      }
      case Quotas.Taken again -> {
        giveBack(result.outcomes());
        taken = again;
        yield null;
      }
    };
  }

  private static Attempt.Result noted(Attempt.Result result, String lack) {
    var note = List.of("* it may have been taken, and is not sent again now: " + lack);
    var dialogue = Settling.joined(result.dialogue(), note);
    return new Attempt.Result(
        result.outcomes(), result.reusable(), result.transferNanos(), dialogue);
  }

  /// So much became of what was taken, whatever is to count for the mail.
  private void used(List<@Nullable Outcome> outcomes) {
    giveBack(outcomes);
    taken = null;
  }

  /// What the next hop surely did not take does not count for its quotas.
  private void giveBack(List<@Nullable Outcome> outcomes) {
    var some = taken;
    if (some != null) {
      quotas.settle(some, outcomes);
    }
  }

  private static Opening.Failed after(List<String> before, Opening.Failed failed) {
    var dialogue = Settling.joined(before, failed.dialogue());
    return new Opening.Failed(
        failed.outcome(),
        failed.relay(),
        failed.connectNanos(),
        dialogue,
        failed.refusals(),
        failed.obstacle(),
        failed.sessions());
  }

  /// What a host said, when those after it could not be reached.
  private static Spoken instead(Spoken unwilling, List<String> before, Opening.Failed failed) {
    var result = unwilling.result;
    return new Spoken(
        unwilling.by,
        before,
        new Attempt.Result(result.outcomes(), false, result.transferNanos(), failed.dialogue()),
        unwilling.connectNanos + failed.connectNanos());
  }

  /// With as many recipients as the quotas have room for.
  private Attempt.Order order(Job job) {
    var some = taken;
    int most = some == null ? Integer.MAX_VALUE : some.recipients();
    var all = job.recipients();
    var now = most < all.size() ? all.subList(0, most) : all;
    Runnable beforeEnd = some == null ? () -> {} : () -> quotas.out(some);
    return new Attempt.Order(job.mail().mail(), job.mail().content(), now, job.isBulk(), beforeEnd);
  }

  /// Those who were not in the order have another turn.
  private static Attempt.Result forAll(Attempt.Result result, Job job) {
    int rest = job.recipients().size() - result.outcomes().size();
    if (rest == 0) {
      return result;
    }
    List<@Nullable Outcome> all = new ArrayList<>(result.outcomes());
    all.addAll(Collections.nCopies(rest, null));
    return new Attempt.Result(all, result.reusable(), result.transferNanos(), result.dialogue());
  }

  private void heed(Attempt.Result result) {
    var tooMuch = Restraint.heard(result.outcomes());
    if (tooMuch != null) {
      queue.tooMuch(tooMuch);
    }
  }

  /// A fault of ours in here must not send again what was sent: it leaves the mail in memory, and
  /// the next start finds it.
  ///
  /// @param fresh whether the connection was opened for this job: a reused one that was gone burns
  ///   no attempt
  private void settled(Spoken said, Job job, long picked, boolean fresh) {
    giveBack(said.result.outcomes());
    if (said.result.reusable()) {
      queue.succeeded();
    } else {
      hangUp();
    }
    var by = said.by;
    queue.breakers.carried(queue.destination(), by.relay());
    var name = queue.destination().name();
    var from = job.mail().mail().envelope().sender();
    var there = by.sender(from);
    var peer =
        new Settling.Peer(
            name,
            by.relay(),
            by.tls(),
            by.login(),
            by.source(),
            there.equals(from) ? null : there,
            said.before);
    var clock = new Settling.Clock(picked, said.connectNanos);
    try {
      settling.attempted(job, forAll(said.result, job), peer, clock, fresh);
      heed(said.result); // Not sooner: it is about other mail.
    } catch (RuntimeException e) {
      LOG.error(
          "Our own fault while settling {}: it rests until the next start", job.mail().id(), e);
    }
  }
}
