package dev.poststation.content;

import dev.poststation.config.ContentRule;
import dev.poststation.config.ContentService;

/// An entry of `content`: a service, for which mail it is, and what happens when it fails. Safe for
/// any thread.
///
/// @param breaker keeps mail from waiting for it while it is down
record Step(ContentRule rule, When when, Service service, Breaker breaker) {
  /// Whether it leaves mail as it is, so that others may look at the same time.
  boolean onlyLooks() {
    return rule.service().effect() == ContentService.Effect.LOOKS
        && !(service instanceof Milter); // It may throw away what the others still look at.
  }

  /// Whether it is asked when all others have let the mail go on.
  boolean keeps() {
    return rule.service().effect() == ContentService.Effect.KEEPS;
  }

  /// Whether it learns from what goes on.
  boolean learns() {
    return rule.service().effect() == ContentService.Effect.LEARNS;
  }

  /// Its name and line, for people: `clamav (poststation.conf:12)`.
  String describe() {
    return rule.name() + " (" + rule.origin() + ")";
  }
}
