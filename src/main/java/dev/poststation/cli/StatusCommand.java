package dev.poststation.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.poststation.os.Os;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `status`.
@Command(
    name = "status",
    description = {
      "Say how the running relay is: where it listens, its spool, its destinations.",
      "With --open-relay-test, ends with 0 when nothing was accepted, else with 1."
    })
final class StatusCommand implements Callable<Integer> {
  /// More mails in a row are not counted.
  private static final int MANY = 20;

  @Mixin private final Common common;

  @Option(
      names = "--open-relay-test",
      description =
          "Try instead to make it relay for strangers, in the ways that spammers know. No mail is"
              + " sent.")
  private boolean openRelayTest;

  @Option(
      names = "--verbose",
      description = "With --open-relay-test, each attempt, also those that were refused.")
  private boolean verbose;

  StatusCommand(Os os) {
    common = new Common(os);
  }

  @Override
  public Integer call() {
    if (openRelayTest) {
      return tryToAbuse();
    }
    var status = common.api().get("status", Map.of());
    if (common.json()) {
      common.print(status);
    } else {
      show(status);
    }
    return Exit.OK;
  }

  private int tryToAbuse() {
    var report = new OpenRelayCheck(common.os(), common.api(), common.load()).run();
    if (common.json()) {
      common.print(report);
    } else {
      OpenRelayReport.show(report, common.out(), verbose);
    }
    return report.path("open").asBoolean() ? Exit.NO : Exit.OK;
  }

  private void show(ObjectNode status) {
    var out = common.out();
    String problem = status.path("problem").asText();
    if (!problem.isEmpty()) {
      out.println(problem);
    }
    for (var concern : status.path("concerns")) {
      out.println("Warning: " + Words.shown(concern.asText()));
    }
    var started = Instant.parse(status.path("started").asText());
    out.println(
        status.path("hostname").asText()
            + ": Poststation "
            + status.path("version").asText()
            + ", process "
            + status.path("process").asLong()
            + ", up "
            + Words.span(started, started.plusSeconds(status.path("uptimeSeconds").asLong())));
    for (var listener : status.path("listeners")) {
      out.println(
          "listens on "
              + listener.path("address").asText()
              + ":"
              + listener.path("port").asInt()
              + " ("
              + listener.path("name").asText()
              + (listener.path("zone").asText().isEmpty()
                  ? ""
                  : ", zone " + listener.path("zone").asText())
              + ")");
    }
    var now = started.plusSeconds(status.path("uptimeSeconds").asLong());
    for (var certificate : status.path("certificates")) {
      out.println(certificate(certificate, now));
    }
    var spool = status.path("spool");
    out.println(
        Words.count(status.path("sessions").asLong(), "session")
            + " of clients; "
            + Words.count(spool.path("mails").asLong(), "mail")
            + " in the queue, "
            + status.path("active").asLong()
            + " of them active; "
            + spool.path("accepted").asLong()
            + " accepted from clients since the start");
    out.println(
        "spool "
            + status.path("data").asText()
            + ": "
            + Words.size(spool.path("bytesOnDisk").asLong())
            + " on disk"
            + setAside(spool.path("setAside").asLong()));
    users(status.path("users"), now);
    var expired = status.path("expiredClients");
    if (!expired.isEmpty()) {
      out.println(
          (expired.size() == 1 ? "1 entry" : expired.size() + " entries")
              + " of clients expired, and can be removed: "
              + Words.shown(Words.list(expired)));
    }
    long devices = status.path("devices").path("known").asLong();
    if (devices > 0) {
      out.println(
          Words.count(devices, "device")
              + " with a profile, "
              + status.path("devices").path("deviating").asLong()
              + " of them not as always");
    }
    suppression(status.path("suppression"));
    quarantine(status.path("quarantine"), now);
    digest(status.path("quarantine"), now);
    for (var archive : status.path("archives")) {
      out.println(archive(archive, now));
    }
    for (var bucket : status.path("buckets")) {
      var lastAt = bucket.path("lastAt");
      out.println(
          "archive "
              + bucket.path("bucket").asText()
              + (lastAt.isTextual()
                  ? ": the last mail came "
                      + Words.span(Instant.parse(lastAt.asText()), now)
                      + " ago"
                  : ": no mail came since the start"));
    }
    for (var account : status.path("oauth")) {
      out.println(token(account, now));
    }
    for (var each : status.path("tolerated")) {
      out.println(
          "tolerated of clients "
              + each.path("client").asText()
              + ": "
              + each.path("what").asText()
              + ", "
              + Words.count(each.path("times").asLong(), "time")
              + " since the start, the last "
              + Words.span(Instant.parse(each.path("last").asText()), now)
              + " ago");
    }
    if (!status.path("destinations").isEmpty()) {
      out.println();
      destinations(status);
    }
  }

