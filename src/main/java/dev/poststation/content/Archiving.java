package dev.poststation.content;

import dev.poststation.archive.About;
import dev.poststation.archive.Archive;
import dev.poststation.archive.Archives;
import dev.poststation.config.ArchiveService;
import dev.poststation.config.KeepingService;
import dev.poststation.message.AddressPatterns;
import dev.poststation.message.FieldWatch;
import dev.poststation.message.HeaderAddresses;
import dev.poststation.message.Recipient;
import dev.poststation.smtp.Address;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// Keeps a copy of mail in files. It is asked when all services have let the mail go on, about the
/// mail as it was at its place. Safe for any thread.
final class Archiving implements Service {
  private final String name;
  private final ArchiveService settings;
  private final When when;
  private final Archive archive;

  /// @param when knows from where to where mail goes
  Archiving(String name, ArchiveService settings, When when, Archives archives) {
    this.name = name;
    this.settings = settings;
    this.when = when;
    this.archive = archives.at(settings.directory());
  }

  @Override
  public String describe() {
    return "archive in " + archive.directory();
  }

  Archive archive() {
    return archive;
  }

  @Override
  public Finding examine(Message message, Facts facts, Duration atMost) throws ServiceException {
    if (facts.trial()) {
      return new Finding.Unchanged("would be archived in " + archive.directory());
    }
    try {
      var entry =
          archive.add(about(name, settings.copy(), when, message, facts), message.octets(), atMost);
      return new Finding.Unchanged(
          "archived in "
              + archive.directory()
              + " as entry "
              + entry.number()
              + ", behind "
              + entry.previous());
    } catch (IOException e) {
      throw ServiceException.down("archive in " + archive.directory() + ": " + e.getMessage());
    }
  }

  /// What is told of a mail.
  static About about(
      String name, KeepingService.Copy copy, When when, Message message, Facts facts) {
    var watch = new FieldWatch(Set.of("message-id", "subject", "date"));
    watch.feed(message.header(), 0, message.header().length);
    watch.finish();
    var source = facts.source();
    var direction = when.direction(facts.sender(), facts.recipients());
    return new About(
        facts.id().toString(),
        name,
        copy.word(),
        text(facts.sender()),
        facts.recipients().stream().map(each -> text(each.address())).toList(),
        unnamed(message, facts.recipients()),
        source.client(),
        source.address(),
        source.hello(),
        source.protocol(),
        source.user(),
        direction.map(each -> each.name().toLowerCase(Locale.ROOT)).orElse(""),
        first(watch, "message-id"),
        first(watch, "subject"),
        first(watch, "date"));
  }

  private static String text(Address address) {
    return address.isNull() ? "" : address.toString();
  }

  private static String first(FieldWatch watch, String name) {
    var values = watch.values(name);
    return values.isEmpty() ? "" : values.getFirst();
  }

  /// Those whom no field of the header names.
  private static List<String> unnamed(Message message, List<Recipient> recipients) {
    Set<String> named = new HashSet<>();
    for (var field : message.fields().fields()) {
      if (Addressed.FIELDS.contains(field.name())) {
        HeaderAddresses.parse(Addressed.text(message, field))
            .ifPresent(all -> all.forEach(each -> named.add(AddressPatterns.mailboxKey(each))));
      }
    }
    List<String> unnamed = new ArrayList<>();
    for (Recipient each : recipients) {
      if (!named.contains(AddressPatterns.mailboxKey(each.address()))) {
        unnamed.add(text(each.address()));
      }
    }
    return unnamed;
  }
}
