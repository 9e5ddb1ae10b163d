package dev.poststation.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.poststation.bounce.NoticeRules;
import dev.poststation.config.Configuration;
import dev.poststation.config.Connector;
import dev.poststation.config.Units;
import dev.poststation.dns.NumericAddress;
import dev.poststation.message.Outcome;
import dev.poststation.os.IpText;
import dev.poststation.policy.Policy;
import dev.poststation.policy.Verdict;
import dev.poststation.queue.Directions;
import dev.poststation.route.NextHop;
import dev.poststation.route.Resolution;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.AddressParser;
import dev.poststation.smtp.Replies;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// What a configuration would do with a mail, decision by decision, asked of the very objects that
/// decide in the relay: [Policy] at MAIL and RCPT, [Directions] in the queue. Nothing is sent; the
/// DNS is asked where the way depends on it. Immutable; safe for any thread.
public final class Explanation {
  private final Configuration configuration;
  private final Policy policy;
  private final Directions directions;

  /// A mail that might come.
  public record Question(InetAddress client, Address from, Address to) {
    /// Takes it as people write it.
    ///
    /// @param from `<>`, or nothing, for the null sender of notices
    /// @throws IllegalArgumentException when something is no address; the message says what
    public static Question parse(String client, String from, String to) {
      var address =
          NumericAddress.parse(client)
              .orElseThrow(() -> wrong("client: \"" + client + "\" is no IP address."));
      boolean notice = from.isEmpty() || from.equals("<>");
      return new Question(
          address, notice ? Address.NULL : address("from", from), address("to", to));
    }

    private static Address address(String name, String text) {
      return text.equalsIgnoreCase("postmaster")
          ? new Address(text, "")
          : AddressParser.parse(text)
              .orElseThrow(
                  () -> wrong(name + ": \"" + text + "\" is no address (user@example.com)."));
    }

    private static IllegalArgumentException wrong(String sentence) {
      return new IllegalArgumentException(sentence);
    }
  }

  /// Of a configuration, in force or a candidate.
  public Explanation(Configuration configuration, Policy policy, Directions directions) {
    this.configuration = configuration;
    this.policy = policy;
    this.directions = directions;
  }

  /// As JSON. Whether the mail would be taken is in `accepted`, with the reply to RCPT, or to MAIL,
  /// in `reply`; whether it would then find a way is in `deliverable`.
  public ObjectNode explain(Question question) {
    var client = question.client();
    var from = question.from();
    var to = question.to();
    var answer = Json.object();
    answer.put("client", IpText.of(client));
    answer.put("from", from.toString());
    answer.put("to", to.toString());
    var verdict = policy.mayRelay(client);
    if (verdict instanceof Verdict.Allowed allowed) {
      verdict =
          policy.refusesSender(allowed.client(), from).map(Verdict.class::cast).orElse(verdict);
    }
    answer.put("accepted", verdict instanceof Verdict.Allowed);
    switch (verdict) {
      case Verdict.Refused refused -> {
        answer.put("reply", refused.reply().toString());
        answer.put("because", refused.reason());
        answer.put("deliverable", false);
      }
      case Verdict.Allowed allowed -> {
        answer.put("reply", Replies.RECIPIENT_OK.toString());
        answer.put("because", allowed.reason());
        answer.put("rule", allowed.client().name());
        limits(answer.putObject("limits"));
        var recipient = Policy.qualified(to, configuration.hostname());
        answer.put("recipient", recipient.toString());
        boolean waits = way(allowed.client().name(), from, recipient, answer);
        if (waits) {
          retry(from, answer.putObject("retry"));
        }
      }
    }
    return answer;
  }

  private void limits(ObjectNode in) {
    in.put("messageSize", configuration.limits().messageSize());
    in.put("recipients", configuration.limits().recipients());
    in.put("hops", configuration.limits().hops());
  }

