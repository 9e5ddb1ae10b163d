package dev.poststation.queue;

import dev.poststation.conditions.UndecidedException;
import dev.poststation.message.Lane;
import dev.poststation.message.Mail;
import dev.poststation.message.QueueId;
import dev.poststation.route.Destination;
import dev.poststation.spool.Placement;
import dev.poststation.spool.Spool;
import dev.poststation.spool.SpoolException;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Mail that is parked for the last destination of its route while those before it failed, too:
/// when one of these works again, what is parked is looked through for mail that it may take. What
/// is kept is by destination, and by mail only until a mail in memory is parked. Safe for any
/// thread; `look` is the scheduler's.
final class Detours {
  private static final int BATCH = 256;

  /// More pairs of destinations are not remembered: mail goes when the one it waits for is asked.
  private static final int PAIRS_MAX = 10_000;

  private final Claims claims;
  private final Queue queue;
  private final Spool spool;

  /// By the destination that mail is parked for. Guarded by this.
  private final Map<String, Detour> detours = new HashMap<>();

  private int pairs;

  /// Which others may take a mail that is in memory and about to be parked.
  private final Map<QueueId, List<String>> parking = new ConcurrentHashMap<>();

  /// Whether one that is awaited may work by now, or is being looked for.
  private volatile boolean asked;

  /// The others that some of its mail may take.
  private static final class Detour {
    /// Those that did not work when mail was parked last, or do not now.
    private final Set<String> awaited = new HashSet<>();

    /// Those that work, for which it is being looked through.
    private final Set<String> open = new HashSet<>();

    /// Those for which it was.
    private final Set<String> seen = new HashSet<>();

    private QueueId read = QueueId.FIRST;

    private boolean knows(String destination) {
      return awaited.contains(destination)
          || open.contains(destination)
          || seen.contains(destination);
    }

    private int size() {
      return awaited.size() + open.size() + seen.size();
    }
  }

  Detours(Claims claims, Queue queue, Spool spool) {
    this.claims = claims;
    this.queue = queue;
    this.spool = spool;
  }

  /// A mail is about to be parked that others may take as well when they work.
  ///
  /// @param others destinations
  synchronized void note(QueueId id, String destination, Collection<Before.Place> others) {
    var names = others.stream().map(Before.Place::destination).toList();
    parking.merge(id, names, (some, more) -> Stream.concat(some.stream(), more.stream()).toList());
    await(destination, names);
  }

  /// A mail left memory for this place; null: it is gone. Those that it was noted for may have come
  /// back before it was parked, when nobody could see it.
  ///
  /// @return whether it is to be looked for
  boolean left(QueueId id, @Nullable Placement to) {
    var others = parking.isEmpty() ? null : parking.remove(id);
    return others != null
        && to instanceof Placement.Parked(String destination)
        && awaitAnew(destination, others);
  }

  private synchronized boolean awaitAnew(String destination, List<String> others) {
    await(destination, others);
    boolean works = others.stream().anyMatch(queue.ready()::works);
    if (works) {
      asked = true;
    }
    return works;
  }

  private void await(String destination, List<String> others) {
    for (String name : others) {
      var known = detours.get(destination);
      if (name.equals(destination) || (known != null && known.awaited.contains(name))) {
        continue;
      }
      if (known != null && known.knows(name)) {
        known.open.remove(name);
        known.seen.remove(name);
        known.awaited.add(name);
      } else if (pairs < PAIRS_MAX) {
        pairs++;
        detours.computeIfAbsent(destination, _ -> new Detour()).awaited.add(name);
      }
    }
  }

  /// Whether mail that is parked for the one may be taken by the other.
  synchronized boolean leads(String parkedFor, String other) {
    var detour = detours.get(parkedFor);
    return detour != null && detour.knows(other);
  }

  /// Something may work again.
  synchronized void back(String destination) {
    if (detours.values().stream().anyMatch(each -> each.awaited.contains(destination))) {
      asked = true;
    }
  }

  /// What works again of which nobody said so: a quota has room.
  void ask() {
    asked = true;
  }

  /// Looks through what is parked where another destination works by now.
  ///
  /// @return whether there is more to look at now
  boolean look() throws SpoolException {
    if (!asked) {
      return false;
    }
    asked = false;
    boolean more = false;
    for (String destination : known()) {
      if (queue.ready().works(destination)) {
        forget(destination); // It takes its mail itself.
      } else {
        more |= look(destination);
      }
    }
    return more;
  }

  private synchronized List<String> known() {
    return detours.isEmpty() ? List.of() : List.copyOf(detours.keySet());
  }

  private synchronized void forget(String destination) {
    var old = detours.remove(destination);
    pairs -= old == null ? 0 : old.size();
  }

  /// Those that work now, to look for what they may take.
  private synchronized Set<String> open(String destination) {
    var detour = detours.get(destination);
    if (detour == null) {
      return Set.of();
    }
    for (var name : List.copyOf(detour.awaited)) {
      if (queue.ready().works(name)) {
        detour.awaited.remove(name);
        detour.open.add(name);
        detour.read = QueueId.FIRST;
      }
    }
    for (var name : List.copyOf(detour.open)) {
      if (!queue.ready().works(name)) {
        detour.open.remove(name);
        detour.awaited.add(name);
      }
    }
    return Set.copyOf(detour.open);
  }

  private boolean look(String destination) throws SpoolException {
    var open = open(destination);
    if (open.isEmpty()) {
      return false;
    }
    asked = true;
    int room = Math.min(claims.oldRoom(), wanted(open));
    if (room == 0) {
      return false;
    }
    var ids = spool.parked(destination, read(destination), BATCH);
    int claimed = 0;
    for (var id : ids) {
      if (claimed == room) {
        return true;
      }
      claimed += claims.claimOld(id, stored -> takes(open, destination, stored), true) ? 1 : 0;
      read(destination, id);
    }
    if (ids.size() < BATCH) {
      looked(destination, open);
    }
    return ids.size() == BATCH;
  }

  /// How many more mails these want.
  private int wanted(Set<String> open) {
    int most = 0;
    for (String name : open) {
      int wants = queue.ready().wants(name, Lane.OTHERS);
      if (wants == 0) {
        queue.ready().expectRoom(name, Lane.OTHERS);
      }
      most = Math.max(most, wants);
    }
    return most;
  }

  private synchronized QueueId read(String destination) {
    var detour = detours.get(destination);
    return detour == null ? QueueId.FIRST : detour.read;
  }

  private synchronized void read(String destination, QueueId last) {
    var detour = detours.get(destination);
    if (detour != null) {
      detour.read = last;
    }
  }

  /// All of it was looked at.
  private synchronized void looked(String destination, Set<String> open) {
    var detour = detours.get(destination);
    if (detour != null) {
      for (String name : open) {
        if (detour.open.remove(name)) {
          detour.seen.add(name);
        }
      }
    }
  }

  private boolean takes(Set<String> open, String parkedFor, Spool.Stored stored) {
    return stored.placement().equals(new Placement.Parked(parkedFor)) && takes(open, stored.mail());
  }

  private boolean takes(Set<String> open, Mail mail) {
    var facts = queue.hours().facts(mail);
    for (var recipient : mail.recipients()) {
      try {
        if (mail.states().get(recipient.number()).waiting()) {
          for (var connector : queue.hours().way(facts, recipient)) {
            if (open.stream().anyMatch(name -> Destination.leads(connector, name))) {
              return true;
            }
          }
        }
      } catch (UndecidedException _) {
        // It is routed anew with the next one that is asked for it.
      }
    }
    return false;
  }
}
