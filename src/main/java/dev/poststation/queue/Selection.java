package dev.poststation.queue;

import dev.poststation.message.QueueId;
import dev.poststation.smtp.Address;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Which mails an administrator means: all conditions that are given must hold. Texts are compared
/// without regard to case.
///
/// @param ids these mails; empty: any
/// @param sender `user@domain`, `@domain`, or `<>`; null: any
/// @param recipient of a waiting recipient: `user@domain` or `@domain`; null: any
/// @param domain of a waiting recipient; null: any
/// @param destination part of the name of the destination; null: any
/// @param reason part of the reason; null: any
/// @param olderThan time since arrival, at least; null: any
/// @param place `incoming`, `active`, `deferred`, `parked` or `held`; null: any
public record Selection(
    List<QueueId> ids,
    @Nullable String sender,
    @Nullable String recipient,
    @Nullable String domain,
    @Nullable String destination,
    @Nullable String reason,
    @Nullable Duration olderThan,
    @Nullable String place) {
  /// Every mail.
  public static final Selection ALL =
      new Selection(List.of(), null, null, null, null, null, null, null);

  public Selection {
    ids = List.copyOf(ids);
  }

  /// Whether nothing is said: the whole queue.
  public boolean all() {
    return equals(ALL);
  }

  boolean matches(QueueEntry entry, Instant now) {
    return (ids.isEmpty() || ids.contains(entry.id()))
        && (place == null || place.equalsIgnoreCase(entry.place()))
        && (sender == null || matches(sender, entry.sender()))
        && (olderThan == null || !entry.arrived().plus(olderThan).isAfter(now))
        && matchesRecipient(entry);
  }

  /// What is meant of a mail that matches: all of it, unless a condition speaks of recipients and
  /// others of its recipients wait that do not meet it.
  public Control.Meant meant(QueueEntry entry) {
    Set<Integer> meant = new HashSet<>();
    int waiting = 0;
    for (int i = 0; i < entry.recipients().size(); i++) {
      var line = entry.recipients().get(i);
      waiting += waits(line) ? 1 : 0;
      if (waits(line) && matches(line)) {
        meant.add(i);
      }
    }
    return meant.size() == waiting
        ? Control.Meant.whole(entry.id())
        : new Control.Meant(entry.id(), meant);
  }

  private boolean matchesRecipient(QueueEntry entry) {
    if (recipient == null && domain == null && destination == null && reason == null) {
      return true;
    }
    for (var each : entry.recipients()) {
      if (waits(each) && matches(each)) {
        return true;
      }
    }
    return false;
  }

  private static boolean waits(QueueEntry.Line line) {
    return line.phase().equals("waiting");
  }

  private boolean matches(QueueEntry.Line line) {
    return (recipient == null || matches(recipient, line.address()))
        && (domain == null || domain.equalsIgnoreCase(line.address().domain()))
        && leadsTo(line.destination())
        && (reason == null || contains(line.reason(), reason));
  }

  private static boolean matches(String pattern, Address address) {
    if (address.isNull()) {
      return pattern.equals("<>");
    }
    return pattern.startsWith("@")
        ? pattern.substring(1).equalsIgnoreCase(address.domain())
        : pattern.equalsIgnoreCase(address.toString());
  }

  /// Whether mail for this destination may be meant.
  boolean leadsTo(String name) {
    return destination == null || contains(name, destination);
  }

  private static boolean contains(String text, String part) {
    return text.toLowerCase(Locale.ROOT).contains(part.toLowerCase(Locale.ROOT));
  }
}
