package dev.poststation.content;

import dev.poststation.conditions.MailFacts;
import dev.poststation.conditions.Matching;
import dev.poststation.conditions.UndecidedException;
import dev.poststation.config.ContentRule;
import dev.poststation.config.ContentService;
import dev.poststation.message.AddressPatterns;
import dev.poststation.message.Recipient;
import dev.poststation.smtp.Address;
import java.util.EnumSet;
import java.util.Set;

/// An entry of `content`: a service, for which mail it is, and what happens when it fails. Safe for
/// any thread.
///
/// @param breaker keeps mail from waiting for it while it is down
record Step(ContentRule rule, Matching when, Service service, Breaker breaker) {
  private static final Set<AddressPatterns.Kind> KINDS = EnumSet.allOf(AddressPatterns.Kind.class);

  /// Whether it leaves mail as it is, so that others may look at the same time.
  boolean onlyLooks() {
    return rule.service().effect() == ContentService.Effect.LOOKS;
  }

  /// Whether a recipient's mail may be meant, as far as that is known before its content.
  boolean mayMean(MailFacts mail, Address recipient) {
    return rule.when().isEmpty()
        || when.envelope(
            mail,
            AddressPatterns.keysOf(mail.sender(), KINDS),
            AddressPatterns.keysOf(recipient, KINDS));
  }

  /// Whether a recipient's mail is meant.
  ///
  /// @throws UndecidedException when a directory that has to be asked does not answer
  boolean means(MailFacts mail, Recipient recipient) throws UndecidedException {
    return mayMean(mail, recipient.address())
        && when.size(mail)
        && when.header(mail, when.headerNames())
        && when.directory(mail, recipient.address(), true);
  }

  /// Its name and line, for people: `clamav (poststation.conf:12)`.
  String describe() {
    return rule.name() + " (" + rule.origin() + ")";
  }
}
