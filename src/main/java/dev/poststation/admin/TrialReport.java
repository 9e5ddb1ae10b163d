package dev.poststation.admin;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.poststation.Returns;
import dev.poststation.Trials;
import dev.poststation.message.Outcome;
import dev.poststation.smtp.Capabilities;
import dev.poststation.tls.CertificateText;
import java.util.List;
import java.util.Locale;

/// What came of trying a connector, as JSON. Pure functions.
public final class TrialReport {
  private TrialReport() {}

  /// All of it.
  ///
  /// @param by who tried it: `relay` or `command`
  public static ObjectNode of(Trials.Wish wish, Trials.Report report, String by) {
    var answer = Json.object();
    answer.put("connector", wish.connector().label());
    answer.put("by", by);
    answer.put("type", Json.word(wish.connector().type()));
    answer.put("good", report.good());
    var nowhere = report.nowhere();
    answer.put("problem", nowhere == null ? "" : nowhere.text());
    answer.set("facts", Json.texts(report.facts()));
    var hosts = answer.putArray("hosts");
    report.hosts().forEach(tried -> host(hosts.addObject(), tried, wish));
    var mailed = report.mailed();
    if (mailed != null) {
      mail(answer.putObject("mail"), mailed, wish);
    }
    return answer;
  }

  private static void host(ObjectNode entry, Trials.Tried tried, Trials.Wish wish) {
    entry.put("host", tried.hop().toString());
    entry.put("relay", tried.relay());
    var failure = tried.failure();
    entry.put("good", failure == null);
    entry.put("stage", failure == null ? "" : stage(failure));
    entry.put("problem", failure == null ? "" : failure.text());
    entry.put("barred", tried.barred());
    entry.set("advice", Json.texts(tried.advice()));
    entry.set("dialogue", Json.texts(tried.dialogue()));
    var tls = tried.tls();
    if (tls != null) {
      var node = entry.putObject("tls");
      node.put("protocol", tls.protocol()).put("cipher", tls.cipher());
      if (!tls.peerChain().isEmpty()) {
        var own = tls.peerChain().getFirst();
        node.put("certificate", CertificateText.of(tls.peerChain()));
        Json.time(node, "expires", own.getNotAfter().toInstant());
      }
    }
    var policies = entry.putArray("policies");
    policies.addObject().put("tls", wish.connector().tls().word()).put("problem", "");
    tried
        .policies()
        .forEach(each -> policies.addObject().put("tls", each.word()).put("problem", each.flaw()));
    var login = tried.login();
    if (login != null) {
      entry.putObject("login").put("account", login.user()).put("mechanism", login.mechanism());
    }
    if (failure == null) {
      can(entry.putObject("offers"), tried.can());
    }
  }

  private static String stage(Outcome outcome) {
    var stage =
        switch (outcome) {
          case Outcome.Deferred deferred -> deferred.stage().name();
          case Outcome.Bounced bounced -> bounced.stage().name();
          case Outcome.Delivered _, Outcome.Held _, Outcome.Discarded _ -> "";
        };
    return stage.toLowerCase(Locale.ROOT);
  }

  private static void can(ObjectNode node, Capabilities can) {
    node.put("size", can.sizeMax());
    var extensions = node.putArray("extensions");
    can.extensions().forEach(each -> extensions.add(each.keyword()));
    node.set("mechanisms", Json.texts(can.mechanisms()));
    var limits = can.limits();
    limit(node, "mailsPerConnection", limits.mails());
    limit(node, "recipientsPerMail", limits.recipients());
    limit(node, "domainsPerMail", limits.recipientDomains());
  }

  private static void limit(ObjectNode node, String name, int limit) {
    if (limit < Integer.MAX_VALUE) {
      node.put(name, limit);
    }
  }

  private static void mail(ObjectNode node, Trials.Mailed mailed, Trials.Wish wish) {
    node.put("sent", wish.send());
    node.put("relay", mailed.relay());
    node.put("from", String.valueOf(wish.from()));
    node.put("sender", mailed.sender().toString());
    node.put("author", mailed.author().toString());
    node.put("mark", mailed.mark());
    node.put("subject", mailed.subject());
    ArrayNode answers = node.putArray("recipients");
    for (var each : mailed.answers()) {
      var outcome = each.outcome();
      var entry = answers.addObject().put("to", String.valueOf(each.to()));
      entry.put("status", outcome == null ? "would be taken" : word(outcome));
      entry.put("text", outcome == null ? "" : outcome.text());
      entry.set("advice", Json.texts(each.advice()));
    }
    node.set("dialogue", Json.texts(mailed.dialogue()));
  }

  private static String word(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Delivered _ -> "sent";
      case Outcome.Deferred _ -> "deferred";
      case Outcome.Bounced _ -> "refused";
      case Outcome.Held _, Outcome.Discarded _ -> "kept";
    };
  }

  /// A test mail that came back.
  static ObjectNode of(Returns.Return found) {
    var node = Json.object();
    Json.time(node, "at", found.at());
    node.put("id", found.id().toString());
    node.put("sender", found.sender());
    node.put("from", found.from());
    node.put("client", found.client());
    node.set("others", Json.texts(List.copyOf(found.others())));
    return node;
  }
}
