package dev.poststation.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.poststation.admin.ConnectorReport;
import dev.poststation.os.Os;
import dev.poststation.tls.ClientTls;
import dev.poststation.tls.ShownCertificates;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// `connector list`.
@Command(
    name = "list",
    description =
        "List the connectors, with the health of their hosts, quotas, tokens and certificates."
            + " Without a relay that runs, as the file has them.")
final class ConnectorListCommand implements Callable<Integer> {
  private static final String NONE = "-";

  @Mixin private final Common common;

  ConnectorListCommand(Os os) {
    common = new Common(os);
  }

  @Override
  public Integer call() {
    var answer = answer();
    if (common.json()) {
      common.print(answer);
    } else if (answer.path("connectors").isEmpty()) {
      common.out().println("There are no connectors.");
    } else {
      show(answer, common.os().time().now());
    }
    return Exit.OK;
  }

  private ObjectNode answer() {
    var loaded = common.load();
    try {
      return common.api(loaded).get("connectors", Map.of());
    } catch (Failure e) {
      if (e.exit() != Exit.UNREACHABLE) {
        throw e;
      }
    }
    var os = common.os();
    var shown = new ShownCertificates(ClientTls.system(os.disk()), os);
    return ConnectorReport.of(common.configuration(), shown);
  }

  private void show(ObjectNode answer, Instant now) {
    var out = common.out();
    boolean running = answer.path("running").asBoolean();
    if (!running) {
      out.println("No relay runs with this configuration: this is what the file says.");
      out.println();
    }
    var table =
        new Table(
            "CONNECTOR",
            "TYPE",
            "STATE",
            "CONNECTIONS",
            "QUOTA",
            "TOKEN",
            "CERTIFICATE",
            "DELIVERED",
            "FAILED");
    var hosts = new Table("CONNECTOR", "HOST", "STATE");
    var sources = new Table("CONNECTOR", "SOURCE", "STATE");
    List<String> reasons = new ArrayList<>();
    for (var each : answer.path("connectors")) {
      table.row(
          each.path("name").asText(),
          each.path("type").asText(),
          each.path("state").asText(),
          connections(each),
          quotas(each),
          tokens(each, now),
          certificates(each, now),
          OauthListCommand.ago(each, "lastDelivery", now),
          OauthListCommand.ago(each, "lastFailure", now));
      for (var host : each.path("hosts")) {
        hosts.row(each.path("name").asText(), host.path("host").asText(), host(host, now, running));
      }
      for (var source : each.path("sources")) {
        sources.row(each.path("name").asText(), source.path("source").asText(), source(source));
      }
      reasons.addAll(reasons(each, now));
    }
    table.print(out);
    if (!hosts.isEmpty()) {
      out.println();
      hosts.print(out);
    }
    if (!sources.isEmpty()) {
      out.println();
      sources.print(out);
    }
    if (!reasons.isEmpty()) {
      out.println();
      reasons.forEach(out::println);
    }
  }

  private static String connections(JsonNode connector) {
    var open = connector.path("connections");
    return open.isMissingNode()
        ? NONE
        : open.asText() + " of " + connector.path("connectionsMax").asText() + " at most";
  }

  private static String quotas(JsonNode connector) {
    List<String> words = new ArrayList<>();
    for (var quota : connector.path("quotas")) {
      String rate = quota.path("quota").asText();
      String counts = quota.path("counts").asText();
      String what = counts.equals("mails") ? "" : " " + counts;
      String of = quota.path("of").asText();
      String whose = of.isEmpty() || of.equals(connector.path("name").asText()) ? "" : of + " ";
      var used = quota.path("used");
      words.add(whose + (used.isMissingNode() ? rate : used.asText() + " of " + rate) + what);
    }
    return joined(words);
  }

  private static String tokens(JsonNode connector, Instant now) {
    List<String> words = new ArrayList<>();
    boolean several = connector.path("tokens").size() > 1;
    for (var token : connector.path("tokens")) {
      String state =
          switch (token.path("state").asText()) {
            case "paused" -> "none";
            case "new" -> "none yet";
            default ->
                OauthListCommand.expires(token, now)
                    + ", given "
                    + OauthListCommand.ago(token, "lastSuccess", now);
          };
      words.add(several ? token.path("user").asText() + " " + state : state);
    }
    return joined(words);
  }

  private static String certificates(JsonNode connector, Instant now) {
    List<String> words = new ArrayList<>();
    for (var certificate : connector.path("certificates")) {
      String whose = certificate.path("use").asText().equals("oauth") ? "OAuth " : "";
      var expires = ClientListCommand.time(certificate, "expires");
      String over = expires != null && !expires.isAfter(now) ? "expired " : "";
      words.add(whose + over + OauthListCommand.expires(certificate, now));
    }
    return joined(words);
  }

  /// The circuit breaker of a host.
  static String host(JsonNode host, Instant now, boolean running) {
    long failures = host.path("failures").asLong();
    var since = ClientListCommand.time(host, "since");
    String reason = Words.shown(host.path("reason").asText());
    if (since == null && failures == 0) {
      return !running
          ? NONE
          : host.path("byMx").asBoolean()
              ? "the DNS says which hosts"
              : host.path("reached").asBoolean() ? "works" : unused(host, now);
    }
    var probe = ClientListCommand.time(host, "probe");
    String asked =
        probe != null && probe.isAfter(now)
            ? "tried again in " + Words.span(now, probe)
            : "tried with the next mail";
    return (host.path("last").asBoolean() ? "comes last" : "failing")
        + (since == null ? "" : " since " + Words.span(since, now))
        + ", "
        + asked
        + ": "
        + reason;
  }

  private static String unused(JsonNode host, Instant now) {
    return host.hasNonNull("answered")
        ? "answered a probe " + OauthListCommand.ago(host, "answered", now)
        : "not used since the start";
  }

  /// How an address of ours is.
  private static String source(JsonNode source) {
    String reason = Words.shown(source.path("reason").asText());
    String plan =
        source.has("mostToday")
            ? "warming up, "
                + source.path("sentToday").asLong()
                + " of "
                + Words.count(source.path("mostToday").asLong(), "mail")
                + " today"
            : "";
    if (reason.isEmpty() && plan.isEmpty()) {
      return source.has("state") ? "works" : NONE;
    }
    return reason + (reason.isEmpty() || plan.isEmpty() ? "" : "; ") + plan;
  }

  /// Why a connector does not simply work, and what will hinder it.
  private static List<String> reasons(JsonNode connector, Instant now) {
    List<String> reasons = new ArrayList<>();
    String reason = Words.shown(connector.path("reason").asText());
    String failure = Words.shown(connector.path("failure").asText());
    String name = connector.path("name").asText() + ": ";
    if (!reason.isEmpty()) {
      var since = ClientListCommand.time(connector, "since");
      reasons.add(
          name
              + connector.path("state").asText()
              + (since == null ? "" : " since " + Words.span(since, now))
              + ": "
              + reason);
    } else if (!failure.isEmpty()) {
      reasons.add(
          name
              + "the last failure, "
              + OauthListCommand.ago(connector, "lastFailure", now)
              + ": "
              + failure);
    }
    String busy = connector.path("busy").asText();
    if (!busy.isEmpty()) {
      reasons.add(name + busy);
    }
    for (var secret : connector.path("secrets")) {
      String text = Words.shown(secret.asText());
      if (!reason.equals(text)) {
        reasons.add(name + text);
      }
    }
    return reasons;
  }

  private static String joined(List<String> words) {
    return words.isEmpty() ? NONE : String.join("; ", words);
  }
}
