package dev.poststation.config;

import dev.poststation.config.ContentService.Effect;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Sees to the order of the entries of `content`: what changes a mail behind its signature, or what
/// is sealed, breaks that, and who looks at signatures must see them as they came. Confined to one
/// thread.
final class ContentOrder {
  private final Problems problems;
  private @Nullable ContentRule signs;
  private @Nullable ContentRule seals;
  private @Nullable ContentRule changes;
  private @Nullable ContentRule verifies;
  private @Nullable ContentRule encrypts;
  private @Nullable ContentRule keepsSent;

  ContentOrder(Problems problems) {
    this.problems = problems;
  }

  void check(List<ContentRule> rules) {
    for (ContentRule rule : rules) {
      check(rule);
      note(rule);
    }
  }

  private void check(ContentRule rule) {
    var effect = rule.service().effect();
    keeps(rule);
    if (effect == Effect.LOOKS
        || effect == Effect.LEARNS
        || effect == Effect.KEEPS
        || effect == Effect.SIGNS) {
      return;
    }
    boolean verify = rule.service() instanceof SealService.Verifies;
    boolean decrypt = rule.service() instanceof SealService.Decrypts;
    boolean sign = rule.service() instanceof SealService.Signs;
    if (signs != null) {
      misplaced(
          rule,
          "changes mail behind",
          signs,
          "breaks the signature",
          "put " + signs.name() + " last");
    } else if (sign && seals != null && seals.service() instanceof SealService.Encrypts) {
      inFront(rule, "would sign what is encrypted by", seals, "breaks how programs read it");
    } else if (effect == Effect.CHANGES && seals != null) {
      inFront(rule, "changes mail behind", seals, "breaks what that signed or encrypted");
    } else if (verify && changes != null) {
      inFront(rule, "looks at signatures behind", changes, "breaks those that came");
    } else if (decrypt && verifies != null) {
      inFront(rule, "decrypts mail behind", verifies, "does not see the signatures in it");
    }
  }

  /// What is kept must be the copy that is wanted.
  private void keeps(ContentRule rule) {
    var service = rule.service();
    boolean plain =
        service instanceof KeepingService keeping && keeping.copy() == KeepingService.Copy.PLAIN;
    boolean looks =
        switch (service.effect()) {
          case LOOKS, LEARNS, KEEPS -> true;
          case HEADER, CHANGES, SEALS, SIGNS -> false;
        };
    if (plain && encrypts != null) {
      misplaced(
          rule,
          "keeps mail behind",
          encrypts,
          "leaves nothing to read",
          "put " + rule.name() + " in front of it, or write copy = sent");
    } else if (!looks && keepsSent != null) {
      misplaced(
          rule,
          "changes mail behind",
          keepsSent,
          "is to keep it as it is sent",
          "put " + keepsSent.name() + " last, or write copy = plain");
    }
  }

  private void note(ContentRule rule) {
    switch (rule.service().effect()) {
      case LOOKS, LEARNS -> {}
      case KEEPS -> {
        boolean sent =
            rule.service() instanceof KeepingService keeping
                && keeping.copy() == KeepingService.Copy.SENT;
        keepsSent = sent ? rule : keepsSent;
      }
      case HEADER -> verifies = rule.service() instanceof SealService.Verifies ? rule : verifies;
      case CHANGES -> changes = rule.service() instanceof SealService.Decrypts ? changes : rule;
      case SEALS -> {
        encrypts = rule.service() instanceof SealService.Encrypts ? rule : encrypts;
        seals = rule;
        changes = rule;
      }
      case SIGNS -> signs = rule;
    }
  }

  private void inFront(ContentRule rule, String does, ContentRule before, String which) {
    misplaced(rule, does, before, which, "put " + rule.name() + " in front of " + before.name());
  }

  private void misplaced(
      ContentRule rule, String does, ContentRule before, String which, String remedy) {
    problems.error(
        rule.origin(),
        "%s %s %s (%s), which %s"
            .formatted(rule.name(), does, before.name(), before.origin(), which),
        remedy);
  }
}
