package dev.poststation.server;

import dev.poststation.sasl.Mechanism;
import dev.poststation.smtp.Command;
import dev.poststation.smtp.Replies;
import dev.poststation.smtp.Reply;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/// The reply to EHLO: what we can do for this client now. Pure functions.
final class Extensions {
  /// A limit has six digits at most (RFC 9422 4.1, 4.2).
  private static final int LIMIT_MAX = 999_999;

  private Extensions() {}

  /// @param mechanisms those of AUTH, or none
  static Reply reply(Client client, List<Mechanism> mechanisms, Instant now) {
    var settings = client.settings();
    var limits = settings.limits();
    List<String> offered = new ArrayList<>(12);
    offered.add("PIPELINING"); // RFC 2920
    offered.add("SIZE " + client.messageSize()); // RFC 1870
    if (client.canStartTls()) {
      offered.add("STARTTLS"); // RFC 3207
    }
    if (!mechanisms.isEmpty()) {
      var line = new StringBuilder("AUTH"); // RFC 4954
      mechanisms.forEach(mechanism -> line.append(' ').append(mechanism.word()));
      offered.add(line.toString());
    }
    offered.add("8BITMIME"); // RFC 6152
    offered.add("SMTPUTF8"); // RFC 6531
    offered.add("CHUNKING"); // RFC 3030
    offered.add("BINARYMIME"); // RFC 3030
    offered.add("DSN"); // RFC 3461
    offered.add("ENHANCEDSTATUSCODES"); // RFC 2034
    offered.add(
        "LIMITS RCPTMAX="
            + Math.min(client.recipientsPerMail(), LIMIT_MAX)
            + " MAILMAX="
            + Math.min(limits.mailsPerSession(), LIMIT_MAX)); // RFC 9422
    var permit = client.permit();
    if (permit != null && !permit.futureRelease().isZero()) {
      var latest = now.plus(permit.futureRelease()).truncatedTo(ChronoUnit.SECONDS);
      offered.add("FUTURERELEASE " + permit.futureRelease().toSeconds() + " " + latest); // RFC 4865
    }
    if (permit != null && permit.offersPriority()) {
      offered.add("MT-PRIORITY"); // RFC 6710
    }
    if (permit != null && !permit.minDeliverBy().isZero()) {
      offered.add("DELIVERBY " + permit.minDeliverBy().toSeconds()); // RFC 2852
    }
    if (client.tls() != null) {
      offered.add("REQUIRETLS"); // RFC 8689 3: nobody could strip it.
    }
    var forwarders = settings.listener().forwarders();
    if (forwarders.mayXclient(client.speaker())) {
      offered.add(offer("XCLIENT", Command.XCLIENT)); // Postfix
    }
    if (forwarders.mayXforward(client.speaker())) {
      offered.add(offer("XFORWARD", Command.XFORWARD)); // Postfix
    }
    offered.add("HELP"); // RFC 5321 4.1.1.8
    return Replies.ehlo(settings.hostname(), offered);
  }

  private static String offer(String verb, Set<Command.Attribute> attributes) {
    return verb + " " + attributes.stream().map(Enum::name).collect(Collectors.joining(" "));
  }
}
