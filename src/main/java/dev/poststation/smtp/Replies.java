package dev.poststation.smtp;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// All replies that we give as a server, in the order of a session, but for those to AUTH, which
/// are in [AuthReplies]. Constants and pure functions, safe for any thread.
///
/// Texts say what is wrong and what helps in words for whoever reads them in a log or on the
/// display of a printer; what concerns only us (which disk, which rule) is in our log. Our own
/// faults are 4yz. Enhanced status: RFC 3463, 5248; greeting, HELO, EHLO and 354 carry none (RFC
/// 2034 4).
public final class Replies {
  private static final List<Entry> CATALOGUE = new ArrayList<>();

  private Replies() {}

  /// A reply and the occasion for it; the reply of a factory is an example.
  public record Entry(String when, Reply reply) {}

  /// The whole catalogue, for the documentation.
  public static List<Entry> all() {
    return Stream.of(
            CATALOGUE,
            PolicyReplies.CATALOGUE,
            ContentReplies.CATALOGUE,
            AuthReplies.all(),
            ForwardReplies.ALL)
        .flatMap(List::stream)
        .toList();
  }

  /// Makes an entry; `codes` are reply code and enhanced status, such as `250 2.1.0`.
  private static Reply reply(String when, String codes, String text) {
    int code = Integer.parseInt(codes, 0, 3, 10);
    return listed(when, Reply.of(code, codes.substring(4), text));
  }

  private static Reply listed(String when, Reply reply) {
    CATALOGUE.add(new Entry(when, reply));
    return reply;
  }

  // Connect and say hello.

  /// RFC 5321 4.3.1.
  public static Reply greeting(String ownName) {
    return Reply.plain(220, ownName + " ESMTP Poststation");
  }

  /// RFC 5321 4.1.1.1.
  public static Reply hello(String ownName) {
    return Reply.plain(250, ownName);
  }

  /// RFC 5321 4.1.1.1: a line for the name, then one for each extension.
  public static Reply ehlo(String ownName, List<String> extensions) {
    var lines = new ArrayList<String>(extensions.size() + 1);
    lines.add(ownName);
    lines.addAll(extensions);
    return new Reply(250, null, lines);
  }

  static {
    listed("a connection is accepted", greeting("relay.example.com"));
  }

  /// RFC 5321 3.1, 4.3.1: a client must wait for the greeting.
  public static final Reply EARLY_TALK =
      reply(
          "the client spoke before the greeting",
          "554 5.5.1",
          "You spoke before the greeting: goodbye");

  /// RFC 5321 3.8, RFC 3463 X.7.0.
  public static final Reply TOO_MANY_SESSIONS_OF_CLIENT =
      reply(
          "limits.sessions-per-client is reached",
          "421 4.7.0",
          "Too many connections from your address: please try again later");

  /// RFC 5321 3.8, RFC 3463 X.3.2.
  public static final Reply BUSY =
      reply(
          "limits.sessions or limits.stranger-sessions is reached",
          "421 4.3.2",
          "Too many connections just now: please try again later");

  static {
    listed("HELO", hello("relay.example.com"));
    listed(
        "EHLO",
        ehlo("relay.example.com", List.of("PIPELINING", "SIZE 52428800", "ENHANCEDSTATUSCODES")));
  }

  /// RFC 5321 4.1.1.1.
  public static final Reply HELLO_SYNTAX =
      reply(
          "EHLO or HELO without a usable name", "501 5.5.4", "Syntax: EHLO name-of-your-computer");

  /// RFC 5321 4.1.4.
  public static final Reply HELLO_FIRST =
      reply("MAIL before EHLO or HELO", "503 5.5.1", "Say EHLO first");

  // TLS.

  /// RFC 3207 4.
  public static final Reply START_TLS = reply("STARTTLS", "220 2.0.0", "Ready to start TLS");

  /// RFC 3207 4.
  public static final Reply TLS_UNAVAILABLE =
      reply(
          "STARTTLS, but the certificate cannot be used",
          "454 4.7.0",
          "TLS is not available at the moment");

  /// RFC 3207 4.2.
  public static final Reply TLS_ALREADY =
      reply("STARTTLS in an encrypted session", "503 5.5.1", "The connection is encrypted already");

  /// RFC 5321 4.2.4.
  public static final Reply TLS_NOT_OFFERED =
      reply(
          "STARTTLS where the listener has tls = off", "502 5.5.1", "STARTTLS is not offered here");

  /// RFC 3207 4, 6: octets after STARTTLS were sent in clear and may be somebody else's.
  public static final Reply TLS_INJECTION =
      reply(
          "octets behind STARTTLS",
          "501 5.5.1",
          "Nothing may follow STARTTLS before TLS has begun");

