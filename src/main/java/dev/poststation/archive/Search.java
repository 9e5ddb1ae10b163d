package dev.poststation.archive;

import dev.poststation.os.Disk;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// What is looked for in an archive; null and empty: anything. Immutable.
///
/// @param from part of the sender's address
/// @param to parts of addresses of recipients, one for all of which there must be one
/// @param subject part of it
/// @param messageId part of it
public record Search(
    @Nullable Instant since,
    @Nullable Instant until,
    @Nullable String from,
    List<String> to,
    @Nullable String subject,
    @Nullable String messageId,
    @Nullable String id) {
  public Search {
    to = List.copyOf(to);
  }

  /// Gives all entries that are meant, the eldest first, with their `.eml`.
  ///
  /// @param unreadable gets what cannot be read, and why
  /// @throws IOException when the directory cannot be read
  public void in(
      Disk disk, Path directory, BiConsumer<Entry, Path> each, BiConsumer<Path, String> unreadable)
      throws IOException {
    for (Path folder : Place.days(disk, directory)) {
      if (!mayHave(Place.day(folder).orElse(LocalDate.EPOCH))) {
        continue;
      }
      for (var places : Place.in(disk, folder).places().values()) {
        for (Place place : places) {
          try {
            var entry = Entry.of(disk.read(place.json()));
            if (means(entry)) {
              each.accept(entry, place.mail());
            }
          } catch (IOException e) {
            unreadable.accept(place.json(), String.valueOf(e.getMessage()));
          }
        }
      }
    }
  }

  /// A clock that went back has made entries of an earlier time in a later folder.
  private boolean mayHave(LocalDate day) {
    return since == null || !day.isBefore(LocalDate.ofInstant(since, ZoneOffset.UTC));
  }

  /// Whether an entry is meant.
  boolean means(Entry entry) {
    var about = entry.about();
    return (since == null || !entry.archived().isBefore(since))
        && (until == null || entry.archived().isBefore(until))
        && has(about.sender(), from)
        && to.stream()
            .allMatch(wanted -> about.recipients().stream().anyMatch(is -> has(is, wanted)))
        && has(about.subject(), subject)
        && has(about.messageId(), messageId)
        && (id == null || about.id().equalsIgnoreCase(id));
  }

  private static boolean has(String text, @Nullable String part) {
    return part == null || text.toLowerCase(Locale.ROOT).contains(part.toLowerCase(Locale.ROOT));
  }
}
