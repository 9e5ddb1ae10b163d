package dev.poststation.tlsrpt;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;

/// Reads and writes reports (RFC 8460 4.4). What is missing in one that is read is empty; what
/// nobody knows is passed over. Pure functions.
public final class ReportJson {
  private static final ObjectMapper MAPPER =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private ReportJson() {}

  /// Reads one.
  ///
  /// @throws IOException when it is none; the message is one clause that says why
  public static TlsReport read(byte[] json) throws IOException {
    JsonNode root;
    try {
      root = MAPPER.readTree(json);
    } catch (JsonProcessingException e) {
      throw new IOException("it is no JSON: " + e.getOriginalMessage(), e);
    }
    if (!(root instanceof ObjectNode) || !root.path("policies").isArray()) {
      throw new IOException("it is JSON, but has no list \"policies\"");
    }
    var range = root.path("date-range");
    List<TlsReport.Policy> policies = new ArrayList<>();
    root.path("policies").forEach(each -> policies.add(policy(each)));
    return new TlsReport(
        root.path("organization-name").asText(""),
        root.path("contact-info").asText(""),
        root.path("report-id").asText(""),
        time(range, "start-datetime"),
        time(range, "end-datetime"),
        policies);
  }

  private static Instant time(JsonNode range, String key) throws IOException {
    try {
      return OffsetDateTime.parse(range.path(key).asText("")).toInstant();
    } catch (DateTimeException e) {
      throw new IOException("its date-range has no " + key + " that is a time", e);
    }
  }

  private static TlsReport.Policy policy(JsonNode each) {
    var policy = each.path("policy");
    var summary = each.path("summary");
    List<TlsReport.Failure> failures = new ArrayList<>();
    for (var failure : each.path("failure-details")) {
      failures.add(
          new TlsReport.Failure(
              failure.path("result-type").asText(""),
              failure.path("sending-mta-ip").asText(""),
              failure.path("receiving-mx-hostname").asText(""),
              failure.path("receiving-mx-helo").asText(""),
              failure.path("receiving-ip").asText(""),
              failure.path("failed-session-count").asLong(0),
              String.join(", ", texts(failure.path("failure-reason-code"))),
              String.join(", ", texts(failure.path("additional-information")))));
    }
    return new TlsReport.Policy(
        policy.path("policy-type").asText(""),
        texts(policy.path("policy-string")),
        policy.path("policy-domain").asText(""),
        texts(policy.path("mx-host")),
        summary.path("total-successful-session-count").asLong(0),
        summary.path("total-failure-session-count").asLong(0),
        failures);
  }

  /// Writes one, on one line.
  public static String write(TlsReport report) {
    var root = MAPPER.createObjectNode();
    root.put("organization-name", report.organization());
    var range = root.putObject("date-range");
    range.put("start-datetime", report.start().toString());
    range.put("end-datetime", report.end().toString());
    root.put("contact-info", report.contact());
    root.put("report-id", report.id());
    var policies = root.putArray("policies");
    report.policies().forEach(each -> write(each, policies.addObject()));
    return root.toString();
  }

  private static void write(TlsReport.Policy policy, ObjectNode to) {
    var what = to.putObject("policy");
    what.put("policy-type", policy.type());
    if (!policy.lines().isEmpty()) {
      policy.lines().forEach(what.putArray("policy-string")::add);
    }
    what.put("policy-domain", policy.domain());
    if (!policy.mx().isEmpty()) {
      policy.mx().forEach(what.putArray("mx-host")::add);
    }
    var summary = to.putObject("summary");
    summary.put("total-successful-session-count", policy.successful());
    summary.put("total-failure-session-count", policy.failed());
    if (!policy.failures().isEmpty()) {
      var details = to.putArray("failure-details");
      policy.failures().forEach(each -> write(each, details.addObject()));
    }
  }

  private static void write(TlsReport.Failure failure, ObjectNode to) {
    to.put("result-type", failure.result());
    said(to, "sending-mta-ip", failure.from());
    said(to, "receiving-mx-hostname", failure.host());
    said(to, "receiving-mx-helo", failure.hello());
    said(to, "receiving-ip", failure.to());
    to.put("failed-session-count", failure.sessions());
    said(to, "additional-information", failure.more());
    said(to, "failure-reason-code", failure.code());
  }

  private static void said(ObjectNode to, String key, String text) {
    if (!text.isEmpty()) {
      to.put(key, text);
    }
  }

  /// Some write one text where a list is meant.
  private static List<String> texts(JsonNode node) {
    List<String> texts = new ArrayList<>();
    if (node.isArray()) {
      node.forEach(each -> texts.add(each.asText("")));
    } else if (node.isTextual()) {
      texts.add(node.asText());
    }
    texts.removeIf(String::isEmpty);
    return texts;
  }
}