  /// RFC 3207 4.
  public static final Reply TLS_REQUIRED =
      reply(
          "MAIL in clear where the listener has tls = required",
          "530 5.7.0",
          "Must issue a STARTTLS command first");

  // MAIL.

  /// RFC 5321 4.1.1.2.
  public static final Reply SENDER_OK = reply("MAIL", "250 2.1.0", "Sender ok");

  /// RFC 5321 4.1.4.
  public static final Reply MAIL_TWICE =
      reply("MAIL within a mail", "503 5.5.1", "A mail is under way already: send RSET to drop it");

  /// RFC 5321 4.1.1.2.
  public static final Reply MAIL_SYNTAX =
      reply("MAIL without FROM", "501 5.5.4", "Syntax: MAIL FROM:<address>");

  /// RFC 5321 4.1.2.
  public static final Reply SENDER_BRACKETS =
      reply(
          "MAIL without angle brackets",
          "501 5.1.7",
          "The sender's address must stand in <>: MAIL FROM:<address>");

  /// RFC 5321 3.3: no space after the colon.
  public static final Reply SENDER_SPACE =
      reply(
          "MAIL with a space after the colon",
          "501 5.1.7",
          "No space may stand before the address: MAIL FROM:<address>");

  /// RFC 5321 4.1.2.
  public static final Reply SENDER_SYNTAX =
      reply(
          "MAIL with a malformed address",
          "501 5.1.7",
          "The sender's address is not a valid address");

  /// RFC 5321 4.5.3.1.1 to 4.5.3.1.3.
  public static final Reply SENDER_TOO_LONG =
      reply(
          "MAIL with an address that is too long", "501 5.1.7", "The sender's address is too long");

  /// RFC 6531 3.5.
  public static final Reply SENDER_INTERNATIONAL =
      reply(
          "MAIL with an international address, without SMTPUTF8",
          "550 5.6.7",
          "The sender's address has non-ASCII characters: declare SMTPUTF8");

  /// RFC 7505 4.2.
  public static final Reply SENDER_NULL_MX =
      reply(
          "the sender's domain accepts no mail (null MX)",
          "550 5.7.27",
          "The sender's domain says that it accepts no mail: nobody could answer or be notified");

  /// RFC 5321 3.8, RFC 9422 4.1.
  public static final Reply TOO_MANY_MAILS =
      reply(
          "limits.mails-per-session is reached",
          "421 4.7.0",
          "Enough mails for one connection: please connect again");

  // Parameters of MAIL and RCPT.

  /// RFC 5321 4.1.1.11.
  public static final Reply PARAMETER_UNKNOWN =
      reply(
          "a parameter that we do not offer",
          "555 5.5.4",
          "A parameter of this command is not known here");

  /// RFC 5321 4.1.2.
  public static final Reply PARAMETER_SYNTAX =
      reply("a malformed parameter", "501 5.5.4", "A parameter of this command is malformed");

  /// RFC 3461 4.1 and others: each at most once.
  public static final Reply PARAMETER_TWICE =
      reply("a parameter that comes twice", "501 5.5.4", "A parameter of this command comes twice");

  /// RFC 5321 4.2.2, and the RFC of the parameter.
  public static Reply parameterValue(String keyword) {
    return Reply.of(501, "5.5.4", "The value of " + keyword + " is not valid");
  }

  static {
    listed("a bad value of a parameter", parameterValue("SIZE"));
  }

  // RCPT.

  /// RFC 5321 4.1.1.3.
  public static final Reply RECIPIENT_OK = reply("RCPT", "250 2.1.5", "Recipient ok");

  /// RFC 5321 4.1.4.
  public static final Reply MAIL_FIRST =
      reply("RCPT, DATA or BDAT before MAIL", "503 5.5.1", "Send MAIL FROM:<address> first");

  /// RFC 5321 4.1.1.3.
  public static final Reply RCPT_SYNTAX =
      reply("RCPT without TO", "501 5.5.4", "Syntax: RCPT TO:<address>");

  /// RFC 5321 4.1.2.
  public static final Reply RECIPIENT_BRACKETS =
      reply(
          "RCPT without angle brackets",
          "501 5.1.3",
          "The recipient's address must stand in <>: RCPT TO:<address>");

  /// RFC 5321 3.3: no space after the colon.
  public static final Reply RECIPIENT_SPACE =
      reply(
          "RCPT with a space after the colon",
          "501 5.1.3",
          "No space may stand before the address: RCPT TO:<address>");

