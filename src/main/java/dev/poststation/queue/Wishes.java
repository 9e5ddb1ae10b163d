package dev.poststation.queue;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/// What an administrator wants of a mail that is in memory: that it is held, and whom of its
/// recipients to bounce or to delete. A later wish takes back none of the others, but of a
/// recipient the last one counts. Guarded by the monitor of its mail.
final class Wishes {
  /// Recipients by their numbers, each with the reason for it.
  private final Map<Integer, String> bounces = new HashMap<>();

  private final Map<Integer, String> deletions = new HashMap<>();
  private boolean hold;

  /// Whether the mail is to be held.
  boolean hold() {
    return hold;
  }

  void hold(boolean wanted) {
    hold = wanted;
  }

  void bounce(Set<Integer> recipients, String why) {
    recipients.forEach(number -> bounces.put(number, why));
    deletions.keySet().removeAll(recipients);
  }

  void delete(Set<Integer> recipients, String why) {
    recipients.forEach(number -> deletions.put(number, why));
    bounces.keySet().removeAll(recipients);
  }

  /// Whether anybody is to be bounced.
  boolean bounces() {
    return !bounces.isEmpty();
  }

  /// Whether anything is wanted.
  boolean any() {
    return hold || !bounces.isEmpty() || !deletions.isEmpty();
  }

  /// Whom to bounce, and why; from now on nobody any more.
  Map<Integer, String> takeBounces() {
    var taken = Map.copyOf(bounces);
    bounces.clear();
    return taken;
  }

  /// Whom to delete, and why; from now on nobody any more.
  Map<Integer, String> takeDeletions() {
    var taken = Map.copyOf(deletions);
    deletions.clear();
    return taken;
  }
}
