package dev.poststation.quarantine;

import dev.poststation.message.QueueId;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// What a recipient was told of: mails that are still kept from him. Immutable.
///
/// @param key by which his mailbox is compared
/// @param digest the last one, which may not have come true
/// @param slot the time that it was for
/// @param before what he knew without it
/// @param with what it tells
record Told(String key, QueueId digest, Instant slot, Set<QueueId> before, Set<QueueId> with) {
  private static final String TAB = "\t";

  Told {
    before = Set.copyOf(before);
    with = Set.copyOf(with);
  }

  boolean knows(QueueId id) {
    return before.contains(id) || with.contains(id);
  }

  /// The same, now that it is known what became of the digest.
  Told settled(boolean came) {
    var all = new HashSet<>(before);
    if (came) {
      all.addAll(with);
    }
    return new Told(key, digest, came ? slot : Instant.EPOCH, all, Set.of());
  }

  /// The same without mails that are not kept any more.
  Told among(Set<QueueId> kept) {
    return new Told(key, digest, slot, common(before, kept), common(with, kept));
  }

  private static Set<QueueId> common(Set<QueueId> some, Set<QueueId> kept) {
    return some.stream().filter(kept::contains).collect(Collectors.toSet());
  }

  String line() {
    return String.join(TAB, key, digest.toString(), slot.toString(), text(before), text(with));
  }

  private static String text(Set<QueueId> ids) {
    return ids.stream().sorted().map(QueueId::toString).collect(Collectors.joining(","));
  }

  static Optional<Told> parse(String line) {
    List<String> words = List.of(line.split(TAB, -1));
    if (words.size() != 5 || words.getFirst().isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new Told(
              words.get(0),
              id(words.get(1)),
              Instant.parse(words.get(2)),
              ids(words.get(3)),
              ids(words.get(4))));
    } catch (DateTimeException | IllegalArgumentException _) {
      return Optional.empty();
    }
  }

  private static QueueId id(String text) {
    return QueueId.parse(text).orElseThrow(() -> new IllegalArgumentException("no queue id"));
  }

  private static Set<QueueId> ids(String text) {
    return text.isEmpty()
        ? Set.of()
        : Arrays.stream(text.split(",", -1)).map(Told::id).collect(Collectors.toSet());
  }
}
