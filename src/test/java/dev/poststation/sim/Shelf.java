package dev.poststation.sim;

import dev.poststation.message.Mail;
import dev.poststation.message.QueueId;
import dev.poststation.message.RecipientState;
import dev.poststation.spool.Placement;
import dev.poststation.spool.Settlement;
import dev.poststation.spool.Spool.Due;
import dev.poststation.spool.Spool.Stored;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/// All that a simulated spool contains. Guarded by the monitor of its spool. What the real one
/// would leave in disorder is an error here: a settlement of a mail that is not there, or is
/// somewhere else than the settlement says.
final class Shelf {
  static final int CHUNK = 64 * 1024;
  private static final Comparator<Due> IN_TIME =
      Comparator.comparing(Due::time).thenComparing(Due::id);

  final SortedMap<QueueId, Stored> mails = new TreeMap<>();
  final Map<QueueId, List<byte[]>> contents = new HashMap<>();
  final Map<QueueId, List<byte[]>> traces = new HashMap<>();
  final TreeSet<QueueId> incoming = new TreeSet<>();
  final TreeSet<QueueId> held = new TreeSet<>();
  final TreeSet<Due> deferred = new TreeSet<>(IN_TIME);
  final TreeSet<Due> quarantined = new TreeSet<>(IN_TIME);
  final SortedMap<String, TreeSet<QueueId>> parked = new TreeMap<>();

  /// Mails that were set aside as damaged: what becomes of them is of no interest.
  final Set<QueueId> corrupt = new HashSet<>();

  byte[] pace = {};
  int open;

  Shelf copy() {
    var copy = new Shelf();
    copy.mails.putAll(mails);
    copy.contents.putAll(contents);
    traces.forEach((id, entries) -> copy.traces.put(id, new ArrayList<>(entries)));
    copy.incoming.addAll(incoming);
    copy.held.addAll(held);
    copy.pace = pace;
    copy.deferred.addAll(deferred);
    copy.quarantined.addAll(quarantined);
    copy.corrupt.addAll(corrupt);
    parked.forEach((destination, ids) -> copy.parked.put(destination, new TreeSet<>(ids)));
    return copy;
  }

  void add(Mail mail, List<byte[]> chunks, List<byte[]> trace) {
    add(mail, Placement.INCOMING, chunks, trace);
  }

  void add(Mail mail, Placement placement, List<byte[]> chunks, List<byte[]> trace) {
    if (mails.containsKey(mail.id())) {
      throw new IllegalStateException(mail.id() + " is there already");
    }
    contents.put(mail.id(), List.copyOf(chunks));
    mails.put(mail.id(), new Stored(mail, placement));
    place(mail.id(), placement);
    traces.computeIfAbsent(mail.id(), _ -> new ArrayList<>()).addAll(trace);
  }

  void apply(Settlement settlement) {
    QueueId id = settlement.mail().id();
    check(id, settlement.from());
    traces.computeIfAbsent(id, _ -> new ArrayList<>()).addAll(settlement.trace());
    for (Settlement.Notice notice : settlement.notices()) {
      var content = notice.content();
      var chunks = new ArrayList<byte[]>();
      for (int at = 0; at < content.length; at += CHUNK) {
        chunks.add(Arrays.copyOfRange(content, at, Math.min(content.length, at + CHUNK)));
      }
      add(notice.mail(), chunks, notice.trace());
      pace = notice.pace().length > 0 ? notice.pace() : pace;
    }
    Stored stored = mails.get(id);
    if (stored == null) {
      return; // Set aside.
    }
    if (settlement.to() == null) {
      remove(id);
      return;
    }
    Mail mail = stored.mail();
    var states = new ArrayList<RecipientState>(mail.states());
    settlement.changes().forEach(change -> states.set(change.recipient(), change.state()));
    unplace(id, stored.placement());
    var changed = new Mail(mail.envelope(), mail.trace(), mail.chunks(), mail.recipients(), states);
    mails.put(id, new Stored(changed, settlement.to()));
    place(id, settlement.to());
  }

  private void check(QueueId id, Placement from) {
    Stored stored = mails.get(id);
    if (stored == null && !corrupt.contains(id)) {
      throw new IllegalStateException(id + " is settled, and is not there");
    }
    if (stored != null && !stored.placement().equals(from)) {
      throw new IllegalStateException(
          id + " is settled from " + from + ", and is in " + stored.placement());
    }
  }

  /// The mail is damaged.
  void setAside(QueueId id) {
    corrupt.add(id);
    remove(id);
  }

  private void remove(QueueId id) {
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
      case Placement.Quarantined(Instant until) -> quarantined.add(new Due(until, id));
      case Placement.Deferred(Instant due) -> deferred.add(new Due(due, id));
      case Placement.Parked(String destination) ->
          parked.computeIfAbsent(destination, _ -> new TreeSet<>()).add(id);
    }
  }

  private void unplace(QueueId id, Placement placement) {
    switch (placement) {
      case Placement.Incoming _ -> incoming.remove(id);
      case Placement.Held _ -> held.remove(id);
      case Placement.Quarantined(Instant until) -> quarantined.remove(new Due(until, id));
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
