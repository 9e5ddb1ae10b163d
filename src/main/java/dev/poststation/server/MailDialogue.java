package dev.poststation.server;

import dev.poststation.config.ListenerSettings;
import dev.poststation.config.Rewriting;
import dev.poststation.content.Visit;
import dev.poststation.intake.Admission;
import dev.poststation.intake.Arrival;
import dev.poststation.intake.Intake;
import dev.poststation.message.Hold;
import dev.poststation.os.Time;
import dev.poststation.policy.Objection;
import dev.poststation.policy.Permit;
import dev.poststation.policy.Policy;
import dev.poststation.policy.Verdict;
import dev.poststation.rewrite.Rewriter;
import dev.poststation.sasl.UnavailableException;
import dev.poststation.smtp.AuthReplies;
import dev.poststation.smtp.Command;
import dev.poststation.smtp.DataMode;
import dev.poststation.smtp.DataResult;
import dev.poststation.smtp.PolicyReplies;
import dev.poststation.smtp.Replies;
import dev.poststation.smtp.Reply;
import dev.poststation.smtp.SmtpReader;
import java.io.EOFException;
import java.io.IOException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The part of a session that carries mail: MAIL, RCPT, DATA, BDAT, RSET, and whether they come in
/// order. Confined to the session's thread.
final class MailDialogue {
  private static final Answer SENDER_OK = Answer.done(Replies.SENDER_OK);
  private static final Answer RECIPIENT_OK = Answer.done(Replies.RECIPIENT_OK);
  private static final Answer RESET = Answer.done(Replies.RESET);

  private final String session;
  private final Client client;
  private final SmtpReader reader;
  private final ReplyWriter writer;
  private final Patience patience;
  private final Intake intake;
  private final Time time;
  private final DeviceWatch device;
  private @Nullable Transaction transaction;
  private boolean chunkRefused;
  private boolean normalised;
  private int started;
  private int queued;
  private int recipientsQueued;

  MailDialogue(
      String session,
      Client client,
      SmtpReader reader,
      ReplyWriter writer,
      Patience patience,
      Intake intake,
      DeviceWatch device,
      Time time) {
    this.session = session;
    this.client = client;
    this.reader = reader;
    this.writer = writer;
    this.patience = patience;
    this.intake = intake;
    this.device = device;
    this.time = time;
  }

  /// The mail under way, or null.
  @Nullable Transaction transaction() {
    return transaction;
  }

  /// Whether content of a mail has come, by BDAT, and more is to come.
  boolean contentBegun() {
    return transaction != null && transaction.chunks() != null;
  }

  /// Mails that became durable.
  int queued() {
    return queued;
  }

  /// Recipients of those.
  int recipientsQueued() {
    return recipientsQueued;
  }

