package dev.poststation.smtp;

import dev.poststation.smtp.AddressParser.Path;
import org.jspecify.annotations.Nullable;

/// Parses MAIL (RFC 5321 4.1.1.2) with its parameters: SIZE (RFC 1870), BODY (RFC 6152, 3030),
/// SMTPUTF8 (RFC 6531), RET and ENVID (RFC 3461), AUTH (RFC 4954), HOLDFOR and HOLDUNTIL (RFC
/// 4865), MT-PRIORITY (RFC 6710), REQUIRETLS (RFC 8689), BY (RFC 2852). One object for each
/// command.
final class MailParser {
  private static final int ENVID_MAX = 100; // RFC 3461 4.4

  private @Nullable Reply problem;
  private int seen;
  private long size = -1;
  private BodyType body = BodyType.SEVEN_BIT;
  private boolean smtputf8;
  private @Nullable DsnReturn ret;
  private @Nullable String envid;
  private @Nullable FutureRelease release;
  private int priority;
  private boolean requireTls;
  private @Nullable DeliverBy deliverBy;

  private MailParser() {}

  /// Parses what stands behind the verb.
  static Command parse(byte[] octets, int from, int to, CommandParser.Options options) {
    if (!Octets.startsWith(octets, from, to, "FROM:")) {
      return CommandParser.invalid("MAIL", Replies.MAIL_SYNTAX);
    }
    int colon = from + "FROM:".length();
    int begin = Octets.afterSpaces(octets, colon, to);
    if (begin == to) {
      return CommandParser.invalid("MAIL", Replies.MAIL_SYNTAX);
    }
    boolean stray = begin > colon;
    if (stray && !options.straySpace()) {
      return CommandParser.invalid("MAIL", Replies.SENDER_SPACE);
    }
    Path path = AddressParser.path(octets, begin, to, false);
    Reply problem =
        switch (path.finding()) {
          case NO_BRACKET -> Replies.SENDER_BRACKETS;
          case MALFORMED -> Replies.SENDER_SYNTAX;
          case TOO_LONG -> Replies.SENDER_TOO_LONG;
          case PATH -> null;
        };
    if (problem == null && path.end() < to && octets[path.end()] != ' ') {
      problem = Replies.SENDER_SYNTAX;
    }
    if (problem != null) {
      return CommandParser.invalid("MAIL", problem);
    }
    boolean international = Octets.eightBit(octets, begin, path.end());
    var parameters = new ParameterReader(octets, path.end(), to);
    return new MailParser().finish(path.address(), international, stray, parameters);
  }

  private Command finish(
      Address from, boolean international, boolean stray, ParameterReader parameters) {
    while (problem == null && parameters.next()) {
      take(parameters);
    }
    if (problem == null && international && !smtputf8) {
      problem = Replies.SENDER_INTERNATIONAL;
    }
    return problem == null
        ? new Command.Mail(
            from, size, body, smtputf8, ret, envid, release, priority, requireTls, deliverBy, stray)
        : CommandParser.invalid("MAIL", problem);
  }

  private void take(ParameterReader parameter) {
    if (!parameter.wellFormed()) {
      problem = Replies.PARAMETER_SYNTAX;
    } else if (parameter.is("SIZE")) {
      once(1);
      size = parameter.number();
      check("SIZE", size >= 0);
    } else if (parameter.is("BODY")) {
      once(2);
      takeBody(parameter);
    } else if (parameter.is("SMTPUTF8")) {
      once(4);
      smtputf8 = true;
      check("SMTPUTF8", !parameter.hasValue());
    } else if (parameter.is("RET")) {
      once(8);
      boolean full = parameter.valueIs("FULL");
      ret = full ? DsnReturn.FULL : DsnReturn.HDRS;
      check("RET", full || parameter.valueIs("HDRS"));
    } else if (parameter.is("ENVID")) {
      once(16);
      String value = parameter.value();
      envid = value;
      check("ENVID", parameter.hasValue() && value.length() <= ENVID_MAX && Xtext.isXtext(value));
    } else if (parameter.is("AUTH")) {
      // RFC 4954 5: whoever does not trust the client behaves as if it were AUTH=<>.
      once(32);
      String value = parameter.value();
      check("AUTH", parameter.hasValue() && (value.equals("<>") || Xtext.isXtext(value)));
    } else if (parameter.is("HOLDFOR")) {
      once(64); // RFC 4865 3: one of them.
      release = FutureRelease.interval(parameter.value()).orElse(null);
      check("HOLDFOR", release != null);
    } else if (parameter.is("HOLDUNTIL")) {
      once(64);
      release = FutureRelease.until(parameter.value()).orElse(null);
      check("HOLDUNTIL", release != null);
    } else if (parameter.is("MT-PRIORITY")) {
      once(128);
      String value = parameter.value();
      boolean valid = value.matches("0|-?[1-9]");
      priority = valid ? Integer.parseInt(value) : 0;
      check("MT-PRIORITY", valid);
    } else if (parameter.is("REQUIRETLS")) {
      once(256);
      requireTls = true;
      check("REQUIRETLS", !parameter.hasValue());
    } else if (parameter.is("BY")) {
      once(512);
      deliverBy = DeliverBy.parse(parameter.value()).orElse(null);
      check("BY", deliverBy != null);
    } else {
      problem = Replies.PARAMETER_UNKNOWN;
    }
  }

  private void takeBody(ParameterReader parameter) {
    for (BodyType type : BodyType.VALUES) {
      if (parameter.valueIs(type.keyword())) {
        body = type;
        return;
      }
    }
    check("BODY", false);
  }

  private void once(int bit) {
    if ((seen & bit) != 0) {
      problem = Replies.PARAMETER_TWICE;
    }
    seen |= bit;
  }

  private void check(String keyword, boolean valid) {
    if (!valid && problem == null) {
      problem = Replies.parameterValue(keyword);
    }
  }
}
