package dev.poststation.spool;

import static dev.poststation.spool.Mails.bytes;
import static dev.poststation.spool.Mails.delivered;
import static dev.poststation.spool.Mails.move;
import static dev.poststation.spool.Mails.waiting;

import dev.poststation.message.Mail;
import dev.poststation.message.QueueId;
import dev.poststation.sim.Eventually;
import dev.poststation.sim.SimEngines;
import dev.poststation.sim.SimTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// What a relay does with a spool, everything that there is to do, while the disk fails or the
/// process ends below it. Knows what the relay may rely on at any moment. Used by one thread.
final class Workload {
  private static final Instant LATER = Mails.ARRIVED.plus(Duration.ofHours(1));
  private static final Placement DEFERRED = new Placement.Deferred(LATER);
  private static final Placement PARKED = new Placement.Parked("internet:mx.example.org");

  private final LocalSpool spool;
  private final SimEngines engines;
  private final SimTime time;
  private final boolean stepByStep;
  private final Map<String, Mail> mails = new TreeMap<>();
  private final Map<String, Placement> places = new TreeMap<>();
  private final List<QueueId> ids = new ArrayList<>();
  private final List<Deed> deeds = new ArrayList<>();
  private int certain;

  /// Something that changes a spool.
  interface Deed {
    void on(Spool spool) throws SpoolException;
  }

  /// The process has ended below it.
  private static final class Ended extends Exception {
    private static final long serialVersionUID = 1;
  }

  /// @param stepByStep whether each thing is written before the next one is begun; else the
  ///   committer takes together what it finds
  Workload(LocalSpool spool, SimEngines engines, SimTime time, boolean stepByStep) {
    this.spool = spool;
    this.engines = engines;
    this.time = time;
    this.stepByStep = stepByStep;
  }

  /// All ids that were given to a mail, also to one that was refused.
  List<QueueId> ids() {
    return ids;
  }

  /// What was done, in order. A mail that was refused is not among it.
  List<Deed> deeds() {
    return deeds;
  }

  /// How many of the deeds must be there whatever happens; the others may be there, none before the
  /// one before it.
  int certain() {
    return certain;
  }

  void run() {
    try {
      script();
    } catch (Ended _) {
      // As the test wants it.
    }
  }

  /// Lets the last things become durable.
  void rest() {
    try {
      aSecondPasses();
    } catch (Ended e) {
      throw new AssertionError("it should go on", e);
    }
  }

  private void script() throws Ended {
    commit("small", 3_000, 1);
    commit("large", 200_000, 2);
    settle("small", DEFERRED, waiting(0, LATER));
    commit("many", 100, 120);
    settle("large", Placement.INCOMING, delivered(0));
    bounce("many", "notice", 70_000, "one", true);
    settle("large", PARKED, waiting(1, LATER));
    abandon();
    settle("small", Placement.HELD);
    sync();
    remove("notice", false);
    aSecondPasses();
    commit("through", 500, 1);
    remove("through", false);
    settle("large", Placement.INCOMING);
    remove("small", true);
    bounce("large", "late", 10, "", false);
    commit("empty", 0, 1);
    commitTogether("left", 200_000, "right", 500);
    remove("left", false);
    settle("late", DEFERRED, waiting(0, LATER));
    aSecondPasses();
    settle("late", PARKED);
    bounce("empty", "second", 10, "two", false);
    commitAround("last", 150_000, () -> settle("second", Placement.HELD));
    remove("last", false);
  }

  private void commit(String name, int octets, int recipients) throws Ended {
    byte[] content = Mails.content(octets, name.hashCode());
    while (true) {
      QueueId id = newId();
      Deed deed = on -> mails.put(name, Mails.commit(on, id, content, recipients));
      try {
        deed.on(spool);
        done(deed, true);
        places.put(name, Placement.INCOMING);
        return;
      } catch (SpoolException _) {
        recoverAfter(deed); // The client comes again.
      }
    }
  }

  private void commitTogether(String left, int leftOctets, String right, int rightOctets)
      throws Ended {
    var contents =
        List.of(
            Mails.content(leftOctets, left.hashCode()),
            Mails.content(rightOctets, right.hashCode()));
    var incoming = List.<Placement>of(Placement.INCOMING, Placement.INCOMING);
    while (true) {
      var ids = List.of(newId(), newId());
      Deed deed =
          on -> {
            var both = Mails.commitTogether(on, ids, contents, incoming);
            mails.put(left, both.getFirst());
            mails.put(right, both.getLast());
          };
      try {
        deed.on(spool);
        done(deed, true);
        places.put(left, Placement.INCOMING);
        places.put(right, Placement.INCOMING);
        return;
      } catch (SpoolException _) {
        recoverAfter(deed);
      }
    }
  }

