package dev.poststation.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.poststation.config.Units;
import dev.poststation.smtp.PeerText;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// An [Explanation] as people read it: a line for each decision. Pure functions.
public final class ExplanationText {
  /// `Thu 2026-12-24 23:30 +01:00`.
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("EEE uuuu-MM-dd HH:mm xxx", Locale.ENGLISH);

  /// More entries that nobody looked at are only counted.
  private static final int NOT_ASKED_NAMED = 5;

  private ExplanationText() {}

  /// Spells the answer of [Explanation#explain].
  public static String of(ObjectNode answer) {
    var out = new StringBuilder();
    boolean accepted = answer.path("accepted").asBoolean();
    line(out, accepted ? "accepted" : "refused", answer.path("reply").asText());
    String because = answer.path("because").asText();
    line(out, "because", because);
    if (answer.has("at")) {
      line(out, "at", time(answer.path("at").asText()));
    }
    for (var sentence : answer.path("turnedAway")) {
      boolean said = sentence.asText().equals(because);
      line(
          out,
          "greeting",
          said ? "there is none: this reply comes in its place" : "none by " + sentence.asText());
    }
    for (String about : List.of("provided", "user", "blocked")) {
      boolean said = !answer.has(about) || answer.path(about).asText().equals(because);
      if (!said) {
        line(out, about, answer.path(about).asText());
      }
    }
    if (answer.has("certificate")) {
      line(out, "", "the certificate " + answer.path("certificate").asText());
    }
    entries(out, answer);
    if (!accepted) {
      used(out, answer.path("used"));
      services(out, answer);
      return out.toString();
    }
    if (answer.has("listeners")) {
      line(out, "listener", joined(answer.path("listeners")));
    }
    answer.path("notAt").forEach(why -> line(out, "not at", why.asText()));
    if (answer.has("discarded")) {
      line(out, "discarded", answer.path("discarded").asText());
    }
    if (answer.has("held")) {
      line(out, "held", answer.path("held").asText());
    }
    if (answer.has("quarantined")) {
      line(out, "quarantine", answer.path("quarantined").asText());
    }
    answer.path("replaced").forEach(reason -> line(out, "replaced", reason.asText()));
    answer.path("rewritten").forEach(reason -> line(out, "rewritten", reason.asText()));
    if (answer.has("zone")) {
      line(out, "zone", answer.path("zone").asText() + " (" + answer.path("zoneBy").asText() + ")");
    }
    if (answer.has("exchange")) {
      line(out, "exchange", answer.path("exchange").asText());
    }
    line(out, "limits", limits(answer.path("limits")));
    used(out, answer.path("used"));
    if (answer.has("profile")) {
      boolean steppedUp = answer.path("steppedUp").asBoolean();
      String has = steppedUp ? "; this device has to authenticate now: it was not itself" : "";
      line(out, "profile", answer.path("profile").asText() + has);
    }
    if (answer.has("tolerates")) {
      line(out, "tolerates", joined(answer.path("tolerates")));
    }
    content(out, answer);
    if (answer.has("route")) {
      line(out, "route", answer.path("route").asText());
    }
    answer.path("unless").forEach(open -> line(out, "but", open.asText()));
    for (var connector : answer.path("connectors")) {
      line(
          out,
          "via",
          connector.path("name").asText()
              + " ("
              + connector.path("origin").asText()
              + "): "
              + connector.path("type").asText()
              + (connector.has("tls") ? ", tls = " + connector.path("tls").asText() : "")
              + login(connector));
      if (connector.has("share")) {
        String share = connector.path("share").asText() + " mails try it first";
        line(out, "", "of priority " + connector.path("priority").asText() + ", " + share);
      }
      for (String key : List.of("sender", "author", "alignment")) {
        if (connector.has(key)) {
          line(
              out, "", (key.equals("author") ? "From" : key) + ": " + connector.path(key).asText());
        }
      }
      if (connector.has("sources")) {
        line(out, "", "from " + joined(connector.path("sources")) + byRoute(connector));
      }
      if (connector.has("proxy")) {
        line(out, "", "through proxy " + connector.path("proxy").asText());
      }
      if (connector.has("line")) {
        line(out, "", connector.path("line").asText());
      }
      if (connector.has("opens")) {
        line(out, "", "such mail waits until " + time(connector.path("opens").asText()));
      }
      connector.path("now").forEach(why -> line(out, "", "now: " + why.asText()));
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

  /// All entries that were looked at, each with all its conditions.
  private static void entries(StringBuilder out, ObjectNode answer) {
    for (var entry : answer.path("considered")) {
      boolean matches = entry.path("matches").asBoolean();
      List<String> whys = new ArrayList<>();
      for (var condition : entry.path("conditions")) {
        String holds = condition.path("holds").asBoolean() ? " holds: " : " fails: ";
        whys.add(condition.path("key").asText() + holds + condition.path("why").asText());
      }
      String owner = entry.has("owner") ? "; owner " + entry.path("owner").asText() : "";
      line(out, matches ? "matches" : "not", named(entry) + ": " + String.join("; ", whys) + owner);
    }
    var behind = answer.path("notAsked");
    if (!behind.isEmpty()) {
      List<String> names = new ArrayList<>();
      for (int i = 0; i < Math.min(behind.size(), NOT_ASKED_NAMED); i++) {
        names.add(named(behind.path(i)));
      }
      int more = behind.size() - names.size();
      String others = more == 0 ? "" : " and " + more + " more";
      line(out, "not asked", String.join(", ", names) + others + ": the one before decides");
    }
  }

  private static String named(JsonNode entry) {
    return entry.path("rule").asText() + " (" + entry.path("origin").asText() + ")";
  }

  private static String byRoute(JsonNode connector) {
    return connector.path("sourcesOf").asText().equals("route") ? ", as the route says" : "";
  }

  private static String login(JsonNode connector) {
    return connector.has("user")
        ? ", logs in as "
            + connector.path("user").asText()
            + " ("
            + connector.path("account").asText()
            + ") by "
            + connector.path("mechanism").asText()
        : "";
  }

  private static void content(StringBuilder out, ObjectNode answer) {
    if (answer.path("unseen").asBoolean()) {
      line(out, "content", "its services look at the mail itself: give it with --message FILE");
    }
    services(out, answer);
    var mails = answer.path("mails");
    for (var mail : mails) {
      if (mails.size() > 1) {
        List<String> to = new ArrayList<>();
        mail.path("to").forEach(address -> to.add(address.asText()));
        line(out, "mail", "to " + String.join(", ", to));
      }
      services(out, mail);
      if (mail.has("discarded")) {
        line(out, "discarded", mail.path("discarded").asText());
        continue;
      }
      changes(out, "header", mail.path("header"));
      changes(out, "body", mail.path("body"));
    }
  }

  /// Each that was asked.
  private static void services(StringBuilder out, JsonNode mail) {
    for (var note : mail.path("services")) {
      line(
          out,
          "content",
          note.path("service").asText()
              + " ("
              + note.path("origin").asText()
              + "): "
              + note.path("result").asText()
              + " in "
              + String.format(Locale.ROOT, "%.3f", note.path("seconds").asDouble())
              + " s: "
              + PeerText.of(note.path("text").asText()));
    }
  }

  private static void changes(StringBuilder out, String what, JsonNode lines) {
    String about = what;
    for (var text : lines) {
      for (String each : text.asText().lines().toList()) {
        line(out, about, PeerText.of(each));
        about = "";
      }
    }
    if (lines.isEmpty()) {
      line(out, what, "as it was");
    }
  }

  private static String limits(JsonNode limits) {
    var text = new StringBuilder(Units.show(limits.path("messageSize").asLong()));
    text.append(", ").append(limits.path("recipients").asInt()).append(" recipients, ");
    text.append(limits.path("hops").asInt()).append(" hops");
    if (limits.has("maxPriority")) {
      text.append(", priority ").append(limits.path("maxPriority").asInt()).append(" at most");
    }
    if (limits.has("minDeliverBy")) {
      text.append(", BY of ").append(limits.path("minDeliverBy").asText()).append(" at least");
    }
    if (limits.has("futureRelease")) {
      text.append(", held for ").append(limits.path("futureRelease").asText()).append(" at most");
    }
    if (limits.has("connections")) {
      text.append(", ").append(limits.path("connections").asInt()).append(" connections");
    }
    rates(text, limits.path("rate"), " mails");
    rates(text, limits.path("recipientsRate"), " recipients");
    rates(text, limits.path("senderRate"), " mails of each sender");
    rates(text, limits.path("senderRecipientsRate"), " recipients of each sender");
    return text.toString();
  }

  private static void rates(StringBuilder text, JsonNode rates, String things) {
    List<String> words = new ArrayList<>();
    rates.forEach(rate -> words.add(rate.asText()));
    if (!words.isEmpty()) {
      text.append(", ").append(String.join(" and ", words)).append(things);
    }
  }

  private static void used(StringBuilder out, JsonNode used) {
    Map<String, List<String>> all = new LinkedHashMap<>();
    for (var each : used) {
      all.computeIfAbsent(each.path("limit").asText(), _ -> new ArrayList<>())
          .add(each.path("used").asText() + " of " + each.path("rate").asText());
    }
    if (!all.isEmpty()) {
      List<String> parts = new ArrayList<>();
      all.forEach((limit, each) -> parts.add(String.join(" and ", each) + things(limit)));
      line(out, "used", String.join(", ", parts));
    }
  }

  private static String things(String limit) {
    return (limit.endsWith("recipients-rate") ? " recipients" : " mails")
        + (limit.startsWith("sender-") ? " of this sender" : "");
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

  private static String time(String moment) {
    return TIME.format(OffsetDateTime.parse(moment));
  }

  private static String joined(JsonNode texts) {
    List<String> all = new ArrayList<>();
    texts.forEach(text -> all.add(text.asText()));
    return String.join(", ", all);
  }

  private static void line(StringBuilder out, String about, String text) {
    out.append(about).repeat(" ", Math.max(1, 10 - about.length())).append(text).append('\n');
  }
}
