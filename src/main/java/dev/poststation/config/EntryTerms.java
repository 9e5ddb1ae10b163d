package dev.poststation.config;

import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValueFactory;
import dev.poststation.os.Os;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Keys with values that all entries of an imported list get, as they would stand in a file: read
/// as the configuration would read them, lest they are found out to be wrong in each of the
/// entries. Pure functions.
public final class EntryTerms {
  /// Who an entry is for, the list says.
  private static final List<String> OF_LIST =
      List.of("name", "networks", "host", "reverse", "certificates");

  private EntryTerms() {}

  /// What the configuration would say against them; empty: nothing.
  ///
  /// @param terms on one line
  /// @param entries that will get them
  public static List<String> flaws(String terms, List<ClientEntry> entries, Os os) {
    var problems = new Problems();
    var alone = parsed(terms, problems, os);
    if (alone.isEmpty()) {
      return sentences(problems);
    }
    for (String key : alone.get().keySet()) {
      ofList(key, entries).ifPresent(why -> problems.error(new Origin("--terms"), why, ""));
    }
    // Where a comment takes the end of the entry with it, the whole is no file any more.
    parsed(ClientEntry.text(List.of(example()), terms), problems, os);
    if (!problems.haveErrors()) {
      read(alone.get(), problems, os);
    }
    return sentences(problems);
  }

  private static ClientEntry example() {
    return new ClientEntry("entry", List.of("192.0.2.1"), "", "", "");
  }

  private static Optional<ConfigObject> parsed(String text, Problems problems, Os os) {
    return new Source(os.disk(), Map.of(), problems).parse(text, Path.of("--terms"));
  }

  private static Optional<String> ofList(String key, List<ClientEntry> entries) {
    boolean there =
        switch (key) {
          case "comment" -> entries.stream().anyMatch(entry -> !entry.comment().isBlank());
          case "owner" -> entries.stream().anyMatch(entry -> !entry.owner().isBlank());
          case "expires" -> entries.stream().anyMatch(entry -> !entry.expires().isBlank());
          default -> OF_LIST.contains(key);
        };
    return there ? Optional.of(key + " is what the list says of each entry") : Optional.empty();
  }

  private static void read(ConfigObject terms, Problems problems, Os os) {
    var reading =
        new Reading(
            problems,
            _ -> new Origin("--terms"),
            Path.of(""),
            os,
            Map.of(),
            new Machine("relay", "", List.of(), List.of(), List.of()),
            false,
            true,
            new ArrayList<>());
    var section =
        Section.root(
            reading,
            terms
                .withValue("name", ConfigValueFactory.fromAnyRef("entry"))
                .withValue("networks", ConfigValueFactory.fromAnyRef("192.0.2.1")));
    Schema.client(section);
    section.end();
  }

  private static List<String> sentences(Problems problems) {
    List<String> all = new ArrayList<>();
    for (var problem : problems.sorted()) {
      if (problem.isError()) {
        String remedy = problem.remedy().isEmpty() ? "" : "; " + problem.remedy();
        all.add(problem.message() + remedy);
      }
    }
    return all;
  }
}