  private void suppression(JsonNode list) {
    long count = list.path("count").asLong();
    if (count > 0) {
      common
          .out()
          .println(
              Words.count(count, "recipient")
                  + " on the suppression list"
                  + (count < list.path("most").asLong()
                      ? ""
                      : ", which is full: see suppression.entries"));
    }
  }

  private void quarantine(JsonNode kept, Instant now) {
    long mails = kept.path("mails").asLong();
    if (mails > 0 && kept.path("soonest").isTextual()) {
      common
          .out()
          .println(
              Words.count(mails, "mail")
                  + " in quarantine; the next one goes in "
                  + Words.span(now, Instant.parse(kept.path("soonest").asText())));
    }
  }

  private void digest(JsonNode kept, Instant now) {
    if (kept.path("digest").isTextual()) {
      common
          .out()
          .println(
              "The next digest of the quarantine is sent in "
                  + Words.span(now, Instant.parse(kept.path("digest").asText())));
    }
  }

  private void users(JsonNode users, Instant now) {
    var out = common.out();
    String problem = users.path("problem").asText();
    if (!problem.isEmpty()) {
      out.println("users: " + problem);
    }
    long count = users.path("count").asLong();
    if (count > 0) {
      long disabled = users.path("disabled").asLong();
      out.println(
          Words.count(count, "user")
              + (disabled == 0 ? "" : ", " + disabled + " of them disabled"));
    }
    long blocks = users.path("blocks").asLong();
    if (blocks > 0) {
      out.println(
          Words.count(blocks, "block") + " after failed logins: see poststation user blocks");
    }
    var old = users.path("oldPasswords");
    if (!old.isEmpty()) {
      long more = users.path("moreOldPasswords").asLong();
      String names =
          StreamSupport.stream(old.spliterator(), false)
              .map(each -> each.path("user").asText() + " (" + each.path("label").asText() + ")")
              .collect(Collectors.joining(", "));
      out.println(
          "passwords older than users.password-age-warning: "
              + Words.shown(names)
              + (more == 0 ? "" : " and " + more + " more"));
    }
    ending(users, now);
    oldKeys(users);
  }

  private void ending(JsonNode users, Instant now) {
    long more = users.path("moreEndingPasswords").asLong();
    for (var each : users.path("endingPasswords")) {
      var end = Instant.parse(each.path("expires").asText());
      String when =
          now.isBefore(end)
              ? " expires in " + Words.span(now, end)
              : " expired " + Words.span(end, now) + " ago";
      String whose = each.path("user").asText() + " (" + each.path("label").asText() + ")";
      common.out().println("the password of " + Words.shown(whose) + when);
    }
    if (more > 0) {
      common.out().println(Words.count(more, "more password") + " expired or will soon");
    }
  }

  private void oldKeys(JsonNode users) {
    var names = users.path("oldKeys");
    if (!names.isEmpty()) {
      long more = users.path("moreOldKeys").asLong();
      String all =
          StreamSupport.stream(names.spliterator(), false)
              .map(JsonNode::asText)
              .collect(Collectors.joining(", "));
      common
          .out()
          .println(
              "keys of users with a salt or iterations of before: "
                  + Words.shown(all)
                  + (more == 0 ? "" : " and " + more + " more")
                  + ": see poststation user list; if users.secret in data is another one than it"
                  + " was, put it back");
    }
  }

