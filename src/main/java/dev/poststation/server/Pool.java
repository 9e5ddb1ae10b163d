package dev.poststation.server;

import dev.poststation.os.Networks;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Places for sessions, shared out between clients. When all are taken, a client that has less than
/// an equal share gets a place of the one that has most, or of a session that has said nothing for
/// long. Guarded by the lock of [Sessions].
final class Pool {
  /// A session that waits so long for a command gives way to whoever comes, when all places are
  /// taken.
  static final long QUIET_NANOS = 10_000_000_000L;

  private final Map<Long, Holder> holders = new HashMap<>();
  private int count;
  private int leaving;

  /// What came of asking for a place.
  sealed interface Answer {
    /// There is one.
    record Welcome(Place place) implements Answer {}

    /// The client has as many as it may have.
    record TooMany() implements Answer {}

    /// It is not let in for a while.
    ///
    /// @param offence what its last connection did
    record Unwelcome(String offence) implements Answer {}

    /// All are taken, and the client has its share of them.
    record Busy() implements Answer {}

    /// All are taken; it would have its turn.
    record Full() implements Answer {}
  }

  /// A session, as seen by those who want its place.
  interface Guest {
    /// Since when it has waited for a command, in monotonic nanoseconds, with no content under way;
    /// null when it does not.
    @Nullable Long quietSince();

    /// Whether the client has shown who it is.
    boolean loggedIn();

    /// Ends soon, and says why. Must not block.
    void giveWay();
  }

  private static final class Holder {
    private final Set<Place> places = new LinkedHashSet<>();
  }

  /// The place of one session, from `enter` to `leave`.
  static final class Place {
    private final long client;
    private final Holder holder;
    private volatile @Nullable Guest guest;
    private boolean gaveWay;

    private Place(long client, Holder holder) {
      this.client = client;
      this.holder = holder;
    }

    long client() {
      return client;
    }

    /// Whose place it is.
    void belongsTo(Guest owner) {
      guest = owner;
    }

    private boolean loggedIn() {
      var owner = guest;
      return owner != null && owner.loggedIn();
    }

    private @Nullable Long quietSince() {
      var owner = guest;
      return owner == null ? null : owner.quietSince();
    }
  }

  /// How many sessions there are, with those that are about to go.
  int size() {
    return count + leaving;
  }

  /// Whether those who have not logged in have half of all places, and this client a quarter.
  boolean hasItsShare(InetAddress address, int most) {
    var known = holders.get(Networks.key(address));
    return known != null
        && count + leaving >= most / 2
        && notLoggedIn(known) >= Math.max(2, most / 4)
        && leaving + holders.values().stream().mapToLong(Pool::notLoggedIn).sum() >= most / 2;
  }

  private static long notLoggedIn(Holder holder) {
    return holder.places.stream().filter(place -> !place.loggedIn()).count();
  }

  /// Asks for a place.
  ///
  /// @param most places in all
  /// @param mostEach places of one client
  /// @param now monotonic
  Answer enter(InetAddress address, int most, int mostEach, long now) {
    long client = Networks.key(address);
    var known = holders.get(client);
    int mine = known == null ? 0 : known.places.size();
    if (mine >= mostEach) {
      return new Answer.TooMany();
    }
    if (count >= most) {
      int clients = holders.size() + (known == null ? 1 : 0);
      if (clients > 1 && mine > 0 && mine >= most / clients) {
        return new Answer.Busy();
      }
      if (!makeRoom(mine, most, now)) {
        return new Answer.Full();
      }
    }
    var holder = known == null ? new Holder() : known;
    holders.put(client, holder); // Making room may have removed it.
    var place = new Place(client, holder);
    holder.places.add(place);
    count++;
    return new Answer.Welcome(place);
  }

  /// The session has ended.
  void leave(Place place) {
    if (place.gaveWay) {
      leaving--;
    } else {
      remove(place);
    }
  }

  private void remove(Place place) {
    count--;
    place.holder.places.remove(place);
    if (place.holder.places.isEmpty()) {
      holders.remove(place.client);
    }
  }

  /// Sends somebody away. Those who are about to go take no place, but are bounded too.
  private boolean makeRoom(int mine, int most, long now) {
    if (leaving >= Math.max(1, most / 4)) {
      return false;
    }
    var largest = largest();
    Place chosen = largest.places.size() > mine + 1 ? quietest(largest, now, 0) : null;
    if (chosen == null) {
      chosen = quietest(now);
    }
    var guest = chosen == null ? null : chosen.guest;
    if (chosen == null || guest == null) {
      return false;
    }
    chosen.gaveWay = true;
    remove(chosen);
    leaving++;
    guest.giveWay();
    return true;
  }

  private Holder largest() {
    Holder largest = null;
    for (var holder : holders.values()) {
      if (largest == null || holder.places.size() > largest.places.size()) {
        largest = holder;
      }
    }
    return largest == null ? new Holder() : largest;
  }

  private @Nullable Place quietest(long now) {
    Place best = null;
    for (var holder : holders.values()) {
      var place = quietest(holder, now, QUIET_NANOS);
      if (place != null && (best == null || quiet(place, now) > quiet(best, now))) {
        best = place;
      }
    }
    return best;
  }

  private static @Nullable Place quietest(Holder holder, long now, long atLeast) {
    Place best = null;
    long longest = atLeast - 1;
    for (var place : holder.places) {
      long quiet = quiet(place, now);
      if (quiet > longest) {
        best = place;
        longest = quiet;
      }
    }
    return best;
  }

  private static long quiet(Place place, long now) {
    Long since = place.quietSince();
    return since == null ? -1 : now - since;
  }
}