  /// A mail that comes in while something else happens: if that fails, the first chunks are lost.
  private void commitAround(String name, int octets, Interlude interlude) throws Ended {
    byte[] content = Mails.content(octets, name.hashCode());
    QueueId id = newId();
    try (var draft = spool.draft(id)) {
      boolean written = wrote(draft, content);
      interlude.happen();
      if (written) {
        var mail = Mails.of(id, octets, draft.chunks(), 1);
        draft.commit(mail, List.of(bytes("queued " + id)));
        mails.put(name, mail);
        places.put(name, Placement.INCOMING);
        done(on -> Mails.commit(on, id, content, 1), true);
        return;
      }
    } catch (SpoolException _) {
      recoverAfter(on -> Mails.commit(on, id, content, 1));
    }
    commit(name, octets, 1);
  }

  private interface Interlude {
    void happen() throws Ended;
  }

  private static boolean wrote(Draft draft, byte[] content) {
    try {
      draft.write(content, 0, content.length);
      return true;
    } catch (SpoolException _) {
      return false;
    }
  }

  private QueueId newId() {
    QueueId id = spool.nextId();
    ids.add(id);
    return id;
  }

  /// A draft whose client has gone away.
  private void abandon() throws Ended {
    try (var draft = spool.draft(newId())) {
      draft.write(Mails.content(150_000, 1), 0, 150_000);
    } catch (SpoolException _) {
      checkAlive();
    }
    await();
  }

  private void settle(String name, Placement to, Settlement.Change... changes) throws Ended {
    settle(move(mails.get(name), places.get(name), to, changes), false);
    places.put(name, to);
  }

  private void remove(String name, boolean durably) throws Ended {
    settle(Mails.removal(mails.get(name), places.get(name)), durably);
  }

  private void bounce(String name, String notice, int octets, String pace, boolean durably)
      throws Ended {
    byte[] content = Mails.content(octets, notice.hashCode());
    int chunks = (octets + LocalDraft.CHUNK - 1) / LocalDraft.CHUNK;
    Mail mail = Mails.of(newId(), octets, chunks, 1);
    mails.put(notice, mail);
    places.put(notice, Placement.INCOMING);
    var made = new Settlement.Notice(mail, content, List.of(bytes("made")), bytes(pace));
    settle(
        new Settlement(
            mails.get(name),
            places.get(name),
            null,
            List.of(),
            List.of(made),
            List.of(bytes("bounced"))),
        durably);
  }

  private void settle(Settlement settlement, boolean durably) throws Ended {
    spool.settle(settlement);
    done(on -> on.settle(settlement), false);
    if (durably) {
      sync();
    }
  }

  private void sync() throws Ended {
    while (true) {
      try {
        spool.sync();
        certain = deeds.size();
        return;
      } catch (SpoolException _) {
        barrier();
      }
    }
  }

  private void done(Deed deed, boolean durably) throws Ended {
    deeds.add(deed);
    certain = durably ? deeds.size() : certain;
    await();
  }

  private void await() throws Ended {
    if (stepByStep) {
      barrier();
    }
    checkAlive();
  }

  /// Waits until all is written that was handed over. While the disk fails that takes some attempts
  /// to open the spool anew, each after a while.
  private void barrier() throws Ended {
    Eventually.eventually("the spool works", () -> !engines.alive() || isWritten());
    checkAlive();
  }

  private boolean isWritten() {
    try {
      spool.pace();
      return true;
    } catch (SpoolException _) {
      if (!spool.inOrder()) {
        time.advance(Duration.ofSeconds(61));
      }
      return false;
    }
  }

  /// After a second what was settled is durable, as soon as the spool is in order.
  private void aSecondPasses() throws Ended {
    barrier();
    time.advance(Duration.ofSeconds(1));
    Eventually.eventually("all is synced", () -> !engines.alive() || isSynced());
    checkAlive();
    certain = deeds.size();
  }

  /// A sync that failed may leave nothing to sync, too; then the committer sleeps only afterwards.
  private boolean isSynced() {
    return isWritten() && engines.unsynced() == 0 && time.sleepers() == 1 && spool.inOrder();
  }

  /// What was refused may be there all the same if the process ends before the spool is in order.
  private void recoverAfter(Deed refused) throws Ended {
    try {
      barrier();
    } catch (Ended e) {
      deeds.add(refused);
      throw e;
    }
  }

  private void checkAlive() throws Ended {
    if (!engines.alive()) {
      throw new Ended();
    }
  }
}
