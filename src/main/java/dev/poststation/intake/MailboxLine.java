package dev.poststation.intake;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;

/// Makes a field of the line `From …` that a mailbox file puts on top of a mail. Behind our own
/// fields it is no part of a header any more: all that follows it would be text to the next program
/// that reads the mail, and to services here. Confined to the session's thread.
final class MailboxLine {
  /// As it is known from Postfix.
  private static final byte[] FIELD = "X-Mailbox-Line: ".getBytes(US_ASCII);

  private static final byte[] FROM = "from ".getBytes(US_ASCII);

  /// Octets that are looked at. With so much white space it is none: it may yet be a field.
  private static final int LOOK_MAX = 64;

  private final ByteArrayOutputStream held = new ByteArrayOutputStream(FROM.length);
  private boolean found;

  /// Takes the octets with which a content begins, until it is known whether it is one.
  ///
  /// @return how many of them; less than all of them when it is known
  int take(byte[] octets, int offset, int length) {
    int at = offset;
    while (at < offset + length && goesOn(octets[at])) {
      held.write(octets[at]);
      at++;
    }
    if (at < offset + length && held.size() >= FROM.length) {
      found = octets[at] != ':' && held.size() < LOOK_MAX;
    }
    return at - offset;
  }

  private boolean goesOn(byte octet) {
    int count = held.size();
    if (count < FROM.length) {
      return (octet >= 'A' && octet <= 'Z' ? octet + 32 : octet) == FROM[count];
    }
    // White space behind the name of a field is obsolete but legal (RFC 5322 4.5.1).
    return count < LOOK_MAX && (octet == ' ' || octet == '\t');
  }

  /// What was taken, with the name of the field in front where it is one.
  byte[] taken() {
    var all = new ByteArrayOutputStream(FIELD.length + held.size());
    all.write(FIELD, 0, growth());
    all.writeBytes(held.toByteArray());
    return all.toByteArray();
  }

  /// Whether it is one.
  boolean found() {
    return found;
  }

  /// Octets that it makes the mail longer.
  int growth() {
    return found ? FIELD.length : 0;
  }
}
