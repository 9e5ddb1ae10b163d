package dev.poststation.smtp;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// Parses XCLIENT and XFORWARD as Postfix documents them (XCLIENT_README, XFORWARD_README): `NAME=`
/// xtext, divided by spaces. Pure functions.
final class ForwardedParser {
  private static final int VALUE_MAX = 255;

  private ForwardedParser() {}

  /// Parses what stands behind the verb.
  static Command parse(String verb, byte[] octets, int from, int to) {
    Map<Command.Attribute, String> said = new EnumMap<>(Command.Attribute.class);
    for (int at = from; at < to; ) {
      int end = Octets.nextSpace(octets, at, to);
      String word = Octets.text(octets, at, end);
      int equals = word.indexOf('=');
      var attribute = attribute(verb, word.substring(0, Math.max(equals, 0)));
      var value = value(word.substring(equals + 1));
      if (attribute.isEmpty() || value.isEmpty()) {
        return CommandParser.invalid(verb, ForwardReplies.SYNTAX);
      }
      said.put(attribute.get(), value.get());
      at = Octets.afterSpaces(octets, end, to);
    }
    return said.isEmpty()
        ? CommandParser.invalid(verb, ForwardReplies.SYNTAX)
        : new Command.Forwarded(verb.equals("XCLIENT"), Collections.unmodifiableMap(said));
  }

  private static Optional<Command.Attribute> attribute(String verb, String name) {
    var known = verb.equals("XCLIENT") ? Command.XCLIENT : Command.XFORWARD;
    String wanted = name.toUpperCase(Locale.ROOT);
    return known.stream().filter(each -> each.name().equals(wanted)).findFirst();
  }

  /// Empty text: the other end does not know it.
  private static Optional<String> value(String xtext) {
    if (xtext.equalsIgnoreCase("[UNAVAILABLE]") || xtext.equalsIgnoreCase("[TEMPUNAVAIL]")) {
      return Optional.of("");
    }
    return Xtext.decode(xtext).filter(text -> !text.isBlank() && text.length() <= VALUE_MAX);
  }
}
