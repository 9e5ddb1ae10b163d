package dev.poststation.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.smtp.Command.Invalid;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/// Short forms for the tests of the parser.
final class Parsing {
  static final CommandParser.Options PLAIN = new CommandParser.Options(false, false);
  static final CommandParser.Options UTF8 = new CommandParser.Options(false, true);
  static final CommandParser.Options STRAY = new CommandParser.Options(true, false);
  static final Address A_AT_B = new Address("a", "b");

  private Parsing() {}

  static Command.Mail mail(Address from) {
    return new Command.Mail(from, -1, BodyType.SEVEN_BIT, false, null, null, false);
  }

  static Invalid invalid(String verb, Reply reply) {
    return new Invalid(verb, reply, false);
  }

  static void assertInvalid(String line, Reply reply) {
    String verb = line.contains(" ") ? line.substring(0, line.indexOf(' ')) : line;
    assertThat(parse(line)).isEqualTo(invalid(verb.toUpperCase(Locale.ROOT), reply));
  }

  static Command parse(String line) {
    return parse(line, PLAIN);
  }

  static Command parse(String line, CommandParser.Options options) {
    byte[] octets = line.getBytes(StandardCharsets.UTF_8);
    return CommandParser.parse(octets, 0, octets.length, options);
  }

  static Command parseOctets(String line) {
    byte[] octets = line.getBytes(StandardCharsets.ISO_8859_1);
    return CommandParser.parse(octets, 0, octets.length, PLAIN);
  }
}
