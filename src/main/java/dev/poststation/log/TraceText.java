package dev.poststation.log;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Tells the story of one mail from its trace entries. Confined to one thread.
final class TraceText {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int NAME_WIDTH = 12;

  private static final String UNTRIED = "waiting for the first attempt";
  private static final String HELD = "held; it is not tried until poststation queue release";

  private static final String QUARANTINED =
      "in quarantine; it is not tried until poststation quarantine release";

  private final StringBuilder story = new StringBuilder();
  private final Map<String, String> standing = new LinkedHashMap<>();
  private final Map<String, Integer> attempts = new HashMap<>();
  private final List<String> lastDialogue = new ArrayList<>();
  private final Set<String> waiting = new HashSet<>();
  private boolean deleted;
  private boolean discarded;
  private String head = "";
  private String end = "It is still in the queue.";

  void add(byte[] entry) {
    JsonNode node;
    try {
      node = JSON.readTree(entry);
    } catch (IOException _) {
      story.append("\n(an entry that cannot be read)\n");
      return;
    }
    switch (text(node, "event")) {
      case "queued" -> queued(node);
      case "attempt" -> attempt(node);
      case "notice" -> notice(node);
      case "admin" -> admin(node);
      case "quarantine" -> quarantine(node);
      case "content" -> {
        title(node, "Content, " + text(node, "service") + ": " + text(node, "result"));
        fact("because", text(node, "text"));
        fact("took", node.path("delay").asText() + " s");
      }
      case "removed" -> {
        title(node, "Removed: nothing is left to do");
        if (deleted) { // One by one, too: who waits to the end was deleted.
          String how = discarded ? "discarded on arrival" : "deleted by an administrator";
          waiting.forEach(to -> standing.put(to, how));
        }
        end = "It is done and was removed from the queue " + time(node, "time") + ".";
      }
      default -> title(node, text(node, "event"));
    }
  }

  String finish() {
    var out = new StringBuilder();
    if (story.isEmpty()) {
      return "Nothing is known of this mail.\n";
    }
    out.append(head.isEmpty() ? "How it came in is not known any more.\n" : head);
    standing.forEach(
        (to, state) -> out.append("  ").append(to).append("  ").append(state).append('\n'));
    out.append(end).append(" Times are UTC.\n").append(story);
    return out.toString();
  }

  private void queued(JsonNode e) {
    boolean own = text(e, "session").equals("-");
    head =
        "Mail "
            + text(e, "id")
            + " from "
            + address(e, "from")
            + ", "
            + e.path("size").asLong()
            + " octets, Message-ID "
            + (text(e, "message-id").isEmpty() ? "none" : text(e, "message-id"))
            + "\n";
    for (var to : e.path("to")) {
      standing.put("<" + shown(to) + ">", UNTRIED);
      waiting.add("<" + shown(to) + ">");
    }
    title(e, own ? "Made by the relay itself" : "Accepted");
    if (!own) {
      fact("from", text(e, "address") + " (says it is " + text(e, "helo") + ")");
      String zone = e.has("zone") ? " in zone " + text(e, "zone") : "";
      fact("client", text(e, "client") + zone + ", session " + text(e, "session"));
      fact(
          "by",
          text(e, "protocol") + (e.has("tls") ? " with " + text(e, "tls") : ", not encrypted"));
    }
    list("recipients", e.path("to"), "<", ">");
    list("because", e.path("decisions"), "", "");
  }

  private void attempt(JsonNode e) {
    var to = address(e, "to");
    var status = text(e, "status");
    var reply = text(e, "reply");
    var number = e.path("attempt").asInt();
    var next = time(e, "next");
    var state =
        switch (status) {
          case "sent" -> "delivered " + time(e, "time") + " to " + text(e, "relay") + ": " + reply;
          case "deferred" ->
              (number == 0 ? "not tried yet" : "deferred after " + attempts(number))
                  + ", next "
                  + (next.isEmpty() ? "not planned" : next)
                  + ": "
                  + reply;
          case "passed-on" -> "passed on to the next connector: " + reply;
          case "expired" ->
              "given up after " + attempts(number) + " " + time(e, "time") + ": " + reply;
          default -> status + " " + time(e, "time") + ": " + reply;
        };
    standing.put(to, state);
    switch (status) {
      case "deferred", "passed-on", "held" -> waiting.add(to);
      default -> waiting.remove(to);
    }
    boolean counted = !Integer.valueOf(number).equals(attempts.put(to, number)) && number > 0;
    boolean met = !text(e, "relay").equals("none");
    String what =
        switch (status) {
          case "sent" -> "delivered";
          case "passed-on" -> "passed on to the next connector";
          default -> status;
        };
    title(e, attempt(counted, met, status, number) + " for " + to + ": " + what);
    fact("reply", reply);
    if (met) {
      fact("relay", text(e, "relay") + (e.has("tls") ? " with " + text(e, "tls") : ""));
      fact("sender", e.has("sender") ? address(e, "sender") + ", replaced for it" : "");
      fact("login", e.has("user") ? text(e, "user") + " by " + text(e, "mechanism") : "");
    }
    if (e.has("remote-id")) {
      fact("their id", text(e, "remote-id"));
    }
    var destination = text(e, "destination");
    fact("route", text(e, "route") + (destination.isEmpty() ? "" : ", destination " + destination));
    fact("status", text(e, "dsn"));
    fact("took", delays(e));
    if (!next.isEmpty()) {
      fact("next try", next);
    }
    dialogue(e.path("dialogue"));
  }

