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
import dev.poststation.mime.FieldText;
import dev.poststation.mime.Part;
import dev.poststation.mime.TooComplexException;
import dev.poststation.smtp.Address;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/// Whether a mail is one that a service is for. Safe for any thread.
///
/// @param own our domains
/// @param limits how far parts are looked for
record When(
    ContentConditions conditions, Matching matching, AddressPatterns own, MimeLimits limits) {
  private static final Set<AddressPatterns.Kind> KINDS = EnumSet.allOf(AddressPatterns.Kind.class);

  static When of(
      ContentConditions conditions, Zones zones, Directories directories, MimeLimits limits) {
    return new When(
        conditions,
        new Matching(conditions.mail(), zones, directories),
        new AddressPatterns(conditions.own()),
        limits);
  }

  /// Whether a recipient's mail may be meant, as far as that is known before its content.
  boolean mayMean(MailFacts mail, Address recipient) {
    if (conditions.isEmpty()) {
      return true;
    }
    return isDirection(mail.sender(), recipient)
        && matching.envelope(
            mail,
            AddressPatterns.keysOf(mail.sender(), KINDS),
            AddressPatterns.keysOf(recipient, KINDS));
  }

  private boolean isDirection(Address sender, Address recipient) {
    if (conditions.direction().isEmpty()) {
      return true;
    }
    boolean fromUs = !sender.isNull() && own.match(AddressPatterns.keysOf(sender, KINDS));
    boolean toUs = own.match(AddressPatterns.keysOf(recipient, KINDS));
    var direction = !toUs ? Direction.OUTBOUND : fromUs ? Direction.INTERNAL : Direction.INBOUND;
    return conditions.direction().contains(direction);
  }

  /// Whether a recipient's mail is meant, but for what is in it ([#isOfType]).
  ///
  /// @throws UndecidedException when a directory that has to be asked does not answer
  boolean means(MailFacts mail, Address recipient) throws UndecidedException {
    return mayMean(mail, recipient)
        && matching.size(mail)
        && matching.header(mail, matching.headerNames())
        && matching.directory(mail, recipient, true);
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
    byte[] header = message.header();
    return message.fields().fields().stream()
        .filter(field -> field.name().equals("content-type"))
        .findFirst()
        .map(
            field ->
                new String(
                    header,
                    field.value(),
                    field.end() - field.value(),
                    StandardCharsets.ISO_8859_1))
        .map(text -> FieldText.of(text).value())
        .filter(type -> type.indexOf('/') > 0)
        .orElse("text/plain");
  }
}
