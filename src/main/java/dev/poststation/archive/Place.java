package dev.poststation.archive;

import dev.poststation.os.Disk;
import java.io.IOException;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/// Where the two files of an entry are: `2026-12-01/000000000042-ID.eml` and `.json`, in the folder
/// of its day (UTC). Immutable.
///
/// @param name without its ending
record Place(Path folder, long number, String name) {
  static final String MAIL = ".eml";

  static final String RECORD = ".json";

  private static final Pattern NAME = Pattern.compile("([0-9]{12,18})-([0-9A-Za-z]{1,40})");

  static Place of(Path directory, LocalDate day, long number, String id) {
    return new Place(
        directory.resolve(day.toString()),
        number,
        String.format(Locale.ROOT, "%012d-%s", number, id));
  }

  Path mail() {
    return folder.resolve(name + MAIL);
  }

  Path json() {
    return folder.resolve(name + RECORD);
  }

  /// As it is told to people: below the directory of the archive.
  String text() {
    return folder.getFileName() + "/" + name;
  }

  /// What lies in a folder.
  ///
  /// @param places by their numbers; several of one number are strange
  /// @param strange names of files that do not belong there
  record Content(TreeMap<Long, List<Place>> places, List<Path> strange) {}

  /// The folders of days, the first one first.
  static List<Path> days(Disk disk, Path directory) throws IOException {
    List<Path> days = new ArrayList<>();
    for (Path each : disk.list(directory)) {
      if (day(each).isPresent()) {
        days.add(each);
      }
    }
    return days;
  }

  static Optional<LocalDate> day(Path folder) {
    try {
      return Optional.of(LocalDate.parse(String.valueOf(folder.getFileName())));
    } catch (DateTimeParseException _) {
      return Optional.empty();
    }
  }

  static Content in(Disk disk, Path folder) throws IOException {
    var content = new Content(new TreeMap<>(), new ArrayList<>());
    for (Path file : disk.list(folder)) {
      String full = String.valueOf(file.getFileName());
      int dot = full.lastIndexOf('.');
      String name = dot < 0 ? full : full.substring(0, dot);
      String ending = full.substring(name.length());
      var parts = NAME.matcher(name);
      if (!parts.matches() || !(ending.equals(MAIL) || ending.equals(RECORD))) {
        content.strange.add(file);
        continue;
      }
      long number = Long.parseLong(parts.group(1));
      var there = content.places.computeIfAbsent(number, _ -> new ArrayList<>(1));
      var place = new Place(folder, number, name);
      if (!there.contains(place)) {
        there.add(place);
      }
    }
    return content;
  }
}
