package dev.poststation.admin;

import dev.poststation.Poststation;
import dev.poststation.Poststation.StartException;
import dev.poststation.config.Configuration;
import dev.poststation.config.DigestSettings;
import dev.poststation.config.Loaded;
import dev.poststation.config.Problem;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Takes the configuration file anew, as a whole or not at all. One at a time; safe for any thread.
public final class Reload {
  private static final Logger LOG = LoggerFactory.getLogger(Reload.class);

  private final Poststation relay;
  private final Supplier<Loaded> file;

  /// What came of it.
  ///
  /// @param done whether the new configuration is in force; else the old one stays
  /// @param problems errors and warnings, one sentence each
  /// @param nextStart settings that differ, but are only taken when the relay is started again
  public record Result(boolean done, List<String> problems, List<String> nextStart) {
    public Result {
      problems = List.copyOf(problems);
      nextStart = List.copyOf(nextStart);
    }
  }

  /// What the file has and the relay that runs has not taken.
  ///
  /// @param file which one it is
  /// @param reload settings that a reload takes
  /// @param nextStart settings that are only taken when the relay is started again
  public record Pending(Path file, List<String> reload, List<String> nextStart) {
    public Pending {
      reload = List.copyOf(reload);
      nextStart = List.copyOf(nextStart);
    }
  }

  /// @param file reads it
  public Reload(Poststation relay, Supplier<Loaded> file) {
    this.relay = relay;
    this.file = file;
  }

  /// Does it; the server log says what came of it, whoever asked.
  public synchronized Result apply() {
    var result = taken();
    if (!result.done()) {
      LOG.error(
          "The configuration was not reloaded, the old one stays: {}",
          String.join(" | ", result.problems()));
    } else if (!result.nextStart().isEmpty()) {
      LOG.warn("Taken at the next start only: {}", String.join(", ", result.nextStart()));
    }
    return result;
  }

  private Result taken() {
    var loaded = file.get();
    var problems = loaded.problems().stream().map(Problem::toString).toList();
    return switch (loaded) {
      case Loaded.Bad _ -> new Result(false, problems, List.of());
      case Loaded.Good good -> {
        var before = relay.configuration();
        try {
          relay.reload(good.configuration());
        } catch (StartException e) {
          yield new Result(false, List.of(String.valueOf(e.getMessage())), List.of());
        }
        yield new Result(true, problems, nextStart(before, good.configuration()));
      }
    };
  }

  /// What a reload would take, and what it would not; empty when the file cannot be used.
  public Optional<Pending> pending() {
    return switch (file.get()) {
      case Loaded.Bad _ -> Optional.empty();
      case Loaded.Good good -> {
        var now = relay.configuration();
        var read = good.configuration();
        yield Optional.of(new Pending(good.file(), atOnce(now, read), nextStart(now, read)));
      }
    };
  }

  private static List<String> atOnce(Configuration before, Configuration now) {
    List<String> names = new ArrayList<>();
    note("certificates", before.certificates(), now.certificates(), names);
    note("clients", before.clients(), now.clients(), names);
    note("connectors", before.connectors(), now.connectors(), names);
    note("routes", before.routes(), now.routes(), names);
    note("users", before.users(), now.users(), names);
    note("mta-sts", before.sts(), now.sts(), names);
    note("tls-reports", before.tlsReports(), now.tlsReports(), names);
    note("limits", before.limits(), now.limits().asStarted(before.limits()), names);
    note("log", before.log(), now.log(), names);
    note("trace", before.trace(), now.trace(), names);
    return names;
  }

  private static List<String> nextStart(Configuration before, Configuration now) {
    List<String> names = new ArrayList<>();
    note("hostname", before.hostname(), now.hostname(), names);
    note("data", before.data(), now.data(), names);
    note("listeners", before.listeners(), now.listeners(), names);
    note("dns", before.dns(), now.dns(), names);
    note("bounces", before.bounces(), now.bounces(), names);
    note("queue", before.queue(), now.queue(), names);
    var limits = before.limits();
    note("limits.active-mails", limits.activeMails(), now.limits().activeMails(), names);
    note(
        "limits.active-recipients",
        limits.activeRecipients(),
        now.limits().activeRecipients(),
        names);
    note("limits.connections", limits.connections(), now.limits().connections(), names);
    note("limits.destinations", limits.destinations(), now.limits().destinations(), names);
    note("limits.body-memory", limits.bodyMemory(), now.limits().bodyMemory(), names);
    note("spool", before.spool(), now.spool(), names);
    note("admin", before.admin(), now.admin(), names);
    note("quarantine.digest.bind", page(before), page(now), names);
    return names;
  }

  /// Where the page of the links in digests is served; empty: nowhere.
  private static String page(Configuration configuration) {
    return configuration
        .quarantine()
        .digest()
        .filter(DigestSettings::hasLinks)
        .map(digest -> digest.bind().toString())
        .orElse("");
  }

  private static void note(String name, Object before, Object now, List<String> names) {
    // Records of the configuration know the line they stand in: a moved line is no other setting.
    if (!withoutOrigins(before).equals(withoutOrigins(now))) {
      names.add(name);
    }
  }

  private static String withoutOrigins(Object setting) {
    return setting.toString().replaceAll("origin=[^,\\]]*", "");
  }
}