  private static String archive(JsonNode archive, Instant now) {
    var lastAt = archive.path("lastAt");
    long held = archive.path("held").asLong();
    long usable = archive.path("usableOctets").asLong();
    return "archive "
        + archive.path("directory").asText()
        + ": the last entry is "
        + archive.path("last").asLong()
        + (lastAt.isNull() || lastAt.isMissingNode()
            ? ", none came since the start"
            : ", " + Words.span(Instant.parse(lastAt.asText()), now) + " ago")
        + (held == 0 ? "" : ", " + held + " held beyond their time")
        + (usable < 0 ? "" : ", " + Words.size(usable) + " free");
  }

  private static String token(JsonNode account, Instant now) {
    String what =
        "token of connector "
            + account.path("connector").asText()
            + " as "
            + Words.shown(account.path("user").asText())
            + ": ";
    return what
        + switch (account.path("state").asText()) {
          case "paused" ->
              "none since "
                  + Words.span(Instant.parse(account.path("since").asText()), now)
                  + ", its mail waits";
          case "new" -> "none yet";
          default ->
              "expires "
                  + OauthListCommand.expires(account, now)
                  + ", given "
                  + OauthListCommand.ago(account, "lastSuccess", now);
        };
  }

  static String certificate(JsonNode certificate, Instant now) {
    var expires = Instant.parse(certificate.path("expires").asText());
    return "certificate of "
        + Words.shown(Words.list(certificate.path("names")))
        + " ("
        + certificate.path("file").asText()
        + "): "
        + (expires.isAfter(now)
            ? "expires in " + Words.span(now, expires)
            : "expired " + Words.span(expires, now) + " ago")
        + (certificate.path("problem").asText().isEmpty()
            ? ""
            : "; read before, its files cannot be used now");
  }

  private static String setAside(long mails) {
    return mails == 0 ? "" : "; " + Words.count(mails, "mail") + " set aside as damaged";
  }

  private void destinations(ObjectNode status) {
    var now = common.os().time().now();
    var table = new Table("DESTINATION", "READY", "CONNECTIONS", "STATE");
    for (var destination : status.path("destinations")) {
      table.row(
          destination.path("name").asText(),
          destination.path("ready").asText(),
          connections(destination),
          state(destination, now));
    }
    table.print(common.out());
    for (var destination : status.path("destinations")) {
      for (var host : destination.path("hosts")) {
        if (host.path("last").asBoolean()) {
          common.out().println(last(destination, host, now));
        }
      }
    }
  }

  /// A host that comes last.
  private static String last(JsonNode destination, JsonNode host, Instant now) {
    var probe = host.path("probe");
    return "host "
        + host.path("host").asText()
        + " of "
        + destination.path("name").asText()
        + " comes last: it failed "
        + Words.count(host.path("failures").asLong(), "time")
        + " in a row, "
        + (probe.isTextual()
            ? "is probed in " + Words.span(now, Instant.parse(probe.asText()))
            : "is probed with the next mail")
        + ": "
        + Words.shown(host.path("reason").asText());
  }

  private static String connections(JsonNode destination) {
    int window = destination.path("window").asInt();
    String open = destination.path("connections").asText();
    return window == 0 ? open : open + " of " + window + " now";
  }

  static String state(JsonNode destination, Instant now) {
    var until = destination.path("setAsideUntil");
    if (until.isTextual()) {
      return again(now, Instant.parse(until.asText())) + ": " + destination.path("reason").asText();
    }
    String failure = destination.path("reason").asText();
    if (!failure.isEmpty()) {
      return "to be tried again: " + failure;
    }
    long deferred = destination.path("deferredInARow").asLong();
    if (deferred > 0) {
      return "deferred " + inARow(deferred) + destination.path("lastDeferral").asText();
    }
    String waits = destination.path("mailWaits").asText();
    if (!waits.isEmpty()) {
      return "some mail waits, the last: " + waits;
    }
    String limit = destination.path("limitedBy").asText();
    String busy = destination.path("busy").asText();
    if (limit.isEmpty()) {
      return busy.isEmpty() ? "works" : "works, " + busy;
    }
    return "works, with fewer connections, for it said: " + limit;
  }

  private static String inARow(long deferred) {
    if (deferred == 1) {
      return "the last mail: ";
    }
    String mails = deferred < MANY ? " mails" : " mails or more";
    return deferred + mails + " in a row, the last: ";
  }

  private static String again(Instant now, Instant until) {
    return until.isAfter(now) ? "tried again in " + Words.span(now, until) : "to be tried again";
  }
}
