package dev.poststation.server;

import dev.poststation.smtp.Command;
import dev.poststation.smtp.ForwardReplies;
import dev.poststation.smtp.Replies;
import dev.poststation.smtp.Reply;
import org.jspecify.annotations.Nullable;

/// The part of a session in which a proxy says who the client behind it is: XCLIENT and XFORWARD,
/// as Postfix documents them. Confined to the session's thread.
final class ForwardDialogue {
  private final Client client;
  private final MailDialogue mail;
  private final SessionReport report;

  ForwardDialogue(Client client, MailDialogue mail, SessionReport report) {
    this.client = client;
    this.mail = mail;
    this.report = report;
  }

  Answer forwarded(Command.Forwarded command) {
    return command.xclient() ? xclient(command) : xforward(command);
  }

  /// The session begins anew with the greeting, as that of another client.
  private Answer xclient(Command.Forwarded command) {
    var settings = client.settings();
    boolean allowed = settings.listener().forwarders().mayXclient(client.speaker());
    var refusal = refusal(allowed, "XCLIENT", "xclient");
    if (refusal != null) {
      return refusal;
    }
    var before = client.announced();
    var all =
        (before == null ? Announced.nothing(client.speaker(), true) : before.lasting())
            .with(command);
    if (all.isEmpty()) {
      return Answer.refused(ForwardReplies.SYNTAX, "XCLIENT", "syntax");
    }
    mail.begunAnew();
    client.announced(all.get());
    report.announced(all.get());
    return Answer.done(Replies.greeting(settings.hostname()));
  }

  /// Nothing changes but what is logged.
  private Answer xforward(Command.Forwarded command) {
    boolean allowed = client.settings().listener().forwarders().mayXforward(client.speaker());
    var refusal = refusal(allowed, "XFORWARD", "xforward");
    if (refusal != null) {
      return refusal;
    }
    var before = client.forwarded();
    var all = (before == null ? Announced.nothing(client.speaker(), false) : before).with(command);
    if (all.isEmpty()) {
      return Answer.refused(ForwardReplies.SYNTAX, "XFORWARD", "syntax");
    }
    client.forwarded(all.get());
    return Answer.done(ForwardReplies.NOTED);
  }

  private @Nullable Answer refusal(boolean allowed, String verb, String key) {
    if (!allowed) {
      String rule =
          "listeners." + client.settings().listener().name() + "." + key + " does not name it";
      return refused(ForwardReplies.DENIED, verb, rule);
    }
    return mail.transaction() == null
        ? null
        : refused(ForwardReplies.IN_MAIL, verb, "sequence of commands");
  }

  private static Answer refused(Reply reply, String verb, String rule) {
    return Answer.refused(reply, verb, rule);
  }
}