  /// RFC 5321 4.1.2.
  public static final Reply RECIPIENT_SYNTAX =
      reply(
          "RCPT with a malformed address",
          "501 5.1.3",
          "The recipient's address is not a valid address");

  /// RFC 5321 4.5.3.1.1 to 4.5.3.1.3.
  public static final Reply RECIPIENT_TOO_LONG =
      reply(
          "RCPT with an address that is too long",
          "501 5.1.3",
          "The recipient's address is too long");

  /// RFC 6531 3.5.
  public static final Reply RECIPIENT_INTERNATIONAL =
      reply(
          "RCPT with an international address in a mail without SMTPUTF8",
          "553 5.6.7",
          "The recipient's address has non-ASCII characters: declare SMTPUTF8 with MAIL");

  /// RFC 5321 3.6.2, 7.9: who may relay is closed by default.
  public static final Reply RELAY_DENIED =
      reply(
          "no rule in clients lets this client relay",
          "554 5.7.1",
          "Relaying is not allowed for your address");

  /// RFC 5321 4.5.3.1.10.
  public static final Reply TOO_MANY_RECIPIENTS =
      reply(
          "limits.recipients is reached",
          "452 4.5.3",
          "Too many recipients: send the mail to those accepted, then again to the others");

  // DATA and BDAT.

  /// RFC 5321 4.1.1.4.
  public static final Reply DATA_GO =
      listed("DATA", Reply.plain(354, "Send the mail, then a line with a single dot"));

  /// RFC 5321 4.1.1.4.
  public static final Reply RECIPIENT_FIRST =
      reply("DATA or BDAT before RCPT", "503 5.5.1", "Send RCPT TO:<address> first");

  /// RFC 5321 3.3.
  public static final Reply NO_RECIPIENTS =
      reply(
          "DATA or BDAT after all recipients were refused",
          "554 5.5.1",
          "No recipient was accepted");

  /// RFC 3030 3.
  public static final Reply DATA_BINARY =
      reply(
          "DATA after BODY=BINARYMIME",
          "503 5.5.1",
          "A mail declared BINARYMIME must be sent with BDAT");

  /// RFC 3030 2.
  public static final Reply DATA_AFTER_BDAT =
      reply(
          "DATA after BDAT in one mail",
          "503 5.5.1",
          "A mail begun with BDAT cannot go on with DATA");

  /// RFC 3030 2: a mail's recipients come before its first chunk.
  public static final Reply RCPT_AFTER_BDAT =
      reply("RCPT after BDAT in one mail", "503 5.5.1", "Recipients come before the content");

  /// RFC 3030 2.
  public static Reply chunk(long size) {
    return Reply.of(250, "2.0.0", size + " octets received");
  }

  static {
    listed("BDAT, more to come", chunk(65536));
  }

  /// RFC 3030 2: how many octets follow is unknown, so the session ends.
  public static final Reply BDAT_SYNTAX =
      reply(
          "BDAT with a bad size",
          "501 5.5.4",
          "Syntax: BDAT size [LAST]. How much follows is not clear: goodbye");

  /// RFC 3030 2: after a refused chunk only RSET helps.
  public static final Reply BDAT_AFTER_REFUSAL =
      reply(
          "BDAT after a refused BDAT",
          "503 5.5.1",
          "An earlier part of this mail was refused: send RSET");

  /// RFC 5321 4.1.1.4, RFC 3463 X.0.0.
  public static Reply queued(String queueId) {
    return Reply.of(250, "2.0.0", "Ok: queued as " + queueId);
  }

  static {
    listed("the mail is safely on disk", queued("3XyZk2b7Qw"));
  }

  /// RFC 1870 6, RFC 3463 X.3.4.
  public static final Reply TOO_BIG =
      reply("limits.message-size is exceeded", "552 5.3.4", "The mail is too big");

  /// RFC 3463 X.6.0.
  public static final Reply HEADER_TOO_BIG =
      reply("limits.header-size is exceeded", "554 5.6.0", "The header of the mail is too big");

  /// RFC 5321 6.3, RFC 3463 X.4.6.
  public static final Reply LOOP =
      reply(
          "limits.hops is exceeded, or the mail was here before",
          "554 5.4.6",
          "The mail goes round in circles");

  /// RFC 5321 2.3.8.
  public static final Reply BARE_NEWLINE =
      reply(
          "bare CR or LF in DATA",
          "550 5.6.11",
          "The lines of the mail must end with CRLF: it has a CR or LF alone");

  /// RFC 1870 6, RFC 3463 X.3.1.
  public static final Reply NO_SPACE =
      reply(
          "the disk is nearly full",
          "452 4.3.1",
          "No room for mail at the moment: please try again later");

