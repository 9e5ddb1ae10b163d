package dev.poststation.config;

import dev.poststation.config.ContentService.Effect;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Sees to the order of the entries of `content`: what changes a mail behind its signature, or what
/// is sealed, breaks that; who looks at signatures must see them as they came; and who looks at
/// what is in a mail, or keeps it, must see that in the clear; what learns, what came of them.
/// Confined to one thread.
final class ContentOrder {
  private final Problems problems;
  private @Nullable ContentRule signs;
  private @Nullable ContentRule seals;
  private @Nullable ContentRule changes;
  private @Nullable ContentRule verifies;
  private @Nullable ContentRule encrypts;
  private @Nullable ContentRule keepsSent;
  private @Nullable ContentRule keepsPlain;
  private @Nullable ContentRule scans;
  private @Nullable ContentRule judges;

  ContentOrder(Problems problems) {
    this.problems = problems;
  }

  void check(List<ContentRule> rules) {
    for (int i = 0; i < rules.size(); i++) {
      var rule = rules.get(i);
      if (rule.service() instanceof SealService.Decrypts) {
        unseen(rule, rules.subList(i + 1, rules.size()));
      }
      if (rule.service() instanceof ContentService.Remember) {
        learns(rule, rules.subList(i + 1, rules.size()));
      }
      check(rule);
      note(rule);
    }
  }

  /// What can be the one that looks at what is in mail for something that does harm.
  private static boolean isScanner(ContentRule rule) {
    return switch (rule.service()) {
      case ContentService.Clamav _, IcapService _, AttachmentsService _ -> true;
      case MilterService milter -> milter.effect() != Effect.SIGNS;
      default -> false;
    };
  }

  /// What looks at what is in mail for spam.
  private static boolean isJudge(ContentRule rule) {
    return rule.service() instanceof RspamdService || rule.service() instanceof SpamdService;
  }

  /// What may want the mail as it came, for the signatures of its sender (DKIM, and DMARC by it),
  /// so that its place in front is right: of a milter nobody knows what it is. It is enough that
  /// anything looks at what comes out.
  private static boolean mayVerify(ContentRule rule) {
    return isJudge(rule)
        || (rule.service() instanceof MilterService milter && milter.effect() != Effect.SIGNS);
  }

  /// What comes out when mail is decrypted must have been seen by somebody.
  private void unseen(ContentRule rule, List<ContentRule> behind) {
    boolean scanned = behind.stream().anyMatch(ContentOrder::isScanner);
    boolean judged = behind.stream().anyMatch(ContentOrder::isJudge);
    if (scans != null && !scanned) {
      inFront(rule, "decrypts mail behind", scans, "has not seen what is in it");
    } else if (judges != null && !scanned && !judged) {
      problems.warning(
          rule.origin(),
          "%s decrypts mail behind %s (%s), which has not seen what is in it"
              .formatted(rule.name(), judges.name(), judges.origin()),
          "put a scanner behind it, or put "
              + rule.name()
              + " in front of "
              + judges.name()
              + ": then DKIM of that mail cannot be verified there");
    }
    if (keepsPlain != null) {
      inFront(rule, "decrypts mail behind", keepsPlain, "keeps what nobody can read");
    }
  }

  /// Nobody is to be known because somebody wanted to write to him and was not let.
  private void learns(ContentRule rule, List<ContentRule> behind) {
    var keep =
        behind.stream()
            .filter(each -> isScanner(each) || isJudge(each))
            .filter(each -> meet(rule.when(), each.when()))
            .toList();
    if (!keep.isEmpty()) {
      problems.warning(
          rule.origin(),
          "%s stands in front of %s (%s): mail that is refused or kept there has taught it all the same to whom is written"
              .formatted(rule.name(), keep.getFirst().name(), keep.getFirst().origin()),
          "put " + rule.name() + " behind " + keep.getLast().name());
    }
  }

  /// Whether a mail may be one of both, by where it goes.
  private static boolean meet(ContentConditions one, ContentConditions other) {
    return one.direction().isEmpty()
        || other.direction().isEmpty()
        || !Collections.disjoint(one.direction(), other.direction());
  }

  private void check(ContentRule rule) {
    var effect = rule.service().effect();
    keeps(rule);
    boolean looks = effect == Effect.LOOKS || isJudge(rule);
    if (looks && encrypts != null) {
      inFront(rule, "looks at mail behind", encrypts, "leaves nothing to see");
      return;
    }
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
    } else if (seals != null && setsType(rule)) {
      inFront(
          rule,
          "changes what the mail is (Content-*, MIME-Version) behind",
          seals,
          "breaks what that signed or encrypted");
    } else if (verify && changes != null) {
      inFront(rule, "looks at signatures behind", changes, "breaks those that came");
    } else if (decrypt && verifies != null) {
      inFront(rule, "decrypts mail behind", verifies, "does not see the signatures in it");
    }
  }

  /// Whether it changes fields that say what a mail is: they are part of what was made of it.
  private static boolean setsType(ContentRule rule) {
    return rule.service() instanceof ContentService.HeaderEdits edits
        && Stream.of(
                edits.remove().stream().map(HeaderPattern::name),
                edits.replace().stream().map(ContentService.Field::name),
                edits.add().stream().map(ContentService.Field::name))
            .flatMap(names -> names)
            .map(name -> name.toLowerCase(Locale.ROOT))
            .anyMatch(name -> name.startsWith("content-") || name.equals("mime-version"));
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
    boolean mayVerify = mayVerify(rule);
    scans = isScanner(rule) && !mayVerify ? rule : scans;
    judges = mayVerify ? rule : judges;
    switch (rule.service().effect()) {
      case LOOKS, LEARNS -> {}
      case KEEPS -> {
        if (rule.service() instanceof KeepingService keeping) {
          switch (keeping.copy()) {
            case SENT -> keepsSent = rule;
            case PLAIN -> keepsPlain = rule;
          }
        }
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
