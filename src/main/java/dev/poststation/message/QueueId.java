package dev.poststation.message;

import java.time.Instant;
import java.util.Optional;

/// The name of a mail in our queue: a number that grows with time, written as 13 letters and
/// digits. Unique within a spool, for ever.
///
/// @param value positive; milliseconds since 1970 in the upper bits, a running number in the lower
///   20
public record QueueId(long value) implements Comparable<QueueId> {
  /// Letters that cannot be mistaken for digits or make words (as Crockford's base 32).
  private static final String DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

  private static final int LENGTH = 13;
  private static final int SEQUENCE_BITS = 20;

  /// Below every queue id.
  public static final QueueId FIRST = new QueueId(0);

  public QueueId {
    if (value < 0) {
      throw new IllegalArgumentException("negative queue id");
    }
  }

  /// Parses what `toString` wrote, in either case; empty when it is no queue id.
  public static Optional<QueueId> parse(String text) {
    if (text.length() != LENGTH) {
      return Optional.empty();
    }
    long value = 0;
    for (int i = 0; i < LENGTH; i++) {
      int digit = DIGITS.indexOf(Character.toUpperCase(text.charAt(i)));
      if (digit < 0 || (i == 0 && digit > 7)) {
        return Optional.empty();
      }
      value = value << 5 | digit;
    }
    return Optional.of(new QueueId(value));
  }

  /// When it was given out, to the millisecond.
  public Instant time() {
    return Instant.ofEpochMilli(value >>> SEQUENCE_BITS);
  }

  /// The first id of a millisecond.
  public static QueueId at(Instant time) {
    return new QueueId(Math.max(0, time.toEpochMilli()) << SEQUENCE_BITS);
  }

  @Override
  public int compareTo(QueueId other) {
    return Long.compare(value, other.value);
  }

  @Override
  public String toString() {
    char[] text = new char[LENGTH];
    long rest = value;
    for (int i = LENGTH - 1; i >= 0; i--) {
      text[i] = DIGITS.charAt((int) (rest & 31));
      rest >>>= 5;
    }
    return new String(text);
  }
}
