package dev.poststation.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.poststation.admin.ClientReport;
import dev.poststation.config.Units;
import dev.poststation.os.Os;
import dev.poststation.policy.ClientUse;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `client list`.
@Command(
    name = "list",
    description =
        "List the entries of `clients`, with when each last let a mail in, and one without TLS."
            + " Without a relay that runs, those of the file, with what the last one noted.")
final class ClientListCommand implements Callable<Integer> {
  @Mixin private final Common common;

  @Option(
      names = "--unused",
      paramLabel = "SPAN",
      description =
          "Only those that have let no mail in for so long, say 90d. Of one that was never used,"
              + " it is said since when the relay knows that.")
  private @Nullable String unused;

  @Option(
      names = "--in-clear",
      description = "Only those that have handed in a mail without TLS, with when they last did.")
  private boolean inClear;

  ClientListCommand(Os os) {
    common = new Common(os);
  }

  @Override
  public Integer call() {
    var now = common.os().time().now();
    var answer = answer(now);
    Instant noted = noted(answer);
    String tooEarly = null;
    if (unused != null) {
      var start = now.minus(span(unused));
      tooEarly = tooEarly(answer, noted, start, unused);
      leave(answer, each -> isUnused(each, start));
    }
    if (inClear) {
      leave(answer, each -> time(each, "lastInClear") != null);
    }
    if (common.json()) {
      common.print(answer);
    } else if (answer.path("clients").isEmpty()) {
      common.out().println(none(noted));
    } else {
      table(answer, now).print(common.out());
      if (tooEarly != null) {
        common.out().println(tooEarly);
      }
    }
    return Exit.OK;
  }

  /// @param noted since when uses are; null: they are not
  private String none(@Nullable Instant noted) {
    if (inClear) {
      return noted == null
          ? "No relay has noted yet who hands in mail without TLS."
          : "There is no client"
              + (unused == null ? "" : " without use since then")
              + " that has handed in a mail without TLS; the relay notes that since "
              + noted
              + ".";
    }
    return unused == null ? "There are no clients." : "All clients were of use since then.";
  }

  private static Duration span(String text) {
    return Units.parse(text)
        .orElseThrow(
            () ->
                new Failure(
                    Exit.WRONG,
                    "--unused: \"" + Words.shown(text) + "\" is no time span: write, say, 90d."));
  }

  private ObjectNode answer(Instant now) {
    var loaded = common.load();
    try {
      return common.api(loaded).get("clients", Map.of());
    } catch (Failure e) {
      if (e.exit() != Exit.UNREACHABLE) {
        throw e;
      }
    }
    var configuration = common.configuration();
    var uses = ClientUse.read(common.os().disk(), configuration.data());
    return ClientReport.of(configuration.clients(), uses, now);
  }

  /// Since when uses are noted, of the entry that is there for longest; null: they are not.
  private static @Nullable Instant noted(ObjectNode answer) {
    Instant first = null;
    for (var each : answer.path("clients")) {
      var since = time(each, "since");
      first = first == null || (since != null && since.isBefore(first)) ? since : first;
    }
    return first;
  }

  /// Says since when uses are noted, when that is too short to know.
  private static @Nullable String tooEarly(
      ObjectNode answer, @Nullable Instant noted, Instant start, String span) {
    boolean young = false;
    for (var each : answer.path("clients")) {
      var since = time(each, "since");
      young |= time(each, "lastUsed") == null && (since == null || since.isAfter(start));
    }
    if (!young) {
      return null;
    }
    return (noted == null
            ? "No relay has noted uses of these yet"
            : "The relay notes uses since " + noted)
        + ": what is \"never\" there may be so because an entry is younger than "
        + Words.shown(span)
        + ".";
  }

  private static boolean isUnused(JsonNode client, Instant start) {
    var last = time(client, "lastUsed");
    return last == null || !last.isAfter(start);
  }

  private static void leave(ObjectNode answer, Predicate<JsonNode> these) {
    var array = (ArrayNode) answer.path("clients");
    for (int i = array.size() - 1; i >= 0; i--) {
      if (!these.test(array.get(i))) {
        array.remove(i);
      }
    }
  }

  static @Nullable Instant time(JsonNode in, String name) {
    var text = in.path(name);
    return text.isTextual() ? Instant.parse(text.asText()) : null;
  }

  private static Table table(ObjectNode answer, Instant now) {
    var table =
        new Table(
            "NAME", "LINE", "ZONE", "OWNER", "COMMENT", "EXPIRES", "LAST USED", "LAST IN CLEAR");
    for (var each : answer.path("clients")) {
      var clear = time(each, "lastInClear");
      table.row(
          each.path("name").asText(),
          each.path("origin").asText(),
          given(each.path("zone").asText()),
          given(each.path("owner").asText()),
          given(each.path("comment").asText()),
          expiry(each),
          use(each, now),
          clear == null ? "-" : Words.span(clear, now) + " ago");
    }
    return table;
  }

  private static String given(String text) {
    return text.isEmpty() ? "-" : text;
  }

  private static String expiry(JsonNode client) {
    String expires = client.path("expires").isNull() ? "never" : client.path("expires").asText();
    return client.path("expired").asBoolean() ? expires + " (expired)" : expires;
  }

  private static String use(JsonNode client, Instant now) {
    var last = time(client, "lastUsed");
    if (last != null) {
      return Words.span(last, now) + " ago";
    }
    var since = time(client, "since");
    return since == null ? "never" : "never in " + Words.span(since, now);
  }
}
