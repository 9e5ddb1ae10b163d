package dev.poststation.smtp;

import java.util.ArrayList;
import java.util.List;

/// The replies that the content of a mail is a reason for; a part of the catalogue in [Replies].
/// Constants, safe for any thread.
public final class ContentReplies {
  static final List<Replies.Entry> CATALOGUE = new ArrayList<>();

  private ContentReplies() {}

  private static Reply reply(String when, String codes, String text) {
    int code = Integer.parseInt(codes, 0, 3, 10);
    var reply = Reply.of(code, codes.substring(4), text);
    CATALOGUE.add(new Replies.Entry(when, reply));
    return reply;
  }

  /// RFC 3463 X.7.1.
  public static final Reply MALWARE =
      reply("a scanner found malware", "550 5.7.1", "This mail has malware in it: it is not taken");

  /// RFC 3463 X.7.1. Where the service has words of its own, they stand here.
  public static final Reply SPAM =
      reply("a service takes it for spam", "554 5.7.1", "This mail is taken for spam");

  /// RFC 3463 X.7.1. Where the service has words of its own, they stand here.
  public static final Reply SPAM_LATER =
      reply(
          "a service that judges mail has the client come back",
          "451 4.7.1",
          "Not now: please try again later");

  /// RFC 6647 2.
  public static final Reply GREYLISTED =
      reply(
          "rspamd gives the hint, and on-greylist = defer",
          "451 4.7.1",
          "Greylisted: please try again in five minutes");

  /// RFC 3463 X.3.4.
  public static final Reply TOO_LARGE_TO_EXAMINE =
      reply(
          "the mail is larger than a scanner takes, and too-large = reject",
          "552 5.3.4",
          "This mail is too large to be looked at");

  /// RFC 3463 X.7.1.
  public static final Reply ATTACHMENT =
      reply(
          "a file that is not wanted, and on-found = reject",
          "550 5.7.1",
          "This mail has a file in it that is not taken here");

  /// RFC 3463 X.6.0.
  public static final Reply TOO_COMPLEX =
      reply(
          "the mail goes beyond limits.mime, or has an archive that cannot be read, and too-complex"
              + " or unreadable = reject",
          "554 5.6.0",
          "This mail has more parts than are looked at");

  /// RFC 3463 X.3.0: a fault of ours.
  public static final Reply NOT_EXAMINED_NOW =
      reply(
          "a service of content fails, and on-error = defer",
          "451 4.3.0",
          "This mail cannot be looked at now: please try again later");

  /// RFC 3463 X.3.0.
  public static final Reply NOT_EXAMINED =
      reply(
          "a service of content fails, and on-error = reject",
          "554 5.3.0",
          "This mail cannot be looked at, and is not taken without");

  /// RFC 3463 X.7.1.
  public static final Reply MILTER_REFUSES =
      reply(
          "a milter refuses, and does not say how",
          "550 5.7.1",
          "A filter of this relay refuses this");

  /// RFC 3463 X.7.1.
  public static final Reply MILTER_DEFERS =
      reply(
          "a milter refuses for now, and does not say how",
          "451 4.7.1",
          "A filter of this relay refuses this for now: please try again later");

  /// RFC 5321 3.8: before the connection is closed.
  public static final Reply MILTER_CLOSES =
      reply(
          "a milter wants the connection to be closed",
          "421 4.7.0",
          "A filter of this relay closes this connection: please try again later");

  /// RFC 3463 X.7.5: a key that is necessary is not known, or must not be used.
  ///
  /// @param why a clause
  public static Reply cannotSign(String why) {
    return Reply.of(550, "5.7.5", "This mail must be signed, and " + ascii(why));
  }

  static {
    CATALOGUE.add(
        new Replies.Entry(
            "`smime-sign` or `openpgp-sign` must sign, and cannot, or must not",
            cannotSign("there is no valid key of anna@example.com")));
  }

  /// RFC 3463 X.7.5.
  ///
  /// @param recipients without a certificate
  public static Reply noCertificate(String recipients) {
    return Reply.of(
        550,
        "5.7.5",
        "This mail must be encrypted, and there is no valid certificate of " + ascii(recipients));
  }

  static {
    CATALOGUE.add(
        new Replies.Entry(
            "`smime-encrypt` must encrypt, and somebody has no certificate",
            noCertificate("bert@there.example")));
  }

  /// RFC 3463 X.7.5.
  ///
  /// @param recipients without a key
  public static Reply noKey(String recipients) {
    return Reply.of(
        550,
        "5.7.5",
        "This mail must be encrypted, and there is no valid key of " + ascii(recipients));
  }

  static {
    CATALOGUE.add(
        new Replies.Entry(
            "`openpgp-encrypt` must encrypt, and somebody has no key",
            noKey("bert@there.example")));
  }

  /// RFC 3463 X.7.7.
  public static final Reply BROKEN_SIGNATURE =
      reply(
          "`smime-verify` or `openpgp-verify` finds a broken signature, and on-broken = reject",
          "550 5.7.7",
          "The signature of this mail is broken: it was changed on its way");

  /// RFC 3463 X.3.4.
  public static final Reply TOO_LARGE_TO_ENCRYPT =
      reply(
          "`smime-encrypt` or `openpgp-encrypt` must encrypt, and the mail is larger than a"
              + " sixteenth of the heap",
          "552 5.3.4",
          "This mail must be encrypted, and is too large for that");

  private static String ascii(String text) {
    String shown = text.length() > 100 ? text.substring(0, 100) : text;
    return shown.replaceAll("[^ -~]", "?");
  }
}