  /// @param shutOut says why the user may send nothing now, or null
  Answer mail(Command.Mail command, Supplier<@Nullable Answer> shutOut) {
    var settings = client.settings();
    var limits = settings.limits();
    if (transaction != null) {
      return sequence(Replies.MAIL_TWICE, "MAIL");
    }
    if (client.hello() == null) {
      return sequence(Replies.HELLO_FIRST, "MAIL");
    }
    var out = shutOut.get();
    if (out != null) {
      return out;
    }
    if (client.tlsMode() == ListenerSettings.Tls.REQUIRED && client.tls() == null) {
      return Answer.refused(Replies.TLS_REQUIRED, "MAIL", "tls = required");
    }
    if (command.requireTls() && client.tls() == null) {
      String why = "REQUIRETLS is for sessions with TLS"; // Nor is it offered (RFC 8689 3).
      return Answer.refused(Replies.PARAMETER_UNKNOWN, "MAIL", why);
    }
    if (settings.listener().auth() == ListenerSettings.Auth.REQUIRED
        && client.known().user() == null) { // Who logged in at a proxy counts as well.
      return Answer.refused(AuthReplies.REQUIRED, "MAIL", "auth = required");
    }
    var identity = client.identity();
    if (identity != null && !identity.holds()) {
      String who =
          "user "
              + identity.user()
              + " is disabled or gone, or the password or token is no good now";
      return Answer.last(AuthReplies.NO_LONGER, "MAIL", who, Ending.LIMIT);
    }
    if (started >= limits.mailsPerSession()) {
      return Answer.last(Replies.TOO_MANY_MAILS, "MAIL", "limits.mails-per-session", Ending.LIMIT);
    }
    started++; // RFC 9422 4.1 counts all, accepted or not.
    client.decideAnew();
    var permit = client.permit();
    var tooBig = client.verdict().size(command.size(), limits).orElse(null);
    if (tooBig != null) {
      return Answer.refused(tooBig.reply(), "MAIL", tooBig.reason());
    }
    Hold hold = null;
    Objection.Replacement replacement = null;
    var now = time.now();
    if (permit != null) { // A client that may not relay at all hears so at RCPT.
      var wish = permit.wishes(command, now).orElse(null);
      if (wish != null) {
        return Answer.refused(wish.reply(), "MAIL", wish.reason());
      }
      if (!client.mayStay(permit)) {
        return Answer.last(
            Replies.TOO_MANY_SESSIONS_OF_CLIENT, "MAIL", permit.connectionsRule(), Ending.LIMIT);
      }
      var objection = permit.sender(client.known(), command.from()).orElse(null);
      if (objection == null || !objection.refuses()) {
        hold = objection == null ? null : objection.hold();
        replacement = objection == null ? null : objection.replacement();
        var refusal = device.begin(command, permit); // Before an impostor uses up a rate.
        if (refusal != null) {
          return refusal;
        }
        var sender = replacement == null ? command.from() : replacement.by();
        objection = permit.mail(client.known(), sender).orElse(null);
      }
      if (objection != null) {
        return Answer.refused(objection.reply(), "MAIL", objection.reason());
      }
    }
    chunkRefused = false;
    long begun = time.nanos();
    var mail = new Transaction(command, now, begun, hold);
    if (replacement != null) {
      mail.replaced(replacement);
    }
    if (permit != null && !permit.rule().exchange().isEmpty()) {
      mail.remember();
    }
    try {
      if (permit != null) {
        permit.rewritten(Rewriting.Place.SENDER, mail.sender()).ifPresent(mail::rewritten);
      }
    } catch (UnavailableException e) {
      return unknown("MAIL", e);
    }
    var refusal = permit == null ? null : heard(mail, command, permit);
    if (refusal != null) {
      mail.close();
      return refusal;
    }
    transaction = mail;
    patience.transaction(begun);
    return SENDER_OK;
  }

  /// Milters hear of it, unless it may turn out to be mail between servers of Exchange, which is
  /// left alone.
  private @Nullable Answer heard(Transaction mail, Command.Mail command, Permit permit) {
    boolean utf8 = command.smtputf8();
    var visit =
        permit.rule().exchange().isEmpty()
            ? intake.services().visit(client.source(utf8), mail.sender(), () -> client.caller(utf8))
            : null;
    if (visit == null) {
      return null;
    }
    mail.visit(visit);
    return heard("MAIL", () -> visit.mail(mail.sender(), command));
  }

  /// What milters say, whatever time it takes them.
  private @Nullable Answer heard(String stage, Supplier<Visit.@Nullable Refusal> what) {
    patience.examining();
    var by = what.get();
    patience.working();
    if (by == null) {
      return null;
    }
    return by.closes()
        ? Answer.last(by.reply(), stage, by.rule(), Ending.LIMIT)
        : Answer.refused(by.reply(), stage, by.rule());
  }

  /// A command that there is not.
  Answer unknown(Command.Unknown command) {
    var visit = transaction == null ? null : transaction.visit();
    var answer = visit == null ? null : heard("UNKNOWN", () -> visit.unknown(command.verb()));
    return answer == null ? Answer.refused(Replies.UNKNOWN_COMMAND, "UNKNOWN", "syntax") : answer;
  }

