package dev.poststation.cli;

import dev.poststation.config.Loaded;
import dev.poststation.config.NamedSecret;
import dev.poststation.config.Problem;
import dev.poststation.config.Secret;
import dev.poststation.os.Os;
import dev.poststation.tls.Certificates;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
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
  private static final String UNTRIED =
      " is a command: it was not tried, and is run when it is needed";

  private static final String UNTIL_RESTART =
      " is what the service was started with: a new one needs a restart (one in file: or exec:"
          + " needs none)";

  private static final String HANDED_OUT =
      " is read anew each time it is used, but systemd fills its directory when the service"
          + " starts: a new one needs systemctl restart (from systemd 260 on a reload, with"
          + " RefreshOnReload=credentials)";

  @Mixin private final Common common;

  CheckCommand(Os os) {
    common = new Common(os);
  }

  @Override
  public Integer call() {
    var loaded = common.load();
    var flaws = CertificateFlaws.all(common.os(), loaded);
    List<Problem> problems = new ArrayList<>(loaded.problems());
    if (loaded instanceof Loaded.Good good) {
      problems.addAll(Surroundings.problems(common.os(), good));
    }
    long errors =
        problems.stream().filter(Problem::isError).count()
            + flaws.stream().filter(Certificates.Flaw::refused).count();
    var running = loaded instanceof Loaded.Good good ? common.concerns(good) : List.<String>of();
    if (common.json()) {
      var report = report(errors == 0, problems, flaws, loaded);
      report.put("running", running);
      common.print(report);
    } else {
      problems.forEach(common.out()::println);
      flaws.forEach(flaw -> common.out().println(text(flaw)));
      tell(loaded, Secret::byCommand, UNTRIED);
      tell(loaded, Secret::untilRestart, UNTIL_RESTART);
      tell(loaded, Secret::handedOut, HANDED_OUT);
      running.forEach(each -> common.out().println("The running relay says: " + each));
      common.out().println(summary(loaded, errors, problems.size() + flaws.size() - errors));
    }
    return errors == 0 ? Exit.OK : Exit.WRONG;
  }

  /// As problems are written: the place first, where there is one.
  private static String text(Certificates.Flaw flaw) {
    String text = flaw.text();
    int place = text.indexOf(": certificates: ");
    if (flaw.refused()) {
      return text;
    }
    return place < 0
        ? "warning: " + text
        : text.substring(0, place) + ": warning" + text.substring(place);
  }

  private static Map<String, Object> report(
      boolean good, List<Problem> problems, List<Certificates.Flaw> flaws, Loaded loaded) {
    List<Map<String, Object>> list = new ArrayList<>();
    for (var problem : problems) {
      var entry = new LinkedHashMap<String, Object>();
      entry.put("severity", problem.isError() ? "error" : "warning");
      entry.put("origin", problem.origin().text());
      entry.put("message", problem.message());
      entry.put("remedy", problem.remedy());
      list.add(entry);
    }
    for (var flaw : flaws) {
      String severity = flaw.refused() ? "error" : "warning";
      list.add(Map.of("severity", severity, "origin", "certificates", "message", flaw.text()));
    }
    var report = new LinkedHashMap<String, Object>();
    report.put("ok", good);
    report.put("problems", list);
    report.put("untried", names(secrets(loaded, Secret::byCommand)));
    report.put("untilRestart", names(secrets(loaded, Secret::untilRestart)));
    report.put("handedOut", names(secrets(loaded, Secret::handedOut)));
    return report;
  }

  private static List<String> names(List<NamedSecret> secrets) {
    return secrets.stream().map(NamedSecret::name).toList();
  }

  /// The secrets of a kind, with the lines that name them.
  private static List<NamedSecret> secrets(Loaded loaded, Predicate<Secret> which) {
    return loaded instanceof Loaded.Good good
        ? good.secrets().stream().filter(each -> which.test(each.secret())).toList()
        : List.of();
  }

  private void tell(Loaded loaded, Predicate<Secret> which, String what) {
    secrets(loaded, which)
        .forEach(
            each ->
                common.out().println(each.secret().origin().text() + ": " + each.name() + what));
  }

  private static String summary(Loaded loaded, long errors, long warnings) {
    String said = Words.count(errors, "error") + ", " + Words.count(warnings, "warning");
    return switch (loaded) {
      case Loaded.Good of when errors == 0 ->
          of.file()
              + " is good"
              + (warnings == 0 ? "." : ", with " + Words.count(warnings, "warning") + ".");
      case Loaded.Good _, Loaded.Bad _ -> "It cannot be used: " + said + ".";
    };
  }
}