  /// An entry that leaves the number as it was tells why there was no attempt; but one that was
  /// passed on is not counted, for the mail is tried on at once.
  private static String attempt(boolean counted, boolean met, String status, int number) {
    if (status.equals("passed-on")) {
      return met ? "Attempt" : "No attempt";
    }
    return counted ? "Attempt " + number : "No attempt";
  }

  private static String attempts(int number) {
    return number == 1 ? "1 attempt" : number + " attempts";
  }

  private static String delays(JsonNode e) {
    var delays = e.path("delays");
    return e.path("delay").asText()
        + " s since arrival (before "
        + delays.path("intake").asText()
        + ", waiting "
        + delays.path("queue").asText()
        + ", connecting "
        + delays.path("connection").asText()
        + ", sending "
        + delays.path("transfer").asText()
        + ")";
  }

  /// Several recipients of one transaction have the same dialogue: it is told once.
  private void dialogue(JsonNode lines) {
    if (lines.isEmpty()) {
      return;
    }
    var said = new ArrayList<String>();
    lines.forEach(line -> said.add(shown(line)));
    if (said.equals(lastDialogue)) {
      fact("dialogue", "the same as above");
      return;
    }
    lastDialogue.clear();
    lastDialogue.addAll(said);
    list("dialogue", lines, "", "");
  }

  private void notice(JsonNode e) {
    var kind = text(e, "kind");
    if (kind.equals("mirror")) {
      title(e, "Lost: a copy for " + address(e, "to"));
    } else if (e.has("notice")) {
      title(e, "Notice to " + address(e, "to") + ": " + kind);
      fact("as mail", text(e, "notice"));
    } else {
      title(e, "No notice (" + kind + ") to " + address(e, "to"));
    }
    fact(e.has("notice") ? "about" : "because", text(e, "text"));
  }

  private void admin(JsonNode e) {
    discarded |= text(e, "action").equals("discard");
    deleted |= discarded || text(e, "action").equals("delete");
    String because = text(e, "text");
    // Entries of earlier builds have no `by`.
    boolean byHand = !e.has("by") && !OnArrival.isHeld(because);
    if (text(e, "action").equals("hold")) {
      standing.replaceAll((to, was) -> was.equals(UNTRIED) ? HELD : was);
    } else if (text(e, "action").equals("release")) {
      standing.replaceAll((to, was) -> was.equals(HELD) ? UNTRIED : was);
    }
    String onArrival = discarded ? "Discarded on arrival" : "Held on arrival";
    title(e, discarded || !byHand ? onArrival : "An administrator: " + text(e, "action"));
    fact("because", because);
  }

  private void quarantine(JsonNode e) {
    String action = text(e, "action");
    Set<String> meant = new HashSet<>();
    var to = e.path("to");
    if (to.isArray()) {
      to.forEach(each -> meant.add("<" + shown(each) + ">"));
    } else if (to.isTextual()) {
      meant.add("<" + shown(to) + ">");
    }
    String became =
        switch (action) {
          case "keep" -> QUARANTINED;
          case "release" -> e.has("copy") ? "released as mail " + text(e, "copy") : UNTRIED;
          case "delete" -> "deleted from quarantine";
          case "expire" -> "ended with the quarantine";
          default -> "";
        };
    if (!became.isEmpty()) {
      standing.replaceAll(
          (one, was) ->
              (was.equals(QUARANTINED) || action.equals("keep"))
                      && (meant.isEmpty() || meant.contains(one))
                  ? became
                  : was);
    }
    title(e, "Quarantine: " + action + ", by " + text(e, "by"));
    list("recipients", to.isTextual() ? JSON.createArrayNode().add(to) : to, "<", ">");
    fact("as mail", text(e, "copy"));
    fact("because", text(e, "text"));
  }

  private void title(JsonNode e, String title) {
    story.append('\n').append(time(e, "time")).append("  ").append(title).append('\n');
  }

  private void fact(String name, String value) {
    if (!value.isEmpty()) {
      name(name);
      story.append(value).append('\n');
    }
  }

  private void list(String name, JsonNode values, String before, String after) {
    var label = name;
    for (var value : values) {
      name(label);
      story.append(before).append(shown(value)).append(after).append('\n');
      label = "";
    }
  }

  private void name(String name) {
    story.append("    ").append(name).repeat(' ', NAME_WIDTH - name.length());
  }

  private static String address(JsonNode e, String key) {
    return "<" + text(e, key) + ">";
  }

  /// `2026-11-24 04:10:21.123`, or empty.
  private static String time(JsonNode e, String key) {
    return text(e, key).replace('T', ' ').replace("Z", "");
  }

  private static String text(JsonNode e, String key) {
    return shown(e.path(key));
  }

  /// The entry holds what peers sent, JSON-escaped: here it must not come to life on a terminal.
  private static String shown(JsonNode value) {
    var out = new StringBuilder();
    Escape.masked(out, value.asText(), Escape.TRACE_MAX, false);
    return out.toString();
  }
}
