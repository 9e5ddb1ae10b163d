package dev.poststation.bounce;

import static java.util.Map.entry;

import dev.poststation.message.Classification;
import dev.poststation.message.Outcome;
import dev.poststation.smtp.Category;
import dev.poststation.smtp.Reply;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What an enhanced status (RFC 3463, and the registry of RFC 5248) means to somebody who never
/// heard of SMTP, and what can be done about it. Pure functions.
final class Reasons {
  /// @param what happened
  /// @param todo what the sender can do
  record Reason(String what, String todo) {}

  private static final String CHECK_ADDRESS =
      "Check the address for typing errors, then send the message again.";
  private static final String OTHER_WAY =
      "Tell the recipient by other means, for example by phone.";
  private static final String ASK_ADMINISTRATOR =
      "Ask your administrator or provider, and show them this message.";
  private static final String LATER = "Try again later.";
  private static final String SMALLER =
      "Send less at a time, or pass large files on in another way.";

  private static final Reason ADMINISTRATOR =
      new Reason("An administrator of this mail system ended its delivery.", ASK_ADMINISTRATOR);

  /// What is said of TLS and of a login before the mail itself comes to words.
  private static final Reason PROTECTION =
      new Reason(
          "The mail system for {domain} cannot be reached as safely as this one was told to.",
          ASK_ADMINISTRATOR);

  private static final Reason SENDER =
      new Reason("Your own address, as the sender, is not accepted there.", ASK_ADMINISTRATOR);

  /// RFC 6531.
  private static final Reason LETTERS =
      new Reason(
          "The address or the header has letters that a mail system on the way cannot handle.",
          "Use another address of the recipient, without such letters, if there is one.");

  /// DKIM, SPF, DMARC, ARC (RFC 7372, RFC 8617).
  private static final Reason NOT_GENUINE =
      new Reason(
          "The mail system for {domain} could not verify that the message really comes from your"
              + " address.",
          ASK_ADMINISTRATOR);

  /// By subject and detail, or by subject alone.
  private static final Map<String, Reason> BY_STATUS =
      Map.ofEntries(
          entry("1", new Reason("The address is not accepted.", CHECK_ADDRESS)),
          entry("1.1", new Reason("There is no mailbox of that name at {domain}.", CHECK_ADDRESS)),
          entry(
              "1.2",
              new Reason(
                  "No mail system for {domain} can be found: the name behind the @ is probably"
                      + " wrong.",
                  CHECK_ADDRESS)),
          entry("1.3", new Reason("The address is not a valid one.", CHECK_ADDRESS)),
          entry("1.4", new Reason("The address stands for more than one mailbox.", CHECK_ADDRESS)),
          entry("1.6", new Reason("The mailbox has moved and left no new address.", OTHER_WAY)),
          entry("1.7", SENDER),
          entry("1.8", SENDER),
          entry("1.10", new Reason("{domain} takes no mail at all.", CHECK_ADDRESS)),
          entry("2", new Reason("The mailbox does not take the message.", OTHER_WAY)),
          entry(
              "2.1", new Reason("The mailbox is closed, or takes no mail at present.", OTHER_WAY)),
          entry("2.2", new Reason("The mailbox is full.", OTHER_WAY)),
          entry("2.3", new Reason("The message is too large for that mailbox.", SMALLER)),
          entry("2.4", new Reason("The mailing list cannot be reached.", ASK_ADMINISTRATOR)),
          entry("3", new Reason("The mail system for {domain} has a problem.", LATER)),
          entry("3.1", new Reason("The mail system for {domain} has no room left.", LATER)),
          entry("3.2", new Reason("The mail system for {domain} takes no mail at present.", LATER)),
          entry(
              "3.3",
              new Reason(
                  "The mail system for {domain} cannot do what was asked for with the message.",
                  "Send it again without a time by which it has to be delivered.")),
          entry("3.4", new Reason("The message is too large for the mail system there.", SMALLER)),
          entry(
              "3.5",
              new Reason("A mail system on the way is not set up right.", ASK_ADMINISTRATOR)),
          entry("4", new Reason("The mail system for {domain} cannot be reached.", LATER)),
          entry("4.1", new Reason("The mail system for {domain} does not answer.", LATER)),
          entry("4.2", new Reason("The connection to the mail system for {domain} broke.", LATER)),
          entry(
              "4.3",
              new Reason(
                  "The directory of the Internet (DNS) gives no answer about {domain}.", LATER)),
          entry(
              "4.4",
              new Reason("There is no way to the mail system for {domain}.", ASK_ADMINISTRATOR)),
          entry("4.5", new Reason("The mail system for {domain} is overloaded.", LATER)),
          entry("4.6", new Reason("The message went round in circles.", ASK_ADMINISTRATOR)),
          entry("4.7", new Reason("It could not be delivered in time.", OTHER_WAY)),
          entry(
              "5",
              new Reason("The two mail systems did not understand each other.", ASK_ADMINISTRATOR)),
          entry(
              "5.3",
              new Reason("The message has too many recipients.", "Send it to fewer at a time.")),
          entry(
              "6",
              new Reason(
                  "The mail system there does not take messages of this kind.", ASK_ADMINISTRATOR)),
          entry("6.7", LETTERS),
          entry("6.9", LETTERS),
          entry(
              "7",
              new Reason(
                  "The mail system for {domain} refuses the message by its rules.",
                  ASK_ADMINISTRATOR)),
          entry(
              "7.1",
              new Reason(
                  "The mail system for {domain} refuses the message: by its rules you may not send"
                      + " it there, or it looks unwanted.",
                  ASK_ADMINISTRATOR)),
          entry(
              "7.2",
              new Reason("You may not write to that mailing list.", "Ask those who run the list.")),
          entry("7.13", new Reason("The mailbox is closed.", OTHER_WAY)),
          entry("7.17", new Reason("The mailbox has a new owner.", OTHER_WAY)),
          entry("7.20", NOT_GENUINE),
          entry("7.21", NOT_GENUINE),
          entry("7.22", NOT_GENUINE),
          entry("7.23", NOT_GENUINE),
          entry("7.24", NOT_GENUINE),
          entry(
              "7.25",
              new Reason(
                  "The mail system for {domain} does not trust the mail system that brought the"
                      + " message.",
                  ASK_ADMINISTRATOR)),
          entry("7.26", NOT_GENUINE),
          entry("7.27", SENDER),
          entry("7.29", NOT_GENUINE));

