package dev.poststation.admin;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.poststation.Poststation;
import dev.poststation.account.NewPassword;
import dev.poststation.account.User;
import dev.poststation.config.Problem;
import dev.poststation.os.IpText;
import dev.poststation.os.Time;
import dev.poststation.queue.DestinationView;
import dev.poststation.queue.Queue;
import dev.poststation.sasl.UnavailableException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Objects;

/// How the relay is, as JSON. Safe for any thread.
final class StatusReport {
  /// More old passwords are only counted.
  private static final int OLD_MAX = 20;

  /// So long before and after its end a password is told of.
  private static final Duration ENDING = Duration.ofDays(14);

  private final Poststation relay;
  private final Time time;

  StatusReport(Poststation relay, Time time) {
    this.relay = relay;
    this.time = time;
  }

  ObjectNode now() {
    var configuration = relay.configuration();
    var report = Json.object();
    report.put("problem", relay.problem().orElse(""));
    var concerns = report.putArray("concerns");
    relay.concerns().forEach(concerns::add);
    report.put("hostname", configuration.hostname());
    report.put("version", version());
    Json.time(report, "started", relay.started());
    report.put("uptimeSeconds", Duration.between(relay.started(), time.now()).toSeconds());
    report.put("process", ProcessHandle.current().pid());
    report.put("data", configuration.data().toAbsolutePath().normalize().toString());
    var listeners = report.putArray("listeners");
    for (int i = 0; i < configuration.listeners().size() && i < relay.listening().size(); i++) {
      var address = relay.listening().get(i);
      var settings = configuration.listeners().get(i);
      listeners
          .addObject()
          .put("name", settings.name())
          .put("zone", settings.zone())
          .put("address", IpText.of(address.getAddress()))
          .put("port", address.getPort())
          .put("tls", Json.word(settings.tls()));
    }
    var certificates = report.putArray("certificates");
    for (var certificate : relay.certificates().inUse()) {
      var shown = certificates.addObject().put("file", certificate.chain().toString());
      certificate.names().forEach(shown.putArray("names")::add);
      Json.time(shown, "expires", certificate.expires());
      shown.put("problem", certificate.problem().orElse(""));
    }
    report.put("sessions", relay.sessions());
    var load = relay.queue().load();
    report.put("active", load.active());
    users(report.putObject("users"));
    var today = time.now().atZone(ZoneId.systemDefault()).toLocalDate();
    var expired = report.putArray("expiredClients");
    for (var rule : configuration.clients()) {
      var last = rule.when().expires();
      if (last != null && today.isAfter(last)) {
        expired.add(rule.name());
      }
    }
    report
        .putObject("devices")
        .put("known", relay.profiles().count())
        .put("deviating", relay.profiles().deviating());
    var tolerated = report.putArray("tolerated");
    for (var each : relay.metrics().tolerated()) {
      var entry = tolerated.addObject();
      entry.put("client", each.client()).put("what", each.what()).put("times", each.times());
      Json.time(entry, "last", each.last());
    }
    report.set("suppression", new SuppressionRoutes(relay, time).state());
    report.set("quarantine", new QuarantineRoutes(relay, time).state());
    report.set("oauth", TokenReport.list(relay.tokens().states()));
    report.set("archives", ArchiveReport.of(relay.services().archives()));
    report.set("buckets", ArchiveReport.ofBuckets(relay.services().buckets()));
    report.set("dkim", DkimReport.of(relay.signing().standings()));
    var usage = relay.spool().usage();
    report
        .putObject("spool")
        .put("mails", usage.mails())
        .put("setAside", usage.corrupt())
        .put("bytesOnDisk", usage.bytesOnDisk())
        .put("accepted", usage.commits())
        .put("syncs", usage.syncs());
    var destinations = report.putArray("destinations");
    for (var view : relay.queue().destinations()) {
      var destination = destinations.addObject();
      destination.put("name", view.name());
      destination.put("ready", view.ready());
      destination.put("connections", view.connections());
      destination.put("window", view.window());
      Json.time(destination, "setAsideUntil", view.setAsideUntil());
      destination.put("reason", view.reason());
      destination.put("mailWaits", view.waits());
      destination.put("busy", view.busy());
      destination.put("limitedBy", view.limitedBy());
      hosts(destination.putArray("hosts"), view);
      var trouble = relay.queue().trouble(view.name());
      destination.put("deferredInARow", trouble.map(Queue.Trouble::deferred).orElse(0));
      destination.put("lastDeferral", trouble.map(Queue.Trouble::text).orElse(""));
    }
    return report;
  }

  private static void hosts(ArrayNode hosts, DestinationView view) {
    for (var host : view.hosts()) {
      var entry = hosts.addObject().put("host", host.name()).put("failures", host.failures());
      entry.put("last", host.last());
      Json.time(entry, "probe", host.probe());
      entry.put("reason", host.reason());
    }
  }

  /// How many users there are, and whose passwords are old by `users.password-age-warning`.
  private void users(ObjectNode report) {
    report.put("problem", relay.accounts().problem().map(Problem::toString).orElse(""));
    report.put("vanished", relay.accounts().vanished());
    List<User> users = List.of();
    try {
      users = List.copyOf(relay.accounts().users().all());
    } catch (UnavailableException _) {
      // The problem says why.
    }
    report.put("count", users.size());
    report.put("disabled", users.stream().filter(User::disabled).count());
    var age = relay.configuration().users().passwordAgeWarning();
    var old = report.putArray("oldPasswords");
    long more = 0;
    var since = age == null ? Instant.MIN : time.now().minus(age);
    for (var user : users) {
      for (var password : user.passwords()) {
        if (user.disabled() || !password.created().isBefore(since)) {
          continue;
        }
        if (old.size() < OLD_MAX) {
          var entry = old.addObject().put("user", user.name()).put("label", password.label());
          Json.time(entry, "created", password.created());
        } else {
          more++;
        }
      }
    }
    report.put("moreOldPasswords", more);
    ending(users, report);
    oldKeys(report);
    report.put("blocks", relay.guard().blocks().size());
  }

  /// Whose passwords expire soon, or did a short while ago: those that nobody has replaced yet.
  private void ending(List<User> users, ObjectNode report) {
    var now = time.now();
    var from = now.minus(ENDING);
    var to = now.plus(ENDING);
    var ending = report.putArray("endingPasswords");
    long more = 0;
    for (var user : users) {
      for (var password : user.passwords()) {
        var end = password.expires();
        if (end == null
            || end.isBefore(from)
            || end.isAfter(to)
            || user.disabled()
            || password.label().endsWith(NewPassword.OLD)) {
          continue;
        }
        if (ending.size() < OLD_MAX) {
          var entry = ending.addObject().put("user", user.name()).put("label", password.label());
          Json.time(entry, "expires", end);
        } else {
          more++;
        }
      }
    }
    report.put("moreEndingPasswords", more);
  }

  /// Whose passwords were set with another salt or other iterations than new ones get.
  private void oldKeys(ObjectNode report) {
    List<User> old = List.of();
    try {
      old = relay.accounts().oldKeys();
    } catch (UnavailableException _) {
      // The problem says why.
    }
    var names = report.putArray("oldKeys");
    old.stream().limit(OLD_MAX).map(User::name).forEach(names::add);
    report.put("moreOldKeys", old.size() - names.size());
  }

  static String version() {
    return Objects.requireNonNullElse(
        Poststation.class.getPackage().getImplementationVersion(), "(unpackaged)");
  }
}
