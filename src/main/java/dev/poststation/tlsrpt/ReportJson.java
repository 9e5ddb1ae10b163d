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

/// Reads reports (RFC 8460 4.4). What is missing in one is empty; what nobody knows is passed over.
/// Pure functions.
final class ReportJson {
  private static final ObjectMapper MAPPER =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private ReportJson() {}

  /// Reads one.
  ///
  /// @throws IOException when it is none; the message is one clause that says why
  static TlsReport read(byte[] json) throws IOException {
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
      List<String> more = new ArrayList<>(texts(failure.path("failure-reason-code")));
      more.addAll(texts(failure.path("additional-information")));
      failures.add(
          new TlsReport.Failure(
              failure.path("result-type").asText(""),
              failure.path("sending-mta-ip").asText(""),
              failure.path("receiving-mx-hostname").asText(""),
              failure.path("receiving-ip").asText(""),
              failure.path("failed-session-count").asLong(0),
              String.join(", ", more)));
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