  /// @return whether it would be tried, at once or later; false: it would bounce at once
  private boolean way(String client, Address from, Address to, ObjectNode answer) {
    var route = directions.route(client, from, to);
    if (route.isEmpty()) {
      answer.put("deliverable", false);
      answer.put("route", "no rule in routes matches: the mail would wait until one does");
      return true;
    }
    answer.put("route", route.get().describe());
    boolean found = false;
    boolean bounces = false;
    var connectors = answer.putArray("connectors");
    for (Connector connector : route.get().via()) {
      var entry = connectors.addObject();
      connector(connector, entry);
      var resolution = directions.resolve(connector, to.domainKey());
      entry.set("facts", Json.texts(resolution.facts()));
      switch (resolution) {
        case Resolution.Found(var destination, _) -> {
          found = true;
          entry.put("destination", destination.name());
          entry.set(
              "hosts", Json.texts(destination.hosts().stream().map(NextHop::toString).toList()));
        }
        case Resolution.Nowhere(var outcome, _) -> {
          bounces |= !found && outcome instanceof Outcome.Bounced; // There is no fallback from it.
          entry.put("nowhere", nowhere(outcome));
        }
      }
    }
    answer.put("deliverable", found && !bounces);
    return !bounces;
  }

  private static void connector(Connector connector, ObjectNode entry) {
    entry.put("name", connector.name());
    entry.put("origin", connector.origin().text());
    entry.put("type", word(connector.type()));
    entry.put("tls", word(connector.tls()));
    var auth = connector.auth();
    if (auth != null) {
      entry.put("user", auth.user());
    }
  }

  private static String nowhere(Outcome outcome) {
    String what =
        switch (outcome) {
          case Outcome.Bounced _ -> "bounced";
          case Outcome.Deferred _ -> "deferred";
          case Outcome.Delivered _ -> "delivered";
        };
    return what + ": " + outcome.status() + " " + outcome.text();
  }

  private static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private void retry(Address from, ObjectNode in) {
    var queue = configuration.queue();
    var lifetime = queue.lifetimeFor(from);
    boolean told = !NoticeRules.nobodyToTell(from);
    boolean warned =
        told && !queue.warnAfter().isZero() && queue.warnAfter().compareTo(lifetime) < 0;
    in.set("after", Json.texts(queue.retry().stream().map(Units::show).toList()));
    in.put("lifetime", Units.show(lifetime));
    in.put("warnAfter", warned ? Units.show(queue.warnAfter()) : "never");
    in.put("told", told);
  }

  /// The same for people.
  public static String text(ObjectNode answer) {
    var out = new StringBuilder();
    boolean accepted = answer.path("accepted").asBoolean();
    line(out, accepted ? "accepted" : "refused", answer.path("reply").asText());
    line(out, "because", answer.path("because").asText());
    if (!accepted) {
      return out.toString();
    }
    var limits = answer.path("limits");
    line(
        out,
        "limits",
        Units.show(limits.path("messageSize").asLong())
            + ", "
            + limits.path("recipients").asInt()
            + " recipients, "
            + limits.path("hops").asInt()
            + " hops");
    line(out, "route", answer.path("route").asText());
    for (var connector : answer.path("connectors")) {
      line(
          out,
          "via",
          connector.path("name").asText()
              + " ("
              + connector.path("origin").asText()
              + "): "
              + connector.path("type").asText()
              + ", tls = "
              + connector.path("tls").asText()
              + (connector.has("user") ? ", logs in as " + connector.path("user").asText() : ""));
      connector.path("facts").forEach(fact -> line(out, "", fact.asText()));
      connector.path("hosts").forEach(host -> line(out, "", "-> " + host.asText()));
      if (connector.has("nowhere")) {
        line(out, "", connector.path("nowhere").asText());
      }
    }
    if (answer.has("retry")) {
      line(out, "retry", retry(answer.path("retry")));
    }
    return out.toString();
  }

  private static String retry(JsonNode retry) {
    List<String> waits = new ArrayList<>();
    retry.path("after").forEach(wait -> waits.add(wait.asText()));
    String warnAfter = retry.path("warnAfter").asText();
    String warning =
        warnAfter.equals("never")
            ? "the sender is told of no delay"
            : "the sender is told of a delay after " + warnAfter;
    return "after "
        + String.join(", ", waits)
        + ", for "
        + retry.path("lifetime").asText()
        + "; "
        + (retry.path("told").asBoolean()
            ? warning
            : "nobody is told of a delay: the sender is null");
  }

  private static void line(StringBuilder out, String about, String text) {
    out.append(about).repeat(" ", Math.max(1, 10 - about.length())).append(text).append('\n');
  }
}
