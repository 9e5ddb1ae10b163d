package dev.poststation.sim;

import dev.poststation.sim.SimState.Change;
import dev.poststation.spool.Engine.Family;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.random.RandomGenerator;

/// What simulated engines leave behind: entries that are on stable storage, and a log of changes
/// that were written but not synced. Guarded by itself.
final class SimDisk {
  private final SimState durable = new SimState();
  private final List<List<Change>> log = new ArrayList<>();
  private final Map<Family, TreeSet<byte[]>> damaged = new EnumMap<>(Family.class);
  private final List<String> misuses = new ArrayList<>();
  private long capacity = Long.MAX_VALUE;
  private long garbage;

  SimDisk() {
    for (Family family : Family.values()) {
      damaged.put(family, new TreeSet<>(Arrays::compareUnsigned));
    }
  }

  /// What an opening finds: all that was written. It writes that into tables, and syncs them.
  SimState recovered() {
    sync();
    return durable.copy();
  }

  SimState durable() {
    return durable;
  }

  void append(List<Change> changes) {
    log.add(changes);
  }

  void sync() {
    log.forEach(changes -> durable.apply(changes, new ArrayList<>()));
    log.clear();
  }

  /// A sync fails. Nothing of the log, some, or all of it was written; of the rest the cache may
  /// keep what it takes for written, or not.
  void syncSome(RandomGenerator chance) {
    int synced = chance.nextInt(log.size() + 1);
    log.subList(0, synced).forEach(changes -> durable.apply(changes, new ArrayList<>()));
    log.subList(0, synced).clear();
    if (chance.nextBoolean()) {
      losePower(chance);
    }
  }

  /// What was not synced is lost, from some change on.
  void losePower(RandomGenerator chance) {
    int left = chance.nextInt(log.size() + 1);
    log.subList(left, log.size()).clear();
  }

  int unsynced() {
    return log.size();
  }

  /// Whether these entries, and what occupies the disk besides, find room.
  boolean hasRoomFor(SimState state, List<Change> changes) {
    long more = 0;
    for (Change change : changes) {
      more += change.key().length + change.value().length;
    }
    if (occupied(state) + more <= capacity) {
      return true;
    }
    SimState after = state.copy();
    after.apply(changes, new ArrayList<>());
    return occupied(after) <= Math.max(capacity, occupied(state));
  }

  long occupied(SimState state) {
    long octets = garbage;
    for (Family family : Family.values()) {
      octets += state.octets(family);
    }
    return octets;
  }

  void capacity(long octets) {
    capacity = octets;
  }

  long usable(SimState state) {
    return Math.max(0, capacity - occupied(state));
  }

  void garbage(long octets) {
    garbage = octets;
  }

  /// The first entry whose key begins like this cannot be read any more.
  void damage(Family family, byte[] beginning, SimState state) {
    byte[] found = state.ceiling(family, beginning);
    int differ = found == null ? 0 : Arrays.mismatch(found, beginning);
    if (differ >= 0 && differ < beginning.length) {
      throw new IllegalArgumentException("there is no such entry");
    }
    damaged.get(family).add(found);
  }

  boolean isDamaged(Family family, byte[] key) {
    return damaged.get(family).contains(key);
  }

  /// What is written anew can be read again.
  void heal(List<Change> changes) {
    changes.forEach(change -> damaged.get(change.family()).remove(change.key()));
  }

  /// Entries that cannot be read, as changes that drop them.
  List<Change> losses(Family family) {
    return damaged.get(family).stream()
        .map(key -> new Change(SimState.Kind.DROP, family, key, new byte[0]))
        .toList();
  }

  List<String> misuses() {
    return misuses;
  }
}
