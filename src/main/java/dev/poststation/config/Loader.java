package dev.poststation.config;

import com.typesafe.config.ConfigObject;
import dev.poststation.os.Os;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Reads the configuration: from the file to checked records, or to all that is wrong. Safe for any
/// thread.
public final class Loader {
  private static final List<Path> USUAL =
      List.of(Path.of("poststation.conf"), Path.of("/etc/poststation/poststation.conf"));

  private final Os os;
  private final Map<String, String> environment;
  private final boolean elsewhere;

  /// @param environment the environment variables, for `${NAME}` and secrets
  public Loader(Os os, Map<String, String> environment) {
    this(os, environment, false);
  }

  private Loader(Os os, Map<String, String> environment, boolean elsewhere) {
    this.os = os;
    this.environment = Map.copyOf(environment);
    this.elsewhere = elsewhere;
  }

  /// For commands beside the relay: secrets that only its service has are no mistake.
  public static Loader elsewhere(Os os, Map<String, String> environment) {
    return new Loader(os, environment, true);
  }

  /// Reads the file of that name; without a name `poststation.conf` in the working directory, else
  /// `/etc/poststation/poststation.conf`.
  public Loaded load(Optional<Path> named) {
    Optional<Path> file = named.or(this::usual);
    return file.isPresent()
        ? load(file.get())
        : new Loaded.Bad(
            List.of(
                Problem.error(
                    new Origin("poststation.conf"),
                    "there is no configuration: neither here nor in /etc/poststation",
                    "write one, or name it with --config FILE")),
            List.of(),
            Optional.empty());
  }

  private Optional<Path> usual() {
    return USUAL.stream().filter(this::exists).findFirst();
  }

  private boolean exists(Path file) {
    try {
      return os.disk().modified(file).isPresent();
    } catch (IOException _) {
      return true; // It is there, but cannot be looked at: reading it says why.
    }
  }

  /// Reads a file.
  public Loaded load(Path file) {
    var problems = new Problems();
    var source = new Source(os.disk(), environment, problems);
    var values = source.read(file);
    return values.isEmpty()
        ? new Loaded.Bad(problems.sorted(), List.of(), salvaged(file))
        : check(file, values, source, problems);
  }

  /// Reads a text as if it stood in `file`: a candidate that is not in use.
  public Loaded parse(String text, Path file) {
    var problems = new Problems();
    var source = new Source(os.disk(), environment, problems);
    return check(file, source.parse(text, file), source, problems);
  }

  private Loaded check(Path file, Optional<ConfigObject> values, Source source, Problems problems) {
    if (values.isEmpty()) {
      return new Loaded.Bad(problems.sorted(), List.of(), Optional.empty());
    }
    var reading =
        new Reading(
            problems,
            source::origin,
            directory(file),
            os,
            environment,
            Machine.look(os.disk()),
            false,
            elsewhere,
            new ArrayList<>());
    var root = Section.root(reading, Schema.completed(values.get()));
    Configuration configuration = Schema.read(root);
    return problems.haveErrors()
        ? new Loaded.Bad(
            problems.sorted(), configuration.certificates(), whereabouts(root, configuration))
        : new Loaded.Good(
            file,
            configuration,
            new Effective(root.settings()),
            reading.secrets().stream()
                .sorted(Comparator.comparing(each -> each.secret().origin()))
                .toList(),
            problems.sorted());
  }

  private Optional<Loaded.Whereabouts> salvaged(Path file) {
    try {
      String text = new String(os.disk().read(file), StandardCharsets.UTF_8);
      return Salvage.whereabouts(text, directory(file), environment);
    } catch (IOException _) {
      return Optional.empty();
    }
  }

  private static Path directory(Path file) {
    Path directory = file.getParent();
    return directory == null ? Path.of("") : directory;
  }

  /// A directory that was refused was replaced by the default, which is that of another relay.
  private static Optional<Loaded.Whereabouts> whereabouts(
      Section root, Configuration configuration) {
    if (root.refused("data")) {
      return Optional.empty();
    }
    boolean open = root.refusedIn("users", "file") || root.strangeIn("users");
    var users = open ? null : configuration.users();
    return Optional.of(
        new Loaded.Whereabouts(configuration.data(), configuration.admin().bind(), users));
  }
}
