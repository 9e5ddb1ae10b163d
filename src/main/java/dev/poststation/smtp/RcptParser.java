package dev.poststation.smtp;

import dev.poststation.smtp.AddressParser.Path;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Parses RCPT (RFC 5321 4.1.1.3) with its parameters: NOTIFY and ORCPT (RFC 3461, 6533). One
/// object for each command.
final class RcptParser {
  private static final int ORCPT_MAX = 500; // RFC 3461 4.2

  private final CommandParser.Options options;
  private @Nullable Reply problem;
  private Set<DsnNotify> notifyOn = Set.of();
  private @Nullable String orcpt;

  private RcptParser(CommandParser.Options options) {
    this.options = options;
  }

  /// Parses what stands behind the verb.
  static Command parse(byte[] octets, int from, int to, CommandParser.Options options) {
    if (!Octets.startsWith(octets, from, to, "TO:")) {
      return CommandParser.invalid("RCPT", Replies.RCPT_SYNTAX);
    }
    int colon = from + "TO:".length();
    int begin = Octets.afterSpaces(octets, colon, to);
    if (begin == to) {
      return CommandParser.invalid("RCPT", Replies.RCPT_SYNTAX);
    }
    if (begin > colon && !options.straySpace()) {
      return CommandParser.invalid("RCPT", Replies.RECIPIENT_SPACE);
    }
    Path path = AddressParser.path(octets, begin, to, true);
    Reply problem =
        switch (path.finding()) {
          case NO_BRACKET -> Replies.RECIPIENT_BRACKETS;
          case MALFORMED -> Replies.RECIPIENT_SYNTAX;
          case TOO_LONG -> Replies.RECIPIENT_TOO_LONG;
          case PATH -> null;
        };
    if (problem == null && path.end() < to && octets[path.end()] != ' ') {
      problem = Replies.RECIPIENT_SYNTAX;
    }
    if (problem == null
        && !options.smtputf8Session()
        && Octets.eightBit(octets, begin, path.end())) {
      problem = Replies.RECIPIENT_INTERNATIONAL;
    }
    if (problem != null) {
      return CommandParser.invalid("RCPT", problem);
    }
    var parameters = new ParameterReader(octets, path.end(), to);
    return new RcptParser(options).finish(path.address(), parameters);
  }

  private Command finish(Address to, ParameterReader parameters) {
    while (problem == null && parameters.next()) {
      take(parameters);
    }
    return problem == null
        ? new Command.Rcpt(to, notifyOn, orcpt)
        : CommandParser.invalid("RCPT", problem);
  }

  private void take(ParameterReader parameter) {
    if (!parameter.wellFormed()) {
      problem = Replies.PARAMETER_SYNTAX;
    } else if (parameter.is("NOTIFY")) {
      if (!notifyOn.isEmpty()) {
        problem = Replies.PARAMETER_TWICE;
        return;
      }
      notifyOn = notifyOn(parameter.value());
      if (notifyOn.isEmpty()) {
        problem = Replies.parameterValue("NOTIFY");
      }
    } else if (parameter.is("ORCPT")) {
      if (orcpt != null) {
        problem = Replies.PARAMETER_TWICE;
        return;
      }
      String value = parameter.value();
      orcpt = value;
      if (!isOrcpt(value)) {
        problem = Replies.parameterValue("ORCPT");
      }
    } else {
      problem = Replies.PARAMETER_UNKNOWN;
    }
  }

  /// RFC 3461 4.1: NEVER, or a list of the others. Empty if it is neither.
  private static Set<DsnNotify> notifyOn(String value) {
    if (value.equalsIgnoreCase("NEVER")) {
      return EnumSet.of(DsnNotify.NEVER);
    }
    Set<DsnNotify> found = EnumSet.noneOf(DsnNotify.class);
    for (int from = 0; from <= value.length(); ) {
      int comma = value.indexOf(',', from);
      String word = value.substring(from, comma < 0 ? value.length() : comma);
      if (word.equalsIgnoreCase("SUCCESS")) {
        found.add(DsnNotify.SUCCESS);
      } else if (word.equalsIgnoreCase("FAILURE")) {
        found.add(DsnNotify.FAILURE);
      } else if (word.equalsIgnoreCase("DELAY")) {
        found.add(DsnNotify.DELAY);
      } else {
        return Set.of();
      }
      from = comma < 0 ? value.length() + 1 : comma + 1;
    }
    return found;
  }

  /// RFC 3461 4.2: addr-type ";" xtext; RFC 6533 3 for the type utf-8.
  private boolean isOrcpt(String value) {
    int semicolon = value.indexOf(';');
    if (semicolon < 1 || value.length() > ORCPT_MAX) {
      return false;
    }
    for (int i = 0; i < semicolon; i++) {
      char c = value.charAt(i);
      if (c > 127 || !PathSyntax.isAtext((byte) c)) {
        return false;
      }
    }
    String address = value.substring(semicolon + 1);
    if (!value.substring(0, semicolon).equalsIgnoreCase("utf-8")) {
      return Xtext.isXtext(address);
    }
    // RFC 6533 3: characters above 127 as they are only where SMTPUTF8 allows them.
    return (options.smtputf8Session() || address.chars().allMatch(c -> c < 128))
        && Xtext.decodeUtf8Address(address).isPresent();
  }
}
