package dev.poststation.profile;

import java.util.Locale;

/// A kind of fact by which a device is known. The weight says how much a value that the device
/// never had counts, as long as it always had the same.
public enum Trait {
  /// Its hardware address, where it is on the link.
  HARDWARE("hardware address", 50),
  /// What it says in EHLO or HELO.
  HELLO("EHLO name", 25),
  /// Which of the two.
  GREETING("first command", 12),
  /// The verbs before its first mail.
  OPENING("order of commands", 10),
  /// Capital letters in its verbs.
  SPELLING("spelling of commands", 15),
  /// The class of the time from the banner to EHLO.
  TIMING("time until EHLO", 5, Scale.STEPS),
  /// How its TLS client speaks, or that there is none.
  TLS("TLS fingerprint", 25),
  /// By which mechanism it logs in, or that it does not.
  AUTH("login", 15),
  /// What it says behind MAIL.
  PARAMETERS("parameters of MAIL", 12),
  /// Who stands in MAIL FROM.
  SENDER("sender", 12, Scale.CIRCUMSTANCE),

  /// Whether it waits for replies.
  PIPELINING("pipelining", 8),
  /// How its lines end.
  LINE_ENDS("line ends", 12),
  /// X-Mailer or User-Agent.
  MAILER("mailer", 25),
  /// How its Message-IDs look.
  MESSAGE_ID("form of Message-ID", 15),
  /// How its dates look.
  DATE("form of Date", 12),
  /// How it writes days before the tenth.
  DAY("form of the day in Date", 8),
  /// The type of its mails.
  CONTENT_TYPE("Content-Type", 6),
  /// How its MIME boundaries look.
  BOUNDARY("form of MIME boundaries", 15),
  /// Names of header fields, spelled and ordered.
  ORDER("header fields", 20),
  /// Domains that it sends to.
  DOMAINS("recipient domains", 12, Scale.CIRCUMSTANCE),
  /// The class of the number of recipients.
  RECIPIENTS("number of recipients", 6, Scale.STEPS_OF_CIRCUMSTANCE),
  /// The hour of the day, in UTC.
  HOUR("hour of the day", 6, Scale.ROUND),
  /// The class of the size.
  SIZE("size", 6, Scale.STEPS_OF_CIRCUMSTANCE),
  /// The class of the number of mails in an hour.
  VOLUME("mails in an hour", 12, Scale.STEPS_OF_CIRCUMSTANCE);

  /// How values are compared.
  private enum Scale {
    /// Each for itself.
    WORDS,
    /// Classes in a row: the next one is no surprise.
    STEPS,
    /// The same of what changes with the people who use the device.
    STEPS_OF_CIRCUMSTANCE,
    /// Words of what changes with the people who use the device.
    CIRCUMSTANCE,
    /// Hours: two more or less are no surprise, over midnight, too.
    ROUND
  }

  private static final int HOURS = 24;

  private final String words;
  private final int weight;
  private final Scale scale;

  Trait(String words, int weight) {
    this(words, weight, Scale.WORDS);
  }

  Trait(String words, int weight, Scale scale) {
    this.words = words;
    this.weight = weight;
    this.scale = scale;
  }

  /// The key in files and in the API: `message-id`.
  public String key() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /// What people call it.
  public String words() {
    return words;
  }

  int weight() {
    return weight;
  }

  /// Whether it depends on the people who use the device, more than on the device: such traits
  /// alone never make a device another one.
  boolean circumstance() {
    return scale == Scale.CIRCUMSTANCE
        || scale == Scale.STEPS_OF_CIRCUMSTANCE
        || scale == Scale.ROUND;
  }

  /// How many values of it are remembered.
  int most() {
    return scale == Scale.ROUND ? HOURS : scale == Scale.CIRCUMSTANCE ? 16 : 6;
  }

  private boolean numbers() {
    return scale == Scale.STEPS || scale == Scale.STEPS_OF_CIRCUMSTANCE || scale == Scale.ROUND;
  }

  /// Whether one who knows a value is not surprised by the other.
  boolean near(String known, String value) {
    if (!numbers()) {
      return known.equals(value);
    }
    int distance = Math.abs(number(known) - number(value));
    return scale == Scale.ROUND ? Math.min(distance, HOURS - distance) <= 2 : distance <= 1;
  }

  private static int number(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException _) {
      return -100; // Of a file that was changed by hand.
    }
  }

  /// A value in plain words.
  public String shown(String value) {
    return switch (this) {
      case TIMING -> Classes.TIMING.shown(number(value));
      case RECIPIENTS, VOLUME -> Classes.COUNT.shown(number(value));
      case SIZE -> Classes.SIZE.shown(number(value));
      case HOUR -> value + " h UTC";
      default -> value;
    };
  }
}