  /// Where the status says nothing, the words of the reply may.
  private static final Map<Category, Reason> BY_CATEGORY =
      Map.of(
          Category.INVALID_RECIPIENT,
          status("1.1"),
          Category.INACTIVE_MAILBOX,
          status("2.1"),
          Category.MAILBOX_FULL,
          status("2.2"),
          Category.TOO_LARGE,
          status("3.4"),
          Category.AUTHENTICATION,
          NOT_GENUINE,
          Category.SPAM_BLOCK,
          status("7.25"),
          Category.SPAM_CONTENT,
          new Reason(
              "The mail system for {domain} takes the message for unwanted mail (spam).",
              ASK_ADMINISTRATOR),
          Category.VIRUS,
          new Reason(
              "The mail system for {domain} says that the message carries a virus.",
              ASK_ADMINISTRATOR),
          Category.RELAY_DENIED,
          new Reason(
              "The mail system for {domain} takes no mail for that address from here.",
              ASK_ADMINISTRATOR),
          Category.RATE_LIMIT,
          new Reason("The mail system for {domain} takes only so much at a time.", LATER));

  private static Reason status(String subjectAndDetail) {
    return Objects.requireNonNull(BY_STATUS.get(subjectAndDetail));
  }

  /// Where the status says nothing, the reply code does (RFC 5321 4.2.3).
  private static final Map<Integer, Reason> BY_CODE =
      Map.of(
          550,
              new Reason(
                  "The mail system for {domain} takes no mail for that address.", CHECK_ADDRESS),
          551, new Reason("The mailbox is somewhere else.", CHECK_ADDRESS),
          552, new Reason("The mailbox is full, or the message too large.", SMALLER),
          553, new Reason("The address is not accepted.", CHECK_ADDRESS),
          554, new Reason("The mail system for {domain} refuses the message.", ASK_ADMINISTRATOR),
          450, new Reason("The mailbox cannot be reached at present.", LATER),
          452, new Reason("The mail system for {domain} has no room left.", LATER),
          421, new Reason("The mail system for {domain} takes no mail at present.", LATER));

  private static final Reason PERMANENT = new Reason("The message was refused.", ASK_ADMINISTRATOR);
  private static final Reason TRANSIENT =
      new Reason("The mail system for {domain} does not take the message at present.", LATER);

  private Reasons() {}

  /// In plain words.
  static Reason of(Outcome outcome, String domain) {
    var reason = reason(outcome);
    return new Reason(reason.what.replace("{domain}", domain), reason.todo);
  }

  /// Whether an administrator had it returned.
  static boolean byAdministrator(Outcome outcome) {
    return reason(outcome).equals(ADMINISTRATOR);
  }

  private static Reason reason(Outcome outcome) {
    var reply =
        switch (outcome) {
          case Outcome.Delivered delivered -> delivered.reply();
          case Outcome.Deferred deferred -> deferred.reply();
          case Outcome.Held _, Outcome.Discarded _ -> null;
          case Outcome.Bounced bounced -> bounced.reply();
        };
    var status = outcome.status();
    if (status.subject() == 7 && reply == null) {
      return status.klass() == 5 && status.detail() == 0 ? ADMINISTRATOR : PROTECTION;
    }
    var told = reply == null ? null : byCategory(outcome, reply);
    if (told != null) {
      return told;
    }
    var reason = BY_STATUS.get(status.subject() + "." + status.detail());
    if (reason == null) {
      reason = BY_STATUS.get(Integer.toString(status.subject()));
    }
    return reason != null ? reason : byCode(reply, status.klass());
  }

  private static @Nullable Reason byCategory(Outcome outcome, Reply reply) {
    var given = reply.status();
    boolean vague =
        given == null || given.detail() == 0 || (given.subject() == 7 && given.detail() == 1);
    return vague ? Classification.said(outcome).map(BY_CATEGORY::get).orElse(null) : null;
  }

  private static Reason byCode(@Nullable Reply reply, int klass) {
    var reason = reply == null ? null : BY_CODE.get(reply.code());
    if (reason != null) {
      return reason;
    }
    return klass == 5 ? PERMANENT : TRANSIENT;
  }
}
