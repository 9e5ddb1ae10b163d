package dev.poststation.sim.world;

import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/// The mails of a simulated world: each says which one it is and carries a sum of its body, so that
/// whoever gets it sees whether it is whole. Pure functions.
final class Postbox {
  private static final Pattern NUMBER = Pattern.compile("(?m)^X-Mail: (\\d+) (-?\\d+)\r\n");
  private static final Pattern MESSAGE_ID = Pattern.compile("(?im)^Message-ID: *(\\S+)\r\n");
  private static final Pattern FAILED =
      Pattern.compile(
          "(?im)^Final-Recipient: rfc822; *(\\S+)\r\n(?:(?!\r\n\r\n)[\\s\\S])*?^Action: failed");
  private static final Pattern SENDER = Pattern.compile("m(\\d+)@clients\\.example");
  private static final Pattern DIGITS = Pattern.compile("\\d+");
  private static final String BLANK = "\r\n\r\n";

  private Postbox() {}

  /// A mail with this number.
  static String compose(int number, RandomGenerator chance) {
    var body = new StringBuilder();
    int lines =
        switch (chance.nextInt(10)) {
          case 0 -> 2000;
          case 1 -> 0;
          default -> chance.nextInt(20);
        };
    for (int i = 0; i < lines; i++) {
      body.append(chance.nextInt(20) == 0 ? "." : "");
      body.append("line ").append(i).append(" of mail ").append(number);
      body.append(" x".repeat(chance.nextInt(60))).append("\r\n");
    }
    return compose(number, body.toString());
  }

  /// The same with this body.
  static String compose(int number, String body) {
    return "From: <m"
        + number
        + "@clients.example>\r\nDate: Tue, 24 Nov 2026 04:15:00 +0000\r\nMessage-ID: <"
        + number
        + "@clients.example>\r\nX-Mail: "
        + number
        + " "
        + body.hashCode()
        + BLANK
        + body;
  }

  /// The mail that an address is made up for.
  static int number(String address) {
    var digits = DIGITS.matcher(address);
    return digits.find() ? Integer.parseInt(digits.group()) : -1;
  }

  /// Enters what came for a recipient.
  static Ledger.Arrival take(String content, String recipient, String host, Ledger ledger) {
    int end = content.indexOf(BLANK);
    String header = content.substring(0, end < 0 ? content.length() : end + 2);
    String body = end < 0 ? "" : content.substring(end + BLANK.length());
    var number = NUMBER.matcher(header);
    if (number.find()) {
      if (Integer.parseInt(number.group(2)) != body.hashCode()) {
        ledger.broken("mail " + number.group(1) + " arrived changed at " + host);
      }
      return ledger.arrived(Integer.parseInt(number.group(1)), recipient, host);
    }
    return notice(header, body, recipient, host, ledger);
  }

  private static Ledger.Arrival notice(
      String header, String body, String recipient, String host, Ledger ledger) {
    var id = MESSAGE_ID.matcher(header);
    var about = SENDER.matcher(recipient);
    if (!header.contains("multipart/report") || !id.find() || !about.matches()) {
      ledger.broken("something that nobody sent arrived at " + host + ":\r\n" + header);
      return ledger.arrivedNotice("?", recipient, host);
    }
    var failed = FAILED.matcher(body);
    while (failed.find()) {
      ledger.failed(Integer.parseInt(about.group(1)), failed.group(1), id.group(1));
    }
    return ledger.arrivedNotice(id.group(1), recipient, host);
  }
}
