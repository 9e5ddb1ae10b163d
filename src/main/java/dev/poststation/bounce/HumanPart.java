package dev.poststation.bounce;

import dev.poststation.message.Envelope;
import dev.poststation.message.Outcome;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// The part that people read: what happened, to whom, why, and what to do now. Confined to one
/// thread.
final class HumanPart {
  private static final int WIDTH = 72;
  private static final String INDENT = "    ";
  private static final int QUOTE_MAX = 2000;

  /// Four octets a character at worst.
  private static final int ADDRESS_MAX = 240;

  /// Recipients that are told of one by one; the part for programs has all.
  private static final int RECIPIENTS_MAX = 50;

  private final StringBuilder out = new StringBuilder(1500);
  private final NoticeRequest request;
  private final Original original;
  private final String hostname;

  private HumanPart(NoticeRequest request, Original original, String hostname) {
    this.request = request;
    this.original = original;
    this.hostname = hostname;
  }

  /// The text, lines ended by CRLF.
  static String of(NoticeRequest request, Original original, String hostname) {
    var part = new HumanPart(request, original, hostname);
    part.opening();
    part.recipients();
    part.message();
    part.help();
    return part.out.toString();
  }

  private void opening() {
    paragraph("This is the mail system at " + hostname + ".");
    boolean one = request.recipients().size() == 1;
    switch (request.kind()) {
      case FAILED -> paragraph("Your message could not be delivered to " + whom(one) + ".");
      case EXPIRED ->
          paragraph(
              "Your message could not be delivered to "
                  + whom(one)
                  + ". It was tried for "
                  + MailDates.human(age())
                  + " and is not tried any more.");
      case DELAYED -> {
        paragraph(
            "Your message could not be delivered to "
                + whom(one)
                + " yet. THIS IS ONLY A WARNING: you need not send it again.");
        var until = request.retryUntil();
        paragraph(
            "It is tried again and again"
                + (until == null ? "" : " until " + MailDates.human(until))
                + ". If it cannot be delivered at all, you will be told.");
      }
      case RELAYED -> passedOn(whom(one), request.about().envelope().deadline());
    }
  }

  private void passedOn(String whom, Envelope.@Nullable Deadline deadline) {
    String on = "Your message is on its way: another mail system took it for " + whom + ".";
    if (deadline == null) {
      paragraph(
          on
              + " That system does not confirm deliveries, so this is the last you hear of it if"
              + " all goes well.");
      return;
    }
    paragraph(on);
    boolean kept = request.recipients().stream().allMatch(HumanPart::deadlineKept);
    paragraph(
        "You asked for it to be delivered by "
            + MailDates.human(deadline.at())
            + (kept
                ? ". That system takes care of the time, too."
                : ". That system does not take care of the time: it may be late, and you may not"
                    + " hear of it."));
  }

  private static boolean deadlineKept(NoticeRequest.Told told) {
    return told.outcome() instanceof Outcome.Delivered delivered && delivered.deadlineKept();
  }

  private static String whom(boolean one) {
    return one ? "this recipient" : "these recipients";
  }

  private Duration age() {
    return Duration.between(request.about().envelope().begins(), request.when());
  }

  private void recipients() {
    int shown = 0;
    for (var told : request.recipients()) {
      if (shown++ == RECIPIENTS_MAX) {
        int more = request.recipients().size() - RECIPIENTS_MAX;
        paragraph("And " + more + " more: the report that comes with this message names them.");
        return;
      }
      recipient(told);
    }
    if (request.recipients().size() < request.about().recipients().size()) {
      paragraph(
          "This is not about the other recipients of the message. If there is something to tell"
              + " about them, you get a message of its own.");
    }
  }

  private void recipient(NoticeRequest.Told told) {
    var address = told.recipient().address();
    out.append(INDENT).append(Lines.plain(address.toString(), ADDRESS_MAX)).append("\r\n\r\n");
    var reason = Reasons.of(told.outcome(), Lines.plain(domain(address.domain()), QUOTE_MAX));
    switch (request.kind()) {
      case FAILED, EXPIRED -> {
        paragraph("Why: " + reason.what());
        if (Reasons.byAdministrator(told.outcome())) {
          administrator(told.outcome().text(), reason.todo());
          return;
        }
        paragraph("What you can do: " + reason.todo());
      }
      case DELAYED -> paragraph("Why: " + reason.what());
      case RELAYED -> {}
    }
    quote(told);
  }

  /// What was written for the sender, who needs no other advice then.
  private void administrator(String text, String todo) {
    if (text.equals(Outcome.RETURNED)) {
      paragraph("What you can do: " + todo);
    } else {
      paragraph("The administrator says:");
      quote(text);
    }
  }

  private static String domain(String domain) {
    return domain.isEmpty() ? "that address" : domain;
  }

  /// The words of the other mail system, or our own where it said nothing.
  private void quote(NoticeRequest.Told told) {
    var host = StatusPart.host(told.relay());
    paragraph(
        !spoke(told.outcome())
            ? "In technical words:"
            : host.isEmpty() ? "The answer was:" : "The mail system " + host + " answered:");
    quote(told.outcome().text());
  }

  private void quote(String text) {
    Lines.wrap(out, Lines.plain(text, QUOTE_MAX), INDENT, WIDTH);
    out.append("\r\n");
  }

  private static boolean spoke(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Delivered _ -> true;
      case Outcome.Held _, Outcome.Discarded _ -> false;
      case Outcome.Deferred deferred -> deferred.reply() != null;
      case Outcome.Bounced bounced -> bounced.reply() != null;
    };
  }

  private void message() {
    out.append("Your message:\r\n\r\n");
    fact("Subject", original.subject());
    fact("Accepted", MailDates.human(request.about().envelope().arrived()));
    fact("Message-ID", original.messageId());
    out.append("\r\n");
  }

  private void fact(String name, @Nullable String value) {
    if (value != null && !value.isEmpty()) {
      out.append(INDENT).append(name).append(':').repeat(' ', 12 - name.length());
      out.append(value).append("\r\n");
    }
  }

  private void help() {
    paragraph(
        "If you need help, show this message to your administrator or provider. To them these"
            + " say where to look:");
    out.append(INDENT).append("mail system ").append(hostname);
    out.append(", queue id ").append(request.about().id()).append("\r\n");
  }

  private void paragraph(String text) {
    Lines.wrap(out, text, "", WIDTH);
    out.append("\r\n");
  }
}
