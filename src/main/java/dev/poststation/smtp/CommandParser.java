package dev.poststation.smtp;

/// Parses command lines (RFC 5321 4.1.1) with the parameters of all extensions that we offer. Safe
/// for any thread.
public final class CommandParser {
  private static final int NAME_MAX = 255; // RFC 5321 4.5.3.1.2
  private static final int VERB_MAX = 32;

  private CommandParser() {}

  /// What the syntax depends on.
  ///
  /// @param straySpace whether `MAIL FROM: <…>` with a space after the colon is understood
  /// @param smtputf8Session whether the mail under way was declared SMTPUTF8, so that RCPT may be
  ///   international
  public record Options(boolean straySpace, boolean smtputf8Session) {}

  /// Parses a line without its CRLF.
  public static Command parse(byte[] octets, int offset, int length, Options options) {
    // RFC 5321 4.1.1: white space at the end is to be tolerated.
    int to = offset + length;
    while (to > offset && (octets[to - 1] == ' ' || octets[to - 1] == '\t')) {
      to--;
    }
    int verbEnd = Octets.nextSpace(octets, offset, to);
    int at = Octets.afterSpaces(octets, verbEnd, to);
    String verb = verb(octets, offset, verbEnd);
    if (verb.isEmpty() && Octets.startsWith(octets, offset, to, "BDAT")) {
      return invalid("BDAT", Replies.BDAT_SYNTAX); // A tab behind the verb: octets may follow.
    }
    int seen = 0;
    for (int i = offset; i < to; i++) {
      byte octet = octets[i];
      if ((octet >= 0 && octet < ' ') || octet == 127) {
        return invalid(verb, Replies.LINE_CONTROL);
      }
      seen |= octet;
    }
    if (seen < 0) {
      String text = Octets.text(octets, offset, to);
      if (text.indexOf('\uFFFD') >= 0) {
        return invalid(verb, Replies.LINE_NOT_UTF8);
      }
      if (!AddressParser.isPrintable(text)) {
        return invalid(verb, Replies.LINE_CONTROL);
      }
    }
    return switch (verb) {
      case "MAIL" -> MailParser.parse(octets, at, to, options);
      case "RCPT" -> RcptParser.parse(octets, at, to, options);
      case "BDAT" -> bdat(octets, at, to);
      case "EHLO", "HELO" -> hello(verb, octets, at, to);
      case "DATA" -> alone(verb, new Command.Data(), at == to);
      case "RSET" -> alone(verb, new Command.Rset(), at == to);
      case "QUIT" -> alone(verb, new Command.Quit(), at == to);
      case "STARTTLS" -> alone(verb, new Command.StartTls(), at == to);
      case "NOOP" -> new Command.Noop();
      case "HELP" -> new Command.Help();
      case "VRFY", "EXPN" -> query(verb, octets, at, to);
      case "AUTH" -> auth(octets, at, to);
      case "XCLIENT", "XFORWARD" -> ForwardedParser.parse(verb, octets, at, to);
      default ->
          new Command.Unknown(Octets.text(octets, offset, Math.min(verbEnd, offset + VERB_MAX)));
    };
  }

  /// A command with a wrong argument.
  static Command invalid(String verb, Reply reply) {
    // RFC 3030 2: the octets of the chunk follow, but how many?
    return new Command.Invalid(verb, reply, verb.equals("BDAT"));
  }

  /// The verb in upper case, as the constant; empty if we do not know it.
  private static String verb(byte[] octets, int from, int to) {
    for (String verb : Command.VERBS) {
      if (Octets.is(octets, from, to, verb)) {
        return verb;
      }
    }
    return "";
  }

  private static Command alone(String verb, Command command, boolean withoutArgument) {
    return withoutArgument ? command : invalid(verb, Replies.ARGUMENT_UNWANTED);
  }

  /// Many devices have a name that is no domain; RFC 5321 4.1.4 forbids to refuse mail only because
  /// of the name.
  private static Command hello(String verb, byte[] octets, int from, int to) {
    if (from == to || to - from > NAME_MAX || Octets.eightBit(octets, from, to)) {
      return invalid(verb, Replies.HELLO_SYNTAX);
    }
    return new Command.Hello(verb.equals("EHLO"), Octets.text(octets, from, to));
  }

  /// bdat-cmd = "BDAT" SP chunk-size [ SP end-marker ] (RFC 3030 2).
  private static Command bdat(byte[] octets, int from, int to) {
    int sizeEnd = Octets.nextSpace(octets, from, to);
    int marker = Octets.afterSpaces(octets, sizeEnd, to);
    long size = Octets.number(octets, from, sizeEnd);
    boolean last = Octets.is(octets, marker, to, "LAST");
    if (size < 0 || size == Long.MAX_VALUE || (!last && marker < to)) {
      return invalid("BDAT", Replies.BDAT_SYNTAX);
    }
    return new Command.Bdat(size, last);
  }

  private static Command query(String verb, byte[] octets, int from, int to) {
    // RFC 6531 3.7.4.2: SMTPUTF8 at the end is a parameter; it matters to replies that show a
    // mailbox, as ours never do.
    int end = to;
    int word = to - "SMTPUTF8".length();
    if (word > from && octets[word - 1] == ' ' && Octets.is(octets, word, to, "SMTPUTF8")) {
      end = word - 1;
    }
    if (from >= end) {
      return invalid(verb, Replies.ARGUMENT_MISSING);
    }
    String argument = Octets.text(octets, from, end);
    return verb.equals("VRFY") ? new Command.Vrfy(argument) : new Command.Expn(argument);
  }

  private static Command auth(byte[] octets, int from, int to) {
    if (from == to) {
      return invalid("AUTH", Replies.ARGUMENT_MISSING);
    }
    int end = Octets.nextSpace(octets, from, to);
    int initial = Octets.afterSpaces(octets, end, to);
    return new Command.Auth(
        Octets.text(octets, from, end), initial == to ? null : Octets.text(octets, initial, to));
  }
}
