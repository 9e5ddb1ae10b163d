package dev.poststation.cli;

import dev.poststation.config.Loaded;
import dev.poststation.config.Origin;
import dev.poststation.config.Problem;
import dev.poststation.os.Os;
import dev.poststation.tls.Certificates;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// `check`.
@Command(
    name = "check",
    description = {
      "Say all that is wrong with the configuration, each with its line and the remedy.",
      "Ends with 0 when the relay would start (warnings included), else with 2."
    })
final class CheckCommand implements Callable<Integer> {
  @Mixin private final Common common;

  CheckCommand(Os os) {
    common = new Common(os);
  }

  @Override
  public Integer call() {
    var loaded = common.load();
    var certificates =
        Certificates.problems(loaded.certificates(), common.os().disk(), common.os().time());
    boolean good = loaded instanceof Loaded.Good && certificates.isEmpty();
    if (common.json()) {
      common.print(report(good, loaded, certificates));
    } else {
      loaded.problems().forEach(common.out()::println);
      certificates.forEach(common.out()::println);
      untried(loaded).forEach((name, origin) -> common.out().println(untried(name, origin)));
      common.out().println(summary(good, loaded, certificates.size()));
    }
    return good ? Exit.OK : Exit.WRONG;
  }

  private static Map<String, Object> report(
      boolean good, Loaded loaded, List<String> certificates) {
    List<Map<String, Object>> list = new ArrayList<>();
    for (var problem : loaded.problems()) {
      var entry = new LinkedHashMap<String, Object>();
      entry.put("severity", problem.isError() ? "error" : "warning");
      entry.put("origin", problem.origin().text());
      entry.put("message", problem.message());
      entry.put("remedy", problem.remedy());
      list.add(entry);
    }
    for (var text : certificates) {
      list.add(Map.of("severity", "error", "origin", "certificates", "message", text));
    }
    var report = new LinkedHashMap<String, Object>();
    report.put("ok", good);
    report.put("problems", list);
    report.put("untried", untried(loaded).keySet());
    return report;
  }

  private static String untried(String name, Origin origin) {
    return origin.text()
        + ": "
        + name
        + " is a command: it was not tried, and is run when it is needed";
  }

  /// The secrets that were not read, with the lines that name them.
  private static Map<String, Origin> untried(Loaded loaded) {
    Map<String, Origin> untried = new LinkedHashMap<>();
    if (loaded instanceof Loaded.Good good) {
      for (var connector : good.configuration().connectors().values()) {
        var auth = connector.auth();
        if (auth != null && auth.password().byCommand()) {
          untried.put(
              "connectors." + connector.name() + ".auth.password", auth.password().origin());
        }
      }
    }
    return untried;
  }

  private static String summary(boolean good, Loaded loaded, int certificates) {
    long errors = loaded.problems().stream().filter(Problem::isError).count() + certificates;
    long warnings = loaded.problems().size() + certificates - errors;
    String said = Words.count(errors, "error") + ", " + Words.count(warnings, "warning");
    return switch (loaded) {
      case Loaded.Good of when good ->
          of.file()
              + " is good"
              + (warnings == 0 ? "." : ", with " + Words.count(warnings, "warning") + ".");
      case Loaded.Good _, Loaded.Bad _ -> "It cannot be used: " + said + ".";
    };
  }
}
