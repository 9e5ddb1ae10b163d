package dev.poststation.tlsrpt;

import dev.poststation.smtp.PeerText;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

/// Says in words what a report says. Pure functions.
public final class ReportText {
  /// A report may have thousands.
  private static final int FAILURES_MAX = 200;

  private ReportText() {}

  /// The lines, harmless for a terminal.
  public static List<String> of(TlsReport report) {
    List<String> lines = new ArrayList<>();
    String who = report.organization().isEmpty() ? "Somebody" : report.organization();
    String contact = report.contact().isEmpty() ? "" : " (" + report.contact() + ")";
    lines.add(who + contact + " sent mail " + time(report) + ":");
    for (var policy : report.policies()) {
      lines.add("");
      policy(policy, lines);
    }
    if (report.policies().isEmpty()) {
      lines.add("It tells of no policy.");
    }
    return lines.stream().map(PeerText::of).toList();
  }

  private static String time(TlsReport report) {
    var start = report.start().truncatedTo(ChronoUnit.SECONDS);
    var end = report.end().truncatedTo(ChronoUnit.SECONDS);
    boolean day =
        Duration.between(start, end).minusDays(1).abs().compareTo(Duration.ofMinutes(1)) < 0;
    return day && start.equals(start.truncatedTo(ChronoUnit.DAYS))
        ? "on " + start.toString().substring(0, 10)
        : "from " + start + " to " + end;
  }

  private static void policy(TlsReport.Policy policy, List<String> lines) {
    String what =
        switch (policy.type()) {
          case "sts" -> "By the MTA-STS policy of ";
          case "tlsa" -> "By the TLSA records (DANE) of ";
          case "no-policy-found" -> "Without a policy of ";
          default -> "By a policy (" + policy.type() + ") of ";
        };
    long all = policy.successful() + policy.failed();
    lines.add(what + policy.domain() + ", " + sessions(all) + ": " + verdict(policy));
    policy.lines().stream().limit(20).forEach(line -> lines.add("  policy   " + line));
    for (var failure : policy.failures().stream().limit(FAILURES_MAX).toList()) {
      lines.add("  failed   " + failure(failure, policy.domain()));
    }
    int more = policy.failures().size() - FAILURES_MAX;
    if (more > 0) {
      lines.add("  and " + more + " more kinds of failure");
    }
  }

  private static String verdict(TlsReport.Policy policy) {
    if (policy.failed() == 0) {
      return policy.successful() == 0 ? "nothing was sent" : "nothing failed";
    }
    return policy.successful() == 0 ? "all of them failed" : policy.failed() + " of them failed";
  }

  private static String failure(TlsReport.Failure failure, String domain) {
    var type = ResultType.of(failure.result());
    String meaning = type.map(ResultType::meaning).orElse("had the result " + failure.result());
    String who = failure.host().isEmpty() ? domain : failure.host();
    String to = failure.to().isEmpty() ? "" : "[" + failure.to() + "]";
    String from = failure.from().isEmpty() ? "" : ", as seen from " + failure.from();
    String said =
        failure.code().isEmpty() || failure.more().isEmpty()
            ? failure.code() + failure.more()
            : failure.code() + ", " + failure.more();
    String more = said.isEmpty() ? "" : " (" + said + ")";
    return sessions(failure.sessions()) + ": " + who + to + " " + meaning + more + from;
  }

  private static String sessions(long count) {
    return count == 1 ? "1 session" : count + " sessions";
  }
}
