package dev.poststation.content;

import dev.poststation.conditions.MailFacts;
import dev.poststation.conditions.Matching;
import dev.poststation.conditions.UndecidedException;
import dev.poststation.config.ContentConditions;
import dev.poststation.config.ContentConditions.Direction;
import dev.poststation.config.MediaType;
import dev.poststation.config.MimeLimits;
import dev.poststation.config.Zones;
import dev.poststation.ldap.Directories;
import dev.poststation.message.AddressPatterns;
import dev.poststation.message.Recipient;
import dev.poststation.mime.FieldText;
import dev.poststation.mime.Part;
import dev.poststation.mime.TooComplexException;
import dev.poststation.smtp.Address;
import java.io.IOException;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Whether a mail is one that a service is for. Safe for any thread.
///
/// @param headerNames the fields that are asked for, in lower case
/// @param own our domains
/// @param limits how far parts are looked for
record When(
    ContentConditions conditions,
    Matching matching,
    Set<String> headerNames,
    AddressPatterns own,
    MimeLimits limits) {
  private static final Set<AddressPatterns.Kind> KINDS = EnumSet.allOf(AddressPatterns.Kind.class);

  static When of(
      ContentConditions conditions, Zones zones, Directories directories, MimeLimits limits) {
    var matching = new Matching(conditions.mail(), zones, directories);
    return new When(
        conditions,
        matching,
        matching.headerNames(),
        new AddressPatterns(conditions.own()),
        limits);
  }

  /// Whether a recipient's mail may be meant, as far as that is known before its content.
  boolean mayMean(MailFacts mail, Address recipient) {
    if (conditions.isEmpty()) {
      return true;
    }
    var keys = AddressPatterns.keysOf(recipient, KINDS);
    return isDirection(mail, keys) && matching.envelope(mail, mail.senderKeys(), keys);
  }

  private boolean isDirection(MailFacts mail, List<String> recipient) {
    if (conditions.direction().isEmpty()) {
      return true;
    }
    boolean fromUs = !mail.sender().isNull() && own.match(mail.senderKeys());
    return conditions.direction().contains(direction(fromUs, own.match(recipient)));
  }

  private static Direction direction(boolean fromUs, boolean toUs) {
    return !toUs ? Direction.OUTBOUND : fromUs ? Direction.INTERNAL : Direction.INBOUND;
  }

  /// From where to where a mail goes as a whole: outbound when it goes to anybody else.
  ///
  /// @return empty: nobody says which domains are ours
  Optional<Direction> direction(Address sender, List<Recipient> recipients) {
    boolean fromUs = !sender.isNull() && own.match(sender);
    boolean toUs = recipients.stream().allMatch(each -> own.match(each.address()));
    return own.isEmpty() ? Optional.empty() : Optional.of(direction(fromUs, toUs));
  }

  /// Whether a recipient's mail is meant, but for what is in it ([#isOfType]).
  ///
  /// @throws UndecidedException when a directory that has to be asked does not answer
  boolean means(MailFacts mail, Address recipient) throws UndecidedException {
    return mayMean(mail, recipient)
        && matching.size(mail)
        && matching.header(mail, headerNames)
        && matching.directory(mail, recipient, true);
  }

  /// Whether more than the envelope of a mail decides.
  boolean looksInside() {
    return !conditions.contentType().isEmpty()
        || !conditions.partType().isEmpty()
        || !headerNames.isEmpty()
        || !conditions.mail().anySize();
  }

  /// Whether the mail is of such a type, and has such a part.
  ///
  /// @throws UndecidedException when that cannot be found out
  boolean isOfType(Message message) throws UndecidedException {
    var wanted = conditions.contentType();
    return (wanted.isEmpty() || isOne(wanted, List.of(type(message)))) && hasPart(message);
  }

  private boolean hasPart(Message message) throws UndecidedException {
    if (conditions.partType().isEmpty()) {
      return true;
    }
    try {
      var parts = message.mime(limits).parts();
      return isOne(conditions.partType(), parts.stream().map(Part::type).toList());
    } catch (TooComplexException e) {
      throw new UndecidedException("its parts cannot be told: " + e.getMessage());
    } catch (IOException e) {
      throw new UndecidedException("it cannot be read: " + e.getMessage());
    }
  }

  private static boolean isOne(List<MediaType> wanted, List<String> there) {
    return there.stream().anyMatch(type -> wanted.stream().anyMatch(each -> each.matches(type)));
  }

  /// What holds where none is written, or none that can be (RFC 2045 5.2).
  private static String type(Message message) {
    return message.fields().fields().stream()
        .filter(field -> field.name().equals("content-type"))
        .findFirst()
        .map(field -> field.raw(message.header()))
        .map(text -> FieldText.of(text).value())
        .filter(type -> type.indexOf('/') > 0)
        .orElse("text/plain");
  }
}