  /// RFC 5321 4.2.3, RFC 3463 X.3.0.
  public static final Reply NOT_STORED =
      reply(
          "the mail could not be stored",
          "451 4.3.0",
          "The mail could not be stored: please try again later");

  // Other commands.

  /// RFC 5321 4.1.1.5.
  public static final Reply RESET = reply("RSET", "250 2.0.0", "Ok");

  /// RFC 5321 4.1.1.9.
  public static final Reply NOOP = reply("NOOP", "250 2.0.0", "Ok: nothing done");

  /// RFC 5321 4.1.1.8.
  public static final Reply HELP =
      reply("HELP", "214 2.0.0", "Commands are in RFC 5321; for help ask your postmaster");

  /// RFC 5321 3.5.3, 7.3.
  public static final Reply VRFY =
      reply("VRFY", "252 2.5.2", "Addresses are not verified here: send the mail and see");

  /// RFC 5321 3.5.3, 7.3.
  public static final Reply EXPN = reply("EXPN", "502 5.5.1", "Lists are not shown here");

  /// RFC 5321 4.1.1.6, 4.1.1.7.
  public static final Reply ARGUMENT_MISSING =
      reply("VRFY, EXPN or AUTH without argument", "501 5.5.4", "An argument is missing");

  /// RFC 5321 4.1.1: commands without argument.
  public static final Reply ARGUMENT_UNWANTED =
      reply(
          "an argument for DATA, RSET, QUIT or STARTTLS",
          "501 5.5.4",
          "This command takes no argument");

  /// RFC 5321 4.1.1.10.
  public static final Reply GOODBYE = reply("QUIT", "221 2.0.0", "Goodbye");

  // Lines that are no commands.

  /// RFC 5321 4.2.4.
  public static final Reply UNKNOWN_COMMAND =
      reply("a command that we do not know", "500 5.5.1", "This command is not known here");

  /// RFC 5321 4.5.3.1.4, 4.5.3.1.9.
  public static final Reply LINE_TOO_LONG =
      reply("limits.command-line is exceeded", "500 5.5.2", "The line is too long");

  /// RFC 5321 2.3.8: an old device, or commands smuggled through somebody who lets them pass; the
  /// session ends.
  public static final Reply LINE_BARE_NEWLINE =
      reply(
          "a command with a bare CR or LF",
          "521 5.5.2",
          "Lines must end with CRLF, this one has a CR or LF alone: goodbye");

  /// RFC 5321 4.1.2.
  public static final Reply LINE_CONTROL =
      reply("a control character in a command", "501 5.5.2", "The line has a control character");

  /// RFC 6531 3.3.
  public static final Reply LINE_NOT_UTF8 =
      reply(
          "octets above 127 that are no UTF-8",
          "501 5.5.2",
          "The line has characters that are neither ASCII nor UTF-8");

  /// RFC 5321 3.8: somebody makes a browser talk to us.
  public static final Reply NOT_SMTP =
      reply("an HTTP request", "421 4.7.0", "This is a mail server: goodbye");

  // The session ends.

  /// RFC 5321 3.8, RFC 3463 X.3.2.
  public static final Reply SHUTTING_DOWN =
      reply(
          "the relay is shutting down",
          "421 4.3.2",
          "The server is shutting down: please try again later");

  /// RFC 5321 3.8, 4.5.3.2.7, RFC 3463 X.4.2.
  public static final Reply TIMED_OUT =
      reply(
          "limits.command-timeout or limits.data-timeout has passed",
          "421 4.4.2",
          "You were silent for too long");

  /// RFC 5321 3.8, RFC 3463 X.4.2.
  public static final Reply TRANSACTION_TOO_SLOW =
      reply("limits.transaction-time has passed", "421 4.4.2", "The mail took too long");

  /// RFC 5321 3.8, RFC 3463 X.4.2.
  public static final Reply SESSION_TOO_LONG =
      reply(
          "limits.session-time has passed",
          "421 4.4.2",
          "The connection lasted too long: please connect again");

  /// RFC 5321 3.8, RFC 3463 X.7.0.
  public static final Reply TOO_MANY_ERRORS =
      reply("limits.errors is reached", "421 4.7.0", "Too many errors: goodbye");

  /// RFC 5321 3.8, RFC 3463 X.7.0.
  public static final Reply TOO_MANY_IDLE_COMMANDS =
      reply(
          "limits.idle-commands is reached",
          "421 4.7.0",
          "Too many commands without a mail: goodbye");

  /// RFC 5321 3.8, RFC 3463 X.3.0.
  public static final Reply INTERNAL_ERROR =
      reply("a fault of ours", "421 4.3.0", "Something went wrong here: please try again later");
}
