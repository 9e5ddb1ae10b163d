package dev.poststation.sim;

import dev.poststation.message.Content;
import dev.poststation.message.Mail;
import dev.poststation.message.QueueId;
import dev.poststation.message.RecipientState;
import dev.poststation.os.Time;
import dev.poststation.spool.Draft;
import dev.poststation.spool.Placement;
import dev.poststation.spool.Settlement;
import dev.poststation.spool.Spool;
import dev.poststation.spool.SpoolException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/// The spool of the simulation: the same promises as `LocalSpool`, kept in memory. Starts no thread
/// and waits for nothing, so that it is deterministic. Safe for any thread.
///
/// It knows what would survive a power cut: commits at once, settlements with the next commit or
/// after a second.
public final class MemorySpool implements Spool {
  private static final int CHUNK = 64 * 1024;
  private static final Duration SYNC_WITHIN = Duration.ofSeconds(1);
  private static final Comparator<Due> IN_TIME =
      Comparator.comparing(Due::time).thenComparing(Due::id);

  private final Time time;
  private final Shelf visible;
  private final Shelf durable;
  private final ArrayDeque<Unsynced> unsynced = new ArrayDeque<>();
  private final Map<QueueId, String> damaged = new HashMap<>();
  private final Set<QueueId> heldContents = new HashSet<>();
  private SpoolException failure;
  private long lastId;
  private long commits;
  private long syncs;
  private boolean closed;

  /// An empty spool.
  public MemorySpool(Time time) {
    this(time, new Shelf(), 0);
  }

  private MemorySpool(Time time, Shelf shelf, long lastId) {
    this.time = time;
    this.visible = shelf;
    this.durable = shelf.copy();
    this.lastId = lastId;
  }

  /// What a new process would find after this one was stopped or killed: all that was committed or
  /// settled.
  public synchronized MemorySpool restarted() {
    closed = true;
    return new MemorySpool(time, visible.copy(), lastId);
  }

  /// What a new process would find after the power was cut just now: settlements younger than a
  /// second that no commit took along are lost.
  public synchronized MemorySpool afterPowerCut() {
    syncOverdue();
    closed = true;
    return new MemorySpool(time, durable.copy(), lastId);
  }

  /// From now on everything that must reach the disk fails with this; null ends it.
  public synchronized void failWith(SpoolException failure) {
    this.failure = failure;
  }

  /// From now on this mail cannot be read: `load` sets it aside.
  public synchronized void damage(QueueId id) {
    damaged.put(id, "damaged by the test");
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
  public synchronized void settle(Settlement settlement) {
    checkOpen();
    syncOverdue();
    apply(settlement);
  }

  private void apply(Settlement settlement) {
    visible.apply(settlement);
    unsynced.add(new Unsynced(time.nanos(), settlement));
    if (!(settlement.to() instanceof Placement.Incoming)) {
      heldContents.remove(settlement.mail().id());
    }
  }

  @Override
  public synchronized void settleDurably(Settlement settlement) throws SpoolException {
    checkOpen();
    checkWorking();
    apply(settlement);
    sync();
  }

  @Override
  public synchronized Optional<Stored> load(QueueId id) throws SpoolException {
    checkWorking();
    if (damaged.containsKey(id)) {
      visible.remove(id);
      durable.remove(id);
      return Optional.empty();
    }
    return Optional.ofNullable(visible.mails.get(id));
  }

  @Override
  public synchronized Content content(Mail mail) {
    var chunks = visible.contents.get(mail.id());
    return chunks == null ? new GoneContent(mail) : new MemoryContent(chunks);
  }

  @Override
  public synchronized List<QueueId> incoming(QueueId after, int most) throws SpoolException {
    checkWorking();
    return first(visible.incoming.tailSet(new QueueId(after.value() + 1)), most);
  }

  @Override
  public synchronized List<QueueId> held(QueueId after, int most) throws SpoolException {
    checkWorking();
    return first(visible.held.tailSet(new QueueId(after.value() + 1)), most);
  }

  @Override
  public synchronized List<QueueId> parked(String destination, QueueId after, int most)
      throws SpoolException {
    checkWorking();
    var ids = visible.parked.getOrDefault(destination, new TreeSet<>());
    return first(ids.tailSet(new QueueId(after.value() + 1)), most);
  }

  @Override
  public synchronized List<String> parkedDestinations() throws SpoolException {
    checkWorking();
    return List.copyOf(visible.parked.keySet());
  }

  @Override
  public synchronized List<Due> deferred(Due after, Instant until, int most) throws SpoolException {
    checkWorking();
    var found = new ArrayList<Due>();
    for (Due due : visible.deferred.tailSet(after)) {
      if (found.size() == most || due.time().isAfter(until)) {
        break;
      }
      if (!due.equals(after)) {
        found.add(due);
      }
    }
    return found;
  }

  private static List<QueueId> first(SortedSet<QueueId> ids, int most) {
    var found = new ArrayList<QueueId>();
    for (QueueId id : ids) {
      if (found.size() == most) {
        break;
      }
      found.add(id);
    }
    return found;
  }

  @Override
  public synchronized List<byte[]> trace(QueueId id) throws SpoolException {
    checkWorking();
    return List.copyOf(visible.traces.getOrDefault(id, List.of()));
  }

  @Override
  public synchronized Usage usage() {
    return new Usage(visible.mails.size(), visible.bytes(), commits, syncs);
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      sync();
      closed = true;
    }
  }

