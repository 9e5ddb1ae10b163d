package dev.poststation.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.poststation.config.Configuration;
import dev.poststation.config.Loaded;
import dev.poststation.config.Loaded.Whereabouts;
import dev.poststation.config.Loader;
import dev.poststation.config.Problem;
import dev.poststation.os.Os;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// What every command takes and has: the configuration file, the form of the output, where it goes.
/// Confined to the main thread.
final class Common {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  /// A relay that is asked in passing.
  private static final Duration SOON = Duration.ofSeconds(10);

  @Option(
      names = {"-c", "--config"},
      paramLabel = "FILE",
      description =
          "The configuration file; without it poststation.conf in the working directory, else"
              + " /etc/poststation/poststation.conf.")
  private @Nullable Path config;

  @Option(names = "--json", description = "Answer in JSON, for programs.")
  private boolean json;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show what the command does.")
  @SuppressWarnings("UnusedVariable") // picocli reads it.
  private boolean help;

  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec mixee;

  private final Os os;

  Common(Os os) {
    this.os = os;
  }

  Os os() {
    return os;
  }

  /// Whether programs read the answer.
  boolean json() {
    return json;
  }

  /// For a command that runs until it is ended.
  void refuseJson(String instead) {
    if (json) {
      throw new Failure(Exit.WRONG, "--json: this command has no answer that ends; " + instead);
    }
  }

  /// For a command with a configuration of its own.
  void refuseConfig(String instead) {
    if (config != null) {
      throw new Failure(Exit.WRONG, "--config: " + instead);
    }
  }

  PrintWriter out() {
    return spec().commandLine().getOut();
  }

  PrintWriter err() {
    return spec().commandLine().getErr();
  }

  private CommandSpec spec() {
    if (mixee == null) {
      throw new IllegalStateException("used before the command line was parsed");
    }
    return mixee;
  }

  /// Writes a value as JSON.
  void print(Object value) {
    try {
      out().println(JSON.writeValueAsString(value));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /// What came of reading the configuration file.
  Loaded load() {
    return Loader.elsewhere(os, System.getenv()).load(Optional.ofNullable(config));
  }

  /// The same in the service itself, which must have all secrets.
  Loaded.Good loadedByService() {
    return good(new Loader(os, System.getenv()).load(Optional.ofNullable(config)));
  }

  /// The configuration; fails with all that is wrong when it cannot be used.
  Loaded.Good loaded() {
    return good(load());
  }

  private static Loaded.Good good(Loaded loaded) {
    return switch (loaded) {
      case Loaded.Good good -> good;
      case Loaded.Bad bad -> throw failure(bad);
    };
  }

  /// The relay that runs with this configuration. It is asked even while the file has mistakes, as
  /// long as these leave no doubt where it is: what was made wrong must not hide what goes wrong.
  Api api() {
    var loaded = load();
    var relay = whereabouts(loaded);
    if (loaded instanceof Loaded.Bad) {
      err()
          .println(
              "The configuration has errors, which poststation check tells; the relay that runs"
                  + " with data = \""
                  + relay.data()
                  + "\" is asked all the same.");
    }
    return new Api(os, relay);
  }

  /// The same, without telling that the file has mistakes.
  Api api(Loaded loaded) {
    return new Api(os, whereabouts(loaded));
  }

  /// The relay that runs, to try what the file says; empty when none does. It tries what it runs
  /// with while the file has mistakes, which standard error says; a command alone cannot.
  Optional<Api> trying() {
    var loaded = load();
    try {
      var api = api(loaded);
      api.get("status", Map.of()); // Its configuration it shows without mistakes only.
      if (loaded instanceof Loaded.Bad bad) {
        err().println(bad.problems().stream().filter(Problem::isError).findFirst().orElseThrow());
        err().println("The relay is asked all the same; poststation check tells all errors.");
      }
      return Optional.of(api);
    } catch (Failure e) {
      if (e.exit() != Exit.UNREACHABLE) {
        throw e;
      }
      good(loaded);
      return Optional.empty();
    }
  }

  /// The `data` directory to work on; where the file has mistakes, standard error says so.
  Path dataOf(Loaded loaded) {
    var data = whereabouts(loaded).data();
    if (loaded instanceof Loaded.Bad) {
      err()
          .println(
              "The configuration has errors, which poststation check tells; the command works on"
                  + " data = \""
                  + data
                  + "\" all the same.");
    }
    return data;
  }

  /// The users to work on; other mistakes of the file do not hinder that, but standard error tells
  /// of them.
  UsersOnDisk users() {
    var loaded = load();
    var place = whereabouts(loaded);
    var users = place.users();
    if (users == null) {
      throw loaded instanceof Loaded.Bad bad ? failure(bad) : new IllegalStateException();
    }
    if (loaded instanceof Loaded.Bad) {
      err()
          .println(
              "The configuration has errors, which poststation check tells; the command works on "
                  + users.file()
                  + " all the same.");
    }
    return new UsersOnDisk(os, place.data(), users, () -> vanished(place));
  }

  /// Users that a relay which runs here still has, though their file is gone.
  private int vanished(Whereabouts relay) {
    try {
      var status = new Api(os, relay, SOON).get("status", Map.of());
      return status.path("users").path("vanished").asInt();
    } catch (Failure e) {
      if (e.exit() == Exit.UNREACHABLE) {
        return 0; // None runs.
      }
      throw e;
    }
  }

  /// What a relay that runs here says an administrator should know; nothing where none can be
  /// asked.
  List<String> concerns(Loaded.Good loaded) {
    try {
      var status = new Api(os, whereabouts(loaded), SOON).get("status", Map.of());
      List<String> all = new ArrayList<>();
      status.path("concerns").forEach(each -> all.add(Words.shown(each.asText())));
      return all;
    } catch (Failure _) {
      return List.of();
    }
  }

  /// Where the relay and its `data` are, as long as mistakes of the file leave no doubt about that.
  static Whereabouts whereabouts(Loaded loaded) {
    return switch (loaded) {
      case Loaded.Good(_, var good, _, _, _) ->
          new Whereabouts(good.data(), good.admin().bind(), good.users());
      case Loaded.Bad bad -> bad.whereabouts().orElseThrow(() -> failure(bad));
    };
  }

  private static Failure failure(Loaded.Bad bad) {
    return new Failure(
        Exit.WRONG,
        bad.problems().stream().map(Object::toString).collect(Collectors.joining("\n")));
  }

  Configuration configuration() {
    return loaded().configuration();
  }
}
