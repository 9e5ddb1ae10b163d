package dev.poststation.sim;

import dev.poststation.message.Content;
import dev.poststation.message.Lane;
import dev.poststation.message.Mail;
import dev.poststation.message.QueueId;
import dev.poststation.os.Time;
import dev.poststation.spool.Draft;
import dev.poststation.spool.Placement;
import dev.poststation.spool.Settlement;
import dev.poststation.spool.Spool;
import dev.poststation.spool.SpoolException;
import dev.poststation.spool.Upkeep;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/// The spool of the simulation: the same promises as `LocalSpool`, kept in memory. Starts no thread
/// and waits for nothing, so that it is deterministic. Safe for any thread.
///
/// It knows what would survive a power cut: commits at once, settlements with the next commit or
/// after a second.
public final class MemorySpool implements Spool {
  private static final int CHUNK = Shelf.CHUNK;
  private static final Duration SYNC_WITHIN = Duration.ofSeconds(1);

  private final Time time;
  private final Shelf visible;
  private final Shelf durable;
  private final ArrayDeque<Unsynced> unsynced = new ArrayDeque<>();
  private volatile boolean inOrder = true;
  private final Map<QueueId, String> damaged = new HashMap<>();
  private final Set<QueueId> damagedContents = new HashSet<>();
  private final Set<QueueId> heldContents = new HashSet<>();
  private final Map<String, Integer> reads = new HashMap<>();
  private Set<String> failingReads = Set.of();
  private volatile Consumer<Settlement> onSettle = _ -> {};
  private volatile Runnable onSync = () -> {};
  private SpoolException failure;
  private SpoolException failsThen;
  private long failsAt = Long.MAX_VALUE;
  private long lastId;
  private long commits;
  private long syncs;
  private int longestLook;
  private boolean closed;
  private final List<String> faults;

  /// An empty spool.
  public MemorySpool(Time time) {
    this(time, new Shelf(), 0, new CopyOnWriteArrayList<>());
  }

  private MemorySpool(Time time, Shelf shelf, long lastId, List<String> faults) {
    this.time = time;
    this.visible = shelf;
    this.durable = shelf.copy();
    this.lastId = lastId;
    this.faults = faults;
  }

  /// What a new process would find after this one was stopped or killed: all that was committed or
  /// settled.
  public synchronized MemorySpool restarted() {
    closed = true;
    return new MemorySpool(time, visible.copy(), lastId, faults);
  }

  /// What a new process would find after the power was cut just now: settlements younger than a
  /// second that no commit took along are lost.
  public synchronized MemorySpool afterPowerCut() {
    syncOverdue();
    closed = true;
    return new MemorySpool(time, durable.copy(), lastId, faults);
  }

  /// From now on everything that must reach the disk fails with this; null ends it.
  public synchronized void failWith(SpoolException failure) {
    this.failure = failure;
  }

  /// After so many commits from now on it fails as is said.
  public synchronized void failAfter(long more, SpoolException then) {
    this.failsAt = commits + more;
    this.failsThen = then;
  }

  /// From now on it is in order, or not; it keeps what is settled all the same.
  public void inOrder(boolean inOrder) {
    this.inOrder = inOrder;
  }

  @Override
  public boolean inOrder() {
    return inOrder;
  }

  @Override
  public Optional<Problem> problem() {
    return inOrder ? Optional.empty() : Optional.of(new Problem(false, "it is out of order"));
  }

  /// From now on reads of these kinds fail, named like the methods; none: all succeed again.
  public synchronized void failReads(String... kinds) {
    failingReads = Set.of(kinds);
  }

  /// Called before each settlement that nobody waits for, by the thread that settles.
  public void onSettle(Consumer<Settlement> listener) {
    this.onSettle = listener;
  }

  /// Called before each sync that somebody waits for, by the thread that waits.
  public void onSync(Runnable listener) {
    this.onSync = listener;
  }

  /// From now on the content of this mail cannot be read back: that sets the mail aside.
  public synchronized void damageContent(QueueId id) {
    damagedContents.add(id);
  }

  /// From now on this mail cannot be read: `load` sets it aside.
  public synchronized void damage(QueueId id) {
    damaged.put(id, "damaged by the test");
  }

  /// What was settled though it could not be so, restarts included: whoever settles may have caught
  /// what this threw.
  public List<String> faults() {
    return List.copyOf(faults);
  }

  /// Mails whose content somebody may still hold in memory.
  public synchronized int heldContents() {
    return heldContents.size();
  }

  @Override
  public synchronized void letGo(QueueId id) {
    heldContents.remove(id);
  }

  /// Drafts begun and neither committed nor closed.
  public synchronized int openDrafts() {
    return visible.open;
  }

  @Override
  public synchronized QueueId nextId() {
    lastId = Math.max(lastId + 1, time.now().toEpochMilli() << 20);
    return new QueueId(lastId);
  }