  private void syncOverdue() {
    if (!unsynced.isEmpty()
        && time.nanos() - unsynced.getFirst().since() >= SYNC_WITHIN.toNanos()) {
      sync();
    }
  }

  private void sync() {
    syncs++;
    for (Unsynced waiting : unsynced) {
      durable.apply(waiting.settlement());
    }
    unsynced.clear();
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
    public Content commit(Mail mail, List<byte[]> trace) throws SpoolException {
      synchronized (MemorySpool.this) {
        checkOpen();
        checkWorking();
        if (ended || mail.chunks() != chunks()) {
          throw new IllegalArgumentException(
              ended ? "committed or closed" : "wrong number of chunks");
        }
        var chunks = new ArrayList<>(full);
        if (filled > 0) {
          chunks.add(Arrays.copyOf(filling, filled));
        }
        end();
        visible.add(mail, chunks, trace);
        sync();
        durable.add(mail, chunks, trace);
        commits++;
        heldContents.add(mail.id());
        return new MemoryContent(List.copyOf(chunks));
      }
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

  /// All that a spool contains.
  private static final class Shelf {
    final SortedMap<QueueId, Stored> mails = new TreeMap<>();
    final Map<QueueId, List<byte[]>> contents = new HashMap<>();
    final Map<QueueId, List<byte[]>> traces = new HashMap<>();
    final TreeSet<QueueId> incoming = new TreeSet<>();
    final TreeSet<QueueId> held = new TreeSet<>();
    final TreeSet<Due> deferred = new TreeSet<>(IN_TIME);
    final SortedMap<String, TreeSet<QueueId>> parked = new TreeMap<>();
    int open;

    Shelf copy() {
      var copy = new Shelf();
      copy.mails.putAll(mails);
      copy.contents.putAll(contents);
      traces.forEach((id, entries) -> copy.traces.put(id, new ArrayList<>(entries)));
      copy.incoming.addAll(incoming);
      copy.held.addAll(held);
      copy.deferred.addAll(deferred);
      parked.forEach((destination, ids) -> copy.parked.put(destination, new TreeSet<>(ids)));
      return copy;
    }

    void add(Mail mail, List<byte[]> chunks, List<byte[]> trace) {
      contents.put(mail.id(), List.copyOf(chunks));
      mails.put(mail.id(), new Stored(mail, Placement.INCOMING));
      incoming.add(mail.id());
      traces.computeIfAbsent(mail.id(), _ -> new ArrayList<>()).addAll(trace);
    }

    void apply(Settlement settlement) {
      QueueId id = settlement.mail().id();
      traces.computeIfAbsent(id, _ -> new ArrayList<>()).addAll(settlement.trace());
      for (Settlement.Notice notice : settlement.notices()) {
        var content = notice.content();
        var chunks = new ArrayList<byte[]>();
        for (int at = 0; at < content.length; at += CHUNK) {
          chunks.add(Arrays.copyOfRange(content, at, Math.min(content.length, at + CHUNK)));
        }
        add(notice.mail(), chunks, notice.trace());
      }
      Stored stored = mails.get(id);
      if (stored == null) {
        return;
      }
      if (settlement.to() == null) {
        remove(id);
        return;
      }
      Mail mail = stored.mail();
      var states = new ArrayList<RecipientState>(mail.states());
      settlement.changes().forEach(change -> states.set(change.recipient(), change.state()));
      unplace(id, stored.placement());
      var changed =
          new Mail(mail.envelope(), mail.trace(), mail.chunks(), mail.recipients(), states);
      mails.put(id, new Stored(changed, settlement.to()));
      place(id, settlement.to());
    }

    void remove(QueueId id) {
      Stored stored = mails.remove(id);
      if (stored != null) {
        unplace(id, stored.placement());
        contents.remove(id);
      }
    }

    private void place(QueueId id, Placement placement) {
      switch (placement) {
        case Placement.Incoming _ -> incoming.add(id);
        case Placement.Held _ -> held.add(id);
        case Placement.Deferred(Instant due) -> deferred.add(new Due(due, id));
        case Placement.Parked(String destination) ->
            parked.computeIfAbsent(destination, _ -> new TreeSet<>()).add(id);
      }
    }

    private void unplace(QueueId id, Placement placement) {
      switch (placement) {
        case Placement.Incoming _ -> incoming.remove(id);
        case Placement.Held _ -> held.remove(id);
        case Placement.Deferred(Instant due) -> deferred.remove(new Due(due, id));
        case Placement.Parked(String destination) ->
            parked.computeIfPresent(
                destination, (_, ids) -> ids.remove(id) && ids.isEmpty() ? null : ids);
      }
    }

    long bytes() {
      long sum = 0;
      for (List<byte[]> chunks : contents.values()) {
        for (byte[] chunk : chunks) {
          sum += chunk.length;
        }
      }
      return sum;
    }
  }
}
