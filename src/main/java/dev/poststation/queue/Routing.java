package dev.poststation.queue;

import dev.poststation.message.Outcome;
import dev.poststation.os.Tasks;
import dev.poststation.os.Time;
import dev.poststation.route.Destination;
import dev.poststation.route.Oversize;
import dev.poststation.route.Resolution;
import dev.poststation.smtp.EnhancedStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Between scheduled and ready: finds the destination of a job. Questions to the DNS are asked once
/// for all jobs with the same one, each on a thread of its own, so that a slow domain stalls only
/// itself; and many slow ones leave their places to others. Questions for bulk come after all
/// others, and leave a tenth of the places to them. Safe for any thread.
final class Routing {
  private static final Logger LOG = LoggerFactory.getLogger(Routing.class);

  /// Questions asked at the same time; each is a virtual thread that waits.
  static final int QUESTIONS_MAX = 500;

  /// So many of them may be for bulk alone.
  static final int BULK_MAX = QUESTIONS_MAX - QUESTIONS_MAX / 10;

  /// A question that takes longer than this leaves its place to another one: a site of MTA-STS that
  /// is silent takes twenty seconds, and whoever sends to many such shall not hold up the rest.
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  /// So many may do so.
  private static final int SLOW_MAX = 5_000;

  private final Tasks tasks;
  private final Time time;
  private final Supplier<Directions> directions;
  private final BiConsumer<Job, Destination> onFound;
  private final BiConsumer<Job, Resolution.Nowhere> onNowhere;
  private final Consumer<Job> onOutdated;
  private final Map<Question, List<Job>> asked = new HashMap<>();
  private final Set<Question> waiting = new LinkedHashSet<>();

  /// The questions that only bulk waits for.
  private final Set<Question> bulkWaiting = new LinkedHashSet<>();

  private int asking;

  /// Since when each question is being asked, the oldest first, but for those known to be slow.
  private final Map<Question, Long> since = new LinkedHashMap<>();

  /// Those that have left their places to others.
  private final Set<Question> slow = new HashSet<>();

  private boolean watching;

  private record Question(Directions by, String connector, String domain) {}

  /// @param onOutdated gets jobs that were routed by directions that are no longer in force
  Routing(
      Tasks tasks,
      Time time,
      Supplier<Directions> directions,
      BiConsumer<Job, Destination> onFound,
      BiConsumer<Job, Resolution.Nowhere> onNowhere,
      Consumer<Job> onOutdated) {
    this.tasks = tasks;
    this.time = time;
    this.directions = directions;
    this.onFound = onFound;
    this.onNowhere = onNowhere;
    this.onOutdated = onOutdated;
  }

  /// Passes the job on to where its connector leads, now or when that is known. It is several where
  /// that is another place for each domain.
  void submit(Job job) {
    var parts = job.byDomain();
    for (int i = 1; i < parts.size(); i++) { // One is counted already.
      parts.get(i).mail().jobStarted();
    }
    parts.forEach(this::submitOne);
  }

  private void submitOne(Job job) {
    var oversize = Oversize.of(job.connector(), job.mail().mail().size());
    if (oversize.isPresent()) {
      var lacking = oversize.get();
      pass(
          job,
          new Resolution.Nowhere(
              job.before().unasked() ? LastWord.later(lacking) : lacking, List.of()));
      return;
    }
    if (job.by().immediate(job.connector())) {
      pass(job, resolve(job));
      return;
    }
    var question = new Question(job.by(), job.connector().label(), job.domain());
    synchronized (this) {
      var jobs = asked.get(question);
      boolean bulk = job.isBulk();
      if (jobs != null) {
        jobs.add(job);
        if (bulk || !bulkWaiting.remove(question)) {
          return;
        }
      } else {
        asked.put(question, new ArrayList<>(List.of(job)));
      }
      (bulk ? bulkWaiting : waiting).add(question);
      if (full(bulk)) {
        watch();
        return;
      }
      asking++;
    }
    tasks.virtual("route-" + question.domain(), this::ask);
  }

  /// Whether no other question may be asked now.
  private boolean full(boolean bulk) {
    int most = bulk ? BULK_MAX : QUESTIONS_MAX;
    if (asking - slow.size() < most) {
      return false;
    }
    long before = time.nanos() - PATIENCE.toNanos();
    for (var each = since.entrySet().iterator(); each.hasNext() && slow.size() < SLOW_MAX; ) {
      var oldest = each.next();
      if (oldest.getValue() - before > 0) {
        break;
      }
      slow.add(oldest.getKey());
      each.remove();
    }
    return asking - slow.size() >= most;
  }

  private void watch() {
    if (!watching) {
      watching = true;
      tasks.virtual("slow-routes", this::makeRoom);
    }
  }

  /// While questions wait, others are begun in the places of those that are slow.
  private void makeRoom() {
    try {
      while (true) {
        time.sleep(PATIENCE);
        int more = 0;
        boolean over;
        synchronized (this) {
          int all = waiting.size() + bulkWaiting.size();
          while (more < all && !full(more >= waiting.size())) {
            asking++;
            more++;
          }
          over = more == all;
          watching = !over;
        }
        for (; more > 0; more--) {
          tasks.virtual("route", this::ask);
        }
        if (over) {
          return;
        }
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void ask() {
    for (var question = next(); question != null; question = next()) {
      Job first = first(question);
      var resolution = resolve(first);
      for (var job : answered(question)) {
        pass(job, resolution);
      }
    }
  }

  private Resolution resolve(Job job) {
    try {
      return job.by().resolve(job.connector(), job.domain());
    } catch (RuntimeException e) {
      LOG.error("Our own fault while routing to {}: its mail is deferred", job.domain(), e);
      return new Resolution.Nowhere(
          new Outcome.Deferred(
              Outcome.Stage.ROUTE,
              new EnhancedStatus(4, 3, 0),
              "internal error of this relay; see its server log",
              null));
    }
  }

  private synchronized @Nullable Question next() {
    // A place that is left to others is not used for bulk after them.
    boolean bulk = waiting.isEmpty() && !bulkWaiting.isEmpty() && asking - slow.size() <= BULK_MAX;
    var from = bulk ? bulkWaiting : waiting;
    if (from.isEmpty()) {
      asking--;
      if (!bulkWaiting.isEmpty()) {
        watch();
      }
      return null;
    }
    var question = from.iterator().next();
    from.remove(question);
    since.put(question, time.nanos());
    return question;
  }

  private synchronized Job first(Question question) {
    return jobs(question).getFirst();
  }

  private synchronized List<Job> answered(Question question) {
    var jobs = jobs(question);
    asked.remove(question);
    since.remove(question);
    slow.remove(question);
    return jobs;
  }

  private List<Job> jobs(Question question) {
    var jobs = asked.get(question);
    if (jobs == null) {
      throw new IllegalStateException("nobody asked for " + question);
    }
    return jobs;
  }

  private void pass(Job job, Resolution resolution) {
    try {
      passOn(job, resolution);
    } catch (RuntimeException e) {
      LOG.error("Our own fault while routing {}: it stays in the spool", job.mail().id(), e);
    }
  }

  private void passOn(Job job, Resolution resolution) {
    if (!job.by().equals(directions.get())) {
      onOutdated.accept(job);
      return;
    }
    switch (resolution) {
      case Resolution.Found found -> onFound.accept(job, found.destination());
      case Resolution.Nowhere nowhere -> onNowhere.accept(job, nowhere);
    }
  }
}
