package dev.poststation.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.poststation.message.HeaderAddresses;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// What came of trying a connector, in words. Confined to one thread.
record TrialText(PrintWriter out, JsonNode answer, Instant now) {
  /// All but what came back.
  void show() {
    show(by(answer));
  }

  boolean byRelay() {
    return byRelay(answer);
  }

  private static boolean byRelay(JsonNode answer) {
    return answer.path("by").asText().equals("relay");
  }

  /// Whether it was tried as the running relay has it, for its file has errors.
  static boolean asRunning(JsonNode answer) {
    return answer.path("configuration").asText().equals("running");
  }

  /// Who has tried.
  static String by(JsonNode answer) {
    return byRelay(answer) ? "the running relay" : "this command, for no relay runs";
  }

  /// @param by who has tried
  void show(String by) {
    out.println(
        "Connector "
            + Words.shown(answer.path("connector").asText())
            + (asRunning(answer)
                ? " as the running relay has it, for its file has errors"
                : " of the file")
            + ", tried by "
            + by);
    for (var fact : answer.path("facts")) {
      out.println("  * " + Words.shown(fact.asText()));
    }
    String problem = answer.path("problem").asText();
    if (!problem.isEmpty()) {
      out.println("It leads nowhere: " + Words.shown(problem));
    } else if (answer.path("hosts").isEmpty()) {
      out.println("It has no such host.");
    }
    for (var host : answer.path("hosts")) {
      out.println();
      host(host);
    }
    if (answer.has("mail")) {
      out.println();
      mail(answer.path("mail"));
    }
  }

  private void host(JsonNode host) {
    out.println("Host " + Words.shown(host.path("host").asText()));
    dialogue(host);
    boolean good = host.path("good").asBoolean();
    if (!good) {
      out.println("  FAILED: " + Words.shown(host.path("problem").asText()));
      advice(host);
      return;
    }
    if (host.has("tls")) {
      var tls = host.path("tls");
      var expires = tls.path("expires");
      out.println(
          "  TLS: "
              + tls.path("protocol").asText()
              + (expires.isTextual()
                  ? ", the certificate ends in " + Words.span(now, Instant.parse(expires.asText()))
                  : ""));
      for (var policy : host.path("policies")) {
        String flaw = policy.path("problem").asText();
        out.println(
            "    tls = "
                + policy.path("tls").asText()
                + ": "
                + (flaw.isEmpty() ? "good" : "no mail would go: " + Words.shown(flaw)));
      }
    } else if (List.of("graph", "http").contains(answer.path("type").asText())) {
      out.println("  TLS: shows with a mail");
    } else {
      out.println("  TLS: none, all goes in clear");
    }
    var login = host.path("login");
    out.println(
        login.isMissingNode()
            ? "  login: none"
            : "  login: as "
                + Words.shown(login.path("account").asText())
                + " by "
                + login.path("mechanism").asText());
    offers(host.path("offers"));
    out.println("  WORKS" + (answer.has("mail") ? "" : ", as far as one can tell without a mail"));
  }

  private void offers(JsonNode offers) {
    long size = offers.path("size").asLong();
    List<String> limits = new ArrayList<>();
    limits.add(size == 0 ? "says no largest size" : "takes mails of up to " + Words.size(size));
    limit(offers, "recipientsPerMail", "recipients a mail", limits);
    limit(offers, "domainsPerMail", "domains a mail", limits);
    limit(offers, "mailsPerConnection", "mails a connection", limits);
    out.println("  limits: " + String.join(", ", limits));
    out.println("  offers: " + Words.shown(Words.list(offers.path("extensions"))));
  }

  private static void limit(JsonNode offers, String key, String what, List<String> limits) {
    if (offers.has(key)) {
      limits.add(offers.path(key).asInt() + " " + what);
    }
  }

  private void dialogue(JsonNode in) {
    for (var line : in.path("dialogue")) {
      out.println("  " + Words.shown(line.asText()));
    }
  }

  private void advice(JsonNode in) {
    for (var each : in.path("advice")) {
      out.println("    -> " + each.asText());
    }
  }

  private void mail(JsonNode mail) {
    boolean sent = mail.path("sent").asBoolean();
    out.println(
        (sent ? "A mail to " : "Asked, and taken back, of ")
            + Words.shown(mail.path("relay").asText()));
    dialogue(mail);
    String from = mail.path("from").asText();
    replaced("MAIL FROM", from, mail.path("sender").asText());
    replaced("From", from, mail.path("author").asText());
    for (var each : mail.path("recipients")) {
      String text = each.path("text").asText();
      out.println(
          "  "
              + Words.address(each.path("to").asText())
              + ": "
              + each.path("status").asText()
              + (text.isEmpty() ? "" : ": " + Words.shown(text)));
      advice(each);
    }
    if (!sent) {
      out.println("  Some servers decide about senders only when the mail is sent.");
    }
  }

  private void replaced(String where, String from, String to) {
    if (!from.equals(to)) {
      out.println(
          "  the connector made of <"
              + Words.shown(from)
              + "> <"
              + Words.shown(to)
              + "> in "
              + where);
    }
  }

  /// What came back of a mail that was taken.
  ///
  /// @param back null: nothing
  /// @param waited whether it was waited for
  void showReturn(@Nullable JsonNode back, boolean waited, String time) {
    var mail = answer.path("mail");
    String sender = mail.path("sender").asText();
    String author = mail.path("author").asText();
    out.println();
    if (back == null) {
      out.println(
          (waited
                  ? "The mail has not come back through this relay in " + time + ". "
                  : "Whether the provider replaces senders: ")
              + "Look into the mailbox for \""
              + mail.path("subject").asText()
              + "\": From should be <"
              + Words.shown(author)
              + ">, and Return-Path <"
              + Words.shown(sender)
              + ">. If another address stands there, the provider replaces senders.");
      return;
    }
    String header = Words.shown(back.path("from").asText());
    String envelope = Words.shown(back.path("sender").asText());
    boolean kept = holds(back.path("from").asText(), author);
    out.println(
        "The mail came back as "
            + back.path("id").asText()
            + ", let in by client "
            + Words.shown(back.path("client").asText())
            + ".");
    out.println(
        "  From: "
            + header
            + (kept ? " (kept)" : " (REPLACED, it was <" + Words.shown(author) + ">)"));
    out.println(
        "  MAIL FROM: <"
            + envelope
            + ">"
            + (envelope.equalsIgnoreCase(sender)
                ? " (kept)"
                : " (another one: notices of bounces go there)"));
    for (var other : back.path("others")) {
      out.println("  " + Words.shown(other.asText()));
    }
    if (!kept) {
      out.println(
          "    -> who answers to such a mail answers to the account: replace-sender of the"
              + " connector does it in a way that keeps the sender in Reply-To, or have the"
              + " provider allow the sender");
    }
  }

  private static boolean holds(String field, String address) {
    return HeaderAddresses.parse(field).orElse(List.of()).stream()
        .anyMatch(
            each ->
                each.toString().toLowerCase(Locale.ROOT).equals(address.toLowerCase(Locale.ROOT)));
  }
}