  Answer rcpt(Command.Rcpt command) {
    var answer = recipient(command);
    var visit = transaction == null ? null : transaction.visit();
    if (visit != null && !answer.reply().positive()) {
      patience.examining();
      visit.refused(command.to(), answer.reply());
      patience.working();
    }
    return answer;
  }

  private Answer recipient(Command.Rcpt command) {
    var mail = transaction;
    if (mail == null) {
      return sequence(Replies.MAIL_FIRST, "RCPT");
    }
    if (mail.chunks() != null) {
      return sequence(Replies.RCPT_AFTER_BDAT, "RCPT");
    }
    if (client.verdict() instanceof Verdict.Refused(Reply reply, String reason)) {
      mail.refused();
      return Answer.refused(reply, "RCPT", reason);
    }
    var to = Policy.qualified(command.to(), client.settings().hostname());
    var permit = client.permit();
    var limits = client.settings().limits();
    if (mail.recipientCount() >= client.recipientsPerMail()) {
      // RFC 5321 4.5.3.1.10: the client sends the mail to those it has, and again to the rest.
      String limit = permit == null ? "limits.recipients" : permit.recipientsPerMailRule(limits);
      return Answer.refused(Replies.TOO_MANY_RECIPIENTS, "RCPT", mail.firstTooMany() ? limit : "");
    }
    var objection =
        permit == null
            ? null
            : permit
                .recipient(client.known(), to)
                .or(() -> permit.oneMoreRecipient(client.known(), mail.counted()))
                .orElse(null);
    if (objection != null) {
      mail.refused();
      return Answer.refused(objection.reply(), "RCPT", objection.reason());
    }
    int before = mail.recipientCount();
    int mostInAll = limits.incomingRecipients();
    if (!intake.recipients().take(before, mostInAll)) {
      String rule = mail.firstTooMany() ? "limits.incoming-recipients" : "";
      return Answer.refused(Replies.TOO_MANY_RECIPIENTS, "RCPT", rule);
    }
    Rewriter.Change change;
    try {
      change = permit == null ? null : permit.rewritten(Rewriting.Place.RECIPIENT, to).orElse(null);
    } catch (UnavailableException e) {
      intake.recipients().giveBack(before + 1, mail.recipientCount());
      mail.refused();
      return unknown("RCPT", e);
    }
    var visit = mail.visit();
    if (visit != null) {
      var whom = change == null ? to : change.to();
      var refusal = heard("RCPT", () -> visit.rcpt(whom, command));
      if (refusal != null) {
        intake.recipients().giveBack(before + 1, mail.recipientCount());
        mail.refused();
        return refusal;
      }
    }
    if (change == null) {
      mail.add(to, command.notifyOn(), command.orcpt());
    } else {
      mail.add(to, change, command.notifyOn(), command.orcpt());
    }
    intake.recipients().giveBack(before + 1, mail.recipientCount());
    return RECIPIENT_OK;
  }

  /// What an address becomes cannot be known now.
  private static Answer unknown(String stage, UnavailableException why) {
    return Answer.refused(
        PolicyReplies.DIRECTORY_SILENT, stage, "rewrite: " + String.valueOf(why.getMessage()));
  }

  /// Why content cannot come now, or null when it can.
  private @Nullable Answer unready(String stage) {
    var mail = transaction;
    if (mail == null) {
      return sequence(chunkRefused ? Replies.BDAT_AFTER_REFUSAL : Replies.MAIL_FIRST, stage);
    }
    if (mail.recipientCount() == 0) {
      return sequence(mail.refusedAny() ? Replies.NO_RECIPIENTS : Replies.RECIPIENT_FIRST, stage);
    }
    return null;
  }

