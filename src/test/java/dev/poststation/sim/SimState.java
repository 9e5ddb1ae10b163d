package dev.poststation.sim;

import dev.poststation.spool.Engine.Family;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// The entries of a simulated engine at a moment. Guarded by its disk.
final class SimState {
  /// What is remembered of keys that were deleted, at most; a merge of tables forgets them too.
  private static final int DELETED_MAX = 100_000;

  private final Map<Family, Entries> families = new EnumMap<>(Family.class);

  enum Kind {
    PUT,
    DELETE,
    SINGLE_DELETE,
    /// Leaves no trace, as where an entry was not copied.
    DROP
  }

  record Change(Kind kind, Family family, byte[] key, byte[] value) {}

  /// @param puts how often it was put since it was last deleted
  record Value(byte[] octets, int puts) {}

  SimState() {
    for (Family family : Family.values()) {
      families.put(family, new Entries(new TreeMap<>(Arrays::compareUnsigned)));
    }
  }

  private SimState(SimState other) {
    other.families.forEach((family, entries) -> families.put(family, entries.copy()));
  }

  SimState copy() {
    return new SimState(this);
  }

  /// Makes changes.
  ///
  /// @param misuses is told what the engine that is simulated does not promise
  void apply(List<Change> changes, List<String> misuses) {
    for (Change change : changes) {
      Entries entries = families.get(change.family());
      switch (change.kind()) {
        case PUT -> entries.put(change.key(), change.value());
        case DELETE -> entries.delete(change.key());
        case SINGLE_DELETE -> entries.singleDelete(change, misuses);
        case DROP -> entries.remove(change.key());
      }
    }
  }

  @Nullable Value get(Family family, byte[] key) {
    return families.get(family).map.get(key);
  }

  /// The greatest key that is not greater than this one; null when there is none.
  byte @Nullable [] floor(Family family, byte[] key) {
    return families.get(family).map.floorKey(key);
  }

  /// The least key that is not less than this one; null when there is none.
  byte @Nullable [] ceiling(Family family, byte[] key) {
    return families.get(family).map.ceilingKey(key);
  }

  /// Entries that do not change until they are given back.
  NavigableMap<byte[], Value> lend(Family family) {
    Entries entries = families.get(family);
    entries.lent++;
    return entries.map;
  }

  @SuppressWarnings(
      "ReferenceEquality") // The very map that was lent, not one with the same entries.
  void giveBack(Family family, NavigableMap<byte[], Value> lent) {
    Entries entries = families.get(family);
    if (entries.map == lent) {
      entries.lent--;
    }
  }

  long octets(Family family) {
    return families.get(family).octets;
  }

  private static final class Entries {
    private TreeMap<byte[], Value> map;
    private final TreeSet<byte[]> deleted = new TreeSet<>(Arrays::compareUnsigned);
    private long octets;
    private int lent;

    @SuppressWarnings("NonApiType") // It keeps the map, and copies it as what it is.
    Entries(TreeMap<byte[], Value> map) {
      this.map = map;
    }

    Entries copy() {
      var copy = new Entries(new TreeMap<>(map));
      copy.deleted.addAll(deleted);
      copy.octets = octets;
      return copy;
    }

    private void change() {
      if (lent > 0) {
        map = new TreeMap<>(map);
        lent = 0;
      }
    }

    void put(byte[] key, byte[] value) {
      change();
      Value before = map.get(key);
      map.put(key, new Value(value, before == null ? 1 : before.puts + 1));
      octets += value.length + (before == null ? key.length : -before.octets.length);
      deleted.remove(key);
    }

    void delete(byte[] key) {
      remove(key);
      if (deleted.size() >= DELETED_MAX) {
        deleted.clear();
      }
      deleted.add(key);
    }

    void singleDelete(Change change, List<String> misuses) {
      Value before = map.get(change.key);
      if (before != null && before.puts > 1) {
        misuses.add("put " + before.puts + " times, and deleted as if once: " + text(change));
      }
      if (deleted.contains(change.key)) {
        misuses.add("deleted, and then deleted as if it was put once: " + text(change));
      }
      remove(change.key);
    }

    private void remove(byte[] key) {
      change();
      Value before = map.remove(key);
      octets -= before == null ? 0 : key.length + before.octets.length;
    }

    private static String text(Change change) {
      return change.family + " " + Arrays.toString(change.key);
    }
  }
}