  @Override
  public synchronized Draft draft(QueueId id) {
    checkOpen();
    visible.open++;
    return new MemoryDraft();
  }

  @Override
  public void settle(Settlement settlement) {
    onSettle.accept(settlement);
    settleNow(settlement);
  }

  private synchronized void settleNow(Settlement settlement) {
    checkOpen();
    syncOverdue();
    apply(settlement);
  }

  private void apply(Settlement settlement) {
    try {
      visible.apply(settlement);
    } catch (IllegalStateException e) {
      faults.add(e.getMessage());
      throw e;
    }
    unsynced.add(new Unsynced(time.nanos(), settlement));
    if (!(settlement.to() instanceof Placement.Incoming)) {
      heldContents.remove(settlement.mail().id());
    }
  }

  @Override
  public void sync() throws SpoolException {
    onSync.run();
    syncSettled();
  }

  private synchronized void syncSettled() throws SpoolException {
    checkOpen();
    checkWorking();
    syncNow();
  }

  @Override
  public synchronized Optional<Stored> load(QueueId id) throws SpoolException {
    checkReading("load");
    if (damaged.containsKey(id)) {
      visible.setAside(id);
      durable.setAside(id);
      return Optional.empty();
    }
    return Optional.ofNullable(visible.mails.get(id));
  }

  @Override
  public synchronized Content content(Mail mail) {
    var chunks = visible.contents.get(mail.id());
    return chunks == null ? new GoneContent(mail) : new StoredContent(mail.id(), chunks);
  }

  @Override
  public synchronized List<QueueId> incoming(Lane lane, QueueId after, int most)
      throws SpoolException {
    checkReading("incoming");
    return first(lane, visible.incoming.tailSet(new QueueId(after.value() + 1)), most);
  }

  @Override
  public synchronized List<QueueId> held(QueueId after, int most) throws SpoolException {
    checkReading("held");
    return first(Lane.ALL, visible.held.tailSet(new QueueId(after.value() + 1)), most);
  }

  @Override
  public synchronized List<Ranked> parkedRanked(String destination, QueueId after, int most)
      throws SpoolException {
    checkReading("parked");
    var ids = visible.parked.getOrDefault(destination, new TreeSet<>());
    var found = first(Lane.ALL, ids.tailSet(new QueueId(after.value() + 1)), most);
    longestLook = Math.max(longestLook, found.size());
    return found.stream().map(id -> new Ranked(id, priority(id))).toList();
  }

  /// How many mails parked for one destination were read at a time at most.
  public synchronized int longestLook() {
    return longestLook;
  }

  @Override
  public synchronized List<String> parkedDestinations() throws SpoolException {
    checkReading("parkedDestinations");
    return List.copyOf(visible.parked.keySet());
  }

  @Override
  public synchronized List<Due> deferred(Lane lane, Due after, Instant until, int most)
      throws SpoolException {
    checkReading("deferred");
    var found = new ArrayList<Due>();
    for (Due due : visible.deferred.tailSet(after)) {
      if (found.size() == most || due.time().isAfter(until)) {
        break;
      }
      if (!due.equals(after) && isIn(lane, due.id())) {
        found.add(due);
      }
    }
    return found;
  }

  @Override
  public synchronized List<Due> quarantined(Due after, Instant until, int most)
      throws SpoolException {
    checkReading("quarantined");
    return visible.quarantined.tailSet(after, false).stream()
        .takeWhile(due -> !due.time().isAfter(until))
        .limit(most)
        .toList();
  }

  private boolean isIn(Lane lane, QueueId id) {
    return lane.has(priority(id));
  }

  private int priority(QueueId id) {
    return visible.mails.get(id).mail().envelope().priority();
  }

  private List<QueueId> first(Lane lane, SortedSet<QueueId> ids, int most) {
    var found = new ArrayList<QueueId>();
    for (QueueId id : ids) {
      if (found.size() == most) {
        break;
      }
      if (isIn(lane, id)) {
        found.add(id);
      }
    }
    return found;
  }

  @Override
  public synchronized List<byte[]> trace(QueueId id) throws SpoolException {
    checkReading("trace");
    return List.copyOf(visible.traces.getOrDefault(id, List.of()));
  }

  @Override
  public synchronized byte[] pace() throws SpoolException {
    checkReading("pace");
    return visible.pace;
  }

  @Override
  public synchronized Usage usage() {
    return new Usage(visible.mails.size(), damaged.size(), visible.bytes(), commits, syncs);
  }

  /// Nobody asks it for a backup.
  @Override
  public Upkeep upkeep() {
    throw new UnsupportedOperationException();
  }

