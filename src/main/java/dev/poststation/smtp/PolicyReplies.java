package dev.poststation.smtp;

import java.util.ArrayList;
import java.util.List;

/// The replies that entries of `clients` are a reason for; a part of the catalogue in [Replies].
/// Constants and pure functions, safe for any thread.
public final class PolicyReplies {
  static final List<Replies.Entry> CATALOGUE = new ArrayList<>();
  private static final EnhancedStatus TOO_MUCH = new EnhancedStatus(4, 7, 1);

  private PolicyReplies() {}

  private static Reply reply(String when, String codes, String text) {
    int code = Integer.parseInt(codes, 0, 3, 10);
    return listed(when, Reply.of(code, codes.substring(4), text));
  }

  private static Reply listed(String when, Reply reply) {
    CATALOGUE.add(new Replies.Entry(when, reply));
    return reply;
  }

  /// RFC 5321 3.6.2, 7.9, RFC 3463 X.7.1.
  public static final Reply SENDER_NOT_ALLOWED =
      reply(
          "the client may not send as this sender", "550 5.7.1", "You may not send as this sender");

  /// RFC 5321 4.2.3: what is temporarily unknown is no reason to refuse for good.
  public static final Reply OWN_UNKNOWN =
      reply(
          "own addresses decide, and the directory of the users does not answer",
          "451 4.3.0",
          "It is not known now which addresses are yours: please try again later");

  /// RFC 3463 X.7.1.
  public static Reply rateExceeded(String things, String rate, String wait) {
    return Reply.of(
        450, "4.7.1", "Too many " + things + ": " + rate + " are allowed, try again in " + wait);
  }

  /// RFC 3463 X.7.1.
  public static Reply outbreak(String until) {
    return Reply.of(451, "4.7.1", "Your mail looks like an outbreak: none is taken until " + until);
  }

  /// Whether one that a client gets before DATA is for how much it sends: [#rateExceeded] or
  /// [#outbreak].
  public static boolean isForTooMuch(Reply reply) {
    return TOO_MUCH.equals(reply.status());
  }

  /// RFC 3463 X.1.1.
  ///
  /// @param why a category of bounces
  /// @param since a day
  /// @param end `until` a day, or until what
  public static Reply suppressed(String why, String since, String end) {
    return Reply.of(
        550,
        "5.1.1",
        "This recipient was refused on "
            + since
            + " ("
            + why
            + ") and is not tried "
            + end
            + "; the administrator of this relay can lift that: poststation suppress remove");
  }

  /// RFC 3463 X.1.1: nobody has refused it, the administrator does not want it tried.
  ///
  /// @param since a day
  /// @param end `until` a day, or until what
  public static Reply suppressedByHand(String since, String end) {
    return Reply.of(
        550,
        "5.1.1",
        "The administrator of this relay has had this recipient not tried since "
            + since
            + ", "
            + end
            + ": poststation suppress remove lifts that");
  }

  /// RFC 4865 4: an interval beyond what was announced.
  public static Reply heldTooLong(String most) {
    return Reply.of(501, "5.5.4", "A mail is held for " + most + " at most");
  }

  /// RFC 2852 4: with R, less than was announced.
  public static Reply tooSoon(long seconds) {
    return Reply.of(555, "5.5.4", "BY with R must say " + seconds + " seconds at least");
  }

  /// RFC 6710 7: the first word is the priority that the mail has now.
  public static Reply queuedWithPriority(int priority, String queueId) {
    return Reply.of(
        250, "2.3.6", priority + " is the new priority of the mail: queued as " + queueId);
  }

  /// RFC 2852, RFC 4865: one contradicts the other.
  public static final Reply DELIVERED_BEFORE_SENT =
      reply(
          "BY names a time before that of HOLDFOR or HOLDUNTIL",
          "501 5.5.4",
          "The mail would have to be delivered before it may be sent");

  static {
    listed("BY says less than `min-deliver-by` with R", tooSoon(30));
    listed(
        "the mail is safely on disk, with a lower priority than MT-PRIORITY asked for",
        queuedWithPriority(3, "3XyZk2b7Qw"));
    listed("HOLDFOR or HOLDUNTIL is beyond `future-release`", heldTooLong("7 days"));
    listed(
        "mail of the client looks like an outbreak, and outbreak = throttle",
        outbreak("2026-01-01T12:00:00Z"));
    listed(
        "the recipient is on the suppression list",
        suppressed("invalid-recipient", "2026-01-01", "until 2026-01-31"));
    listed(
        "an administrator has put the recipient on the suppression list",
        suppressedByHand("2026-01-01", "until it is lifted"));
    listed("a rate of the client's entry is reached", rateExceeded("mails", "60/hour", "48 s"));
    listed(
        "sender-rate of the client's entry is reached",
        rateExceeded("mails of this sender", "60/hour", "48 s"));
  }

