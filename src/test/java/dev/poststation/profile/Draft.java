package dev.poststation.profile;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A mail of a simulated device before it is observed: raw facts, as the server would see them.
final class Draft {
  final Instant when;
  final Random dice;
  String hello = "device";
  boolean extended = true;
  String opening = "EHLO MAIL";
  String spelling = "EHLO MAIL";
  long untilHello = 20;
  @Nullable String hardware;
  @Nullable String tls;
  @Nullable String login;
  String parameters = "";
  String sender = "device@example.com";
  List<String> names = List.of("From", "To", "Subject", "Date");
  String mailer = "";
  String date;
  String messageId = "";
  String type = "";
  boolean pipelining;
  boolean bare;
  Set<String> domains = Set.of("example.com");
  int recipients = 1;
  long octets = 1500;

  Draft(Instant when, Random dice) {
    this.when = when;
    this.dice = dice;
    this.date = date("EEE, d MMM yyyy HH:mm:ss Z", "+01:00");
  }

  String date(String pattern, String zone) {
    return DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH)
        .format(when.atOffset(ZoneOffset.of(zone)));
  }

  String hex(int length) {
    return letters("0123456789abcdef", length);
  }

  String letters(String alphabet, int length) {
    var text = new StringBuilder();
    for (int i = 0; i < length; i++) {
      text.append(alphabet.charAt(dice.nextInt(alphabet.length())));
    }
    return text.toString();
  }

  String uuid() {
    return hex(8) + "-" + hex(4) + "-" + hex(4) + "-" + hex(4) + "-" + hex(12);
  }

  String digits(int length) {
    return letters("0123456789", length);
  }

  String stamp() {
    return date("yyyyMMddHHmmss", "+00:00");
  }

  /// About so much: four fifths to six fifths.
  long about(long value) {
    return (long) (value * (0.8 + 0.4 * dice.nextDouble()));
  }

  /// Anything between, small ones more often.
  long between(long least, long most) {
    return (long) (least * Math.pow((double) most / least, dice.nextDouble()));
  }

  boolean chance(double probability) {
    return dice.nextDouble() < probability;
  }

  String one(String... of) {
    return of[dice.nextInt(of.length)];
  }

  Observation observed() {
    var session =
        new SessionFacts(
            hello,
            extended,
            opening,
            spelling,
            Duration.ofMillis(untilHello),
            hardware,
            tls,
            login,
            parameters,
            sender);
    return Observation.of(when, session)
        .and(
            new HeaderFacts(names, mailer, date, messageId, type),
            new ContentFacts(pipelining, bare, domains, recipients, octets));
  }
}
