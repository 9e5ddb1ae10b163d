package dev.poststation.content;

import dev.poststation.config.ArchiveService;
import dev.poststation.config.ContentRule;
import dev.poststation.config.ContentService;
import dev.poststation.config.MirrorService;
import dev.poststation.config.S3Service;

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

  /// Whether it is asked only for those who get the mail now.
  boolean mirrors() {
    return rule.service() instanceof MirrorService;
  }

  /// What an archive has it never gives back: it is asked when the others have theirs, and one of
  /// this machine, which fails seldom, last.
  int turn() {
    var archive = rule.service();
    return archive instanceof ArchiveService ? 2 : archive instanceof S3Service ? 1 : 0;
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