  /// RFC 5321 4.2.3: whether an entry of `clients` names the client is not known now.
  public static final Reply RELAY_UNKNOWN =
      reply(
          "a rule in clients goes by names, and the DNS does not answer",
          "450 4.7.1",
          "It is not known now whether you may relay: please try again later");

  /// RFC 5321 4.2.3: in its hours the client may relay, so that it shall come back.
  public static final Reply OUTSIDE_HOURS =
      reply(
          "but for its hours, an entry of clients would let the client relay",
          "450 4.7.1",
          "You may relay at other hours only: please try again then");

  /// RFC 3207 4.
  public static final Reply CLIENT_IN_CLEAR =
      reply(
          "but for tls = required, an entry of clients would let the client relay",
          "530 5.7.0",
          "You may relay in an encrypted session only: use STARTTLS where it is offered");

  /// RFC 5321 3.8, RFC 3463 X.7.0.
  ///
  /// @param offence what its last connection did: a clause
  public static Reply paused(String offence) {
    return Reply.of(421, "4.7.0", "Your last connection " + offence + ": please try again later");
  }

  static {
    listed(
        "limits.stranger-pause is not over for an address that no rule in clients names",
        paused("made too many errors"));
  }

  /// RFC 5321 3.6.2, RFC 3463 X.7.1.
  public static final Reply BEHIND_GATEWAY =
      reply(
          "only networks with the gateway of a container would let the client in, without naming"
              + " it",
          "554 5.7.1",
          "Relaying is not allowed: a gateway hides the address you come from");

  /// RFC 5321 3.1, in the place of the greeting.
  public static final Reply TURNED_AWAY =
      reply(
          "no rule in clients can come to match the client, and refuse-strangers = before-greeting",
          "554 5.7.1",
          "Relaying denied: this server serves its own clients only");

  /// RFC 5321 3.1: what is said to it until it goes.
  public static final Reply NOT_GREETED =
      reply(
          "a command of a client that was not greeted", "503 5.5.1", "You were refused: say QUIT");

  /// RFC 5321 3.6.2, RFC 3463 X.7.1.
  public static final Reply RECIPIENT_NOT_ALLOWED =
      reply(
          "the client may not send to this recipient",
          "550 5.7.1",
          "You may not send to this recipient");

  /// RFC 5321 3.6.2: a mailbox that is not there.
  public static final Reply SRS_FORGED =
      reply(
          "the recipient looks like a sender that srs has rewritten, and is none, or none any more",
          "550 5.1.1",
          "This is no sender that was rewritten here, or it was too long ago");

  /// RFC 5321 4.2.3.
  public static final Reply DIRECTORY_SILENT =
      reply(
          "an address is to be rewritten, and the directory that has to be asked does not say how",
          "451 4.3.0",
          "An address cannot be looked up now: please try again later");

  /// RFC 5321 4.2.3.
  public static final Reply SRS_UNKNOWN =
      reply(
          "the recipient is a sender that srs has rewritten, and no secret can be read",
          "451 4.3.5",
          "It is not known now whose address this is: please try again later");

  /// RFC 3463 X.7.1.
  public static final Reply AUTHOR_NOT_ALLOWED =
      reply(
          "the client may not send with this From field",
          "550 5.7.1",
          "You may not send with the address that stands in the From field");

  /// RFC 3463 X.7.1.
  public static final Reply TENANT_NOT_ALLOWED =
      reply(
          "the client is a server of a provider, and the mail is not of our tenant there",
          "550 5.7.1",
          "This mail is not of the tenant that may send here");

  /// RFC 3463 X.4.6.
  public static final Reply EXCHANGE_LOOP =
      reply(
          "a mail between servers of Exchange comes from the same side again",
          "554 5.4.6",
          "This mail came from the same servers before: each side believes that the other has the"
              + " mailbox");

  /// RFC 4954 6.
  public static final Reply STEP_UP =
      reply(
          "the client is not the device that it was, and profile = step-up",
          "530 5.7.0",
          "Authentication required: you are not as you always were");
}