  @Override
  public boolean isScarce() {
    return false;
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      syncNow();
      closed = true;
    }
  }

  private void syncOverdue() {
    if (failure == null
        && !unsynced.isEmpty()
        && time.nanos() - unsynced.getFirst().since() >= SYNC_WITHIN.toNanos()) {
      syncNow();
    }
  }

  private void syncNow() {
    syncs++;
    for (Unsynced waiting : unsynced) {
      durable.apply(waiting.settlement());
    }
    unsynced.clear();
  }

  /// How often it was read in this way, named like the method; failures included.
  public synchronized int reads(String kind) {
    return reads.getOrDefault(kind, 0);
  }

  private void checkReading(String kind) throws SpoolException {
    reads.merge(kind, 1, Integer::sum);
    checkWorking();
    if (failingReads.contains(kind)) {
      throw new SpoolException("The test lets this fail: " + kind, false);
    }
  }

  private void checkWorking() throws SpoolException {
    if (failure != null) {
      throw new SpoolException(failure.getMessage(), failure.full(), failure);
    }
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("the spool is closed");
    }
  }

  private record Unsynced(long since, Settlement settlement) {}

  private record MemoryContent(List<byte[]> all) implements Content {
    @Override
    public int chunks() {
      return all.size();
    }

    @Override
    public byte[] chunk(int number) {
      return all.get(number);
    }
  }

  /// A content that is read back.
  private final class StoredContent implements Content {
    private final QueueId id;
    private final List<byte[]> all;

    StoredContent(QueueId id, List<byte[]> all) {
      this.id = id;
      this.all = all;
    }

    @Override
    public int chunks() {
      return all.size();
    }

    @Override
    public byte[] chunk(int number) throws SpoolException {
      synchronized (MemorySpool.this) {
        if (damagedContents.contains(id)) {
          visible.setAside(id);
          durable.setAside(id);
          throw new SpoolException("The content of " + id + " is damaged by the test", false);
        }
      }
      return all.get(number);
    }
  }

  private record GoneContent(Mail mail) implements Content {
    @Override
    public int chunks() {
      return mail.chunks();
    }

    @Override
    public byte[] chunk(int number) throws SpoolException {
      throw new SpoolException("Mail " + mail.id() + " is gone", false);
    }
  }

  @Override
  public synchronized List<Content> commit(List<Draft.Ready> together) throws SpoolException {
    checkOpen();
    checkWorking();
    for (var ready : together) {
      var draft = (MemoryDraft) ready.draft();
      if (draft.ended || ready.mail().chunks() != draft.chunks()) {
        throw new IllegalArgumentException(
            draft.ended ? "committed or closed" : "wrong number of chunks");
      }
    }
    List<Content> contents = new ArrayList<>();
    for (var ready : together) {
      var draft = (MemoryDraft) ready.draft();
      draft.end();
      visible.add(ready.mail(), ready.place(), draft.all(), ready.trace());
      contents.add(new MemoryContent(List.copyOf(draft.all())));
    }
    syncNow();
    for (var ready : together) {
      var draft = (MemoryDraft) ready.draft();
      durable.add(ready.mail(), ready.place(), draft.all(), ready.trace());
      heldContents.add(ready.mail().id());
    }
    commits++;
    if (commits >= failsAt) {
      failure = failsThen;
    }
    return contents;
  }

  private final class MemoryDraft implements Draft {
    private final List<byte[]> full = new ArrayList<>();
    private byte[] filling = new byte[0];
    private int filled;
    private long size;
    private boolean ended;

    @Override
    public void write(byte[] octets, int offset, int length) throws SpoolException {
      synchronized (MemorySpool.this) {
        checkWorking();
      }
      size += length;
      int at = offset;
      int left = length;
      while (left > 0) {
        if (filled == CHUNK) {
          full.add(filling);
          filling = new byte[0];
          filled = 0;
        }
        int part = Math.min(left, CHUNK - filled);
        if (filling.length < filled + part) {
          filling =
              Arrays.copyOf(filling, Math.min(CHUNK, Math.max(2 * filling.length, filled + part)));
        }
        System.arraycopy(octets, at, filling, filled, part);
        filled += part;
        at += part;
        left -= part;
      }
    }

    @Override
    public long size() {
      return size;
    }

    @Override
    public int chunks() {
      return full.size() + (filled > 0 ? 1 : 0);
    }

    @Override
    public Content written() {
      return new MemoryContent(List.copyOf(all()));
    }

    private List<byte[]> all() {
      var chunks = new ArrayList<>(full);
      if (filled > 0) {
        chunks.add(Arrays.copyOf(filling, filled));
      }
      return chunks;
    }

    @Override
    public Content commit(Mail mail, Placement place, List<byte[]> trace) throws SpoolException {
      return MemorySpool.this.commit(List.of(new Ready(this, mail, place, trace))).getFirst();
    }

    @Override
    public void close() {
      synchronized (MemorySpool.this) {
        end();
      }
    }

    private void end() {
      if (!ended) {
        ended = true;
        visible.open--;
      }
    }
  }
}