  Answer data() throws IOException {
    var mail = transaction;
    if (mail != null && mail.binary()) {
      return sequence(Replies.DATA_BINARY, "DATA"); // RFC 3030 3
    }
    if (mail != null && mail.chunks() != null) {
      return sequence(Replies.DATA_AFTER_BDAT, "DATA"); // RFC 3030 2
    }
    var unready = unready("DATA");
    if (mail == null || unready != null) {
      return unready == null ? sequence(Replies.MAIL_FIRST, "DATA") : unready;
    }
    try (Arrival arrival = arrival(mail)) {
      writer.add(Replies.DATA_GO);
      patience.content();
      var mode = client.normalises() ? DataMode.NORMALISE : DataMode.REFUSE;
      var admission =
          switch (reader.readData(mode, arrival)) {
            case DataResult.Complete complete -> {
              patience.examining();
              normalised = complete.normalised();
              if (normalised) {
                device.bareNewlines();
                arrival.decided("bare-newlines = normalise: CR or LF alone became CRLF");
              }
              yield arrival.commit(complete.traits());
            }
            case DataResult.BareNewline _ -> arrival.refuseBareNewline();
            case DataResult.End _ -> throw gone();
          };
      return over(mail, admission);
    }
  }

  Answer bdat(Command.Bdat command) throws IOException {
    var unready = unready("BDAT");
    var mail = transaction;
    if (mail == null || unready != null) {
      patience.content();
      if (!reader.swallow(command.size())) { // RFC 3030 2: also what is refused must be read.
        throw gone();
      }
      return unready == null ? sequence(Replies.MAIL_FIRST, "BDAT") : unready;
    }
    var chunks = mail.chunks();
    if (chunks == null) {
      chunks = mail.begin(arrival(mail), client.normalises());
    }
    patience.content();
    if (!reader.readChunk(command.size(), chunks.sink())) {
      throw gone();
    }
    if (command.last()) {
      patience.examining();
      chunks.finish();
      normalised = chunks.normalised();
      if (normalised) {
        device.bareNewlines();
      }
      return over(mail, chunks.commit());
    }
    var refusal = chunks.refusal();
    if (refusal != null) {
      chunkRefused = true; // What was pipelined behind it is for the same mail.
      return over(mail, refusal);
    }
    return Answer.done(Replies.chunk(command.size()));
  }

  /// Whether CR or LF alone became CRLF in the mail that came last. Said once.
  boolean normalised() {
    boolean said = normalised;
    normalised = false;
    return said;
  }

  private Arrival arrival(Transaction mail) {
    if (client.verdict() instanceof Verdict.Allowed allowed) {
      var submission = mail.submission(session, client, allowed.permit());
      var arrival = intake.begin(submission, mail.visit());
      device.watch(arrival, mail);
      return arrival;
    }
    throw new IllegalStateException("a recipient was accepted from a client that may not relay");
  }

  private Answer over(Transaction mail, Admission admission) {
    patience.working();
    drop();
    device.over(admission);
    return switch (admission) {
      case Admission.Queued(var id) -> {
        queued++;
        var permit = client.permit();
        if (permit != null) {
          permit.taken(client.known(), mail.sender(), mail.recipientCount());
        }
        recipientsQueued += mail.recipientCount();
        yield Answer.done(
            permit != null && mail.lowered(permit)
                ? PolicyReplies.queuedWithPriority(mail.priority(permit), id.toString())
                : Replies.queued(id.toString()));
      }
      case Admission.Refused(Reply reply, String rule) -> Answer.refused(reply, "END", rule);
    };
  }

  private static EOFException gone() {
    return new EOFException("the client went away in the middle of a mail");
  }

  private static Answer sequence(Reply reply, String stage) {
    return Answer.refused(reply, stage, "sequence of commands");
  }

  Answer rset() {
    reset();
    return RESET;
  }

  /// The session goes on as that of another client: XCLIENT.
  void begunAnew() {
    reset();
    device.begunAnew();
  }

  /// Forgets the mail under way: RSET, EHLO, STARTTLS, or the end of the session.
  void reset() {
    chunkRefused = false;
    drop();
  }

  private void drop() {
    client.forwarded(null); // XFORWARD is about one mail.
    if (transaction != null) {
      transaction.close();
      intake.recipients().giveBack(transaction.recipientCount(), 0);
      transaction = null;
      patience.noTransaction();
    }
  }
}
