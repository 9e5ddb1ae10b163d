package dev.poststation.spool;

import dev.poststation.message.Priority;
import dev.poststation.message.QueueId;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;

/// How the records of the spool are called. Numbers stand with the highest octet first, so that the
/// order of the keys is the order of time. Pure functions.
///
/// | column family | key | value |
/// |---|---|---|
/// | default | `c` | `Tally`: the counters, and which batch was the last |
/// | | `f` | the format of the spool |
/// | | `n` | the pace of notices, as the last one said |
/// | | `m` id 0 | a mail: envelope, trace headers, recipients if they are few |
/// | | `m` id 1 | its place, unless it is in `incoming` |
/// | | `m` id 2 block | a block of its recipients |
/// | | `m` id 3 recipient | the state of a recipient, unless it is fresh |
/// | | `i` id | index: in `incoming` |
/// | | `d` time id | index: in `deferred`, by the nanosecond it is due |
/// | | `p` destination 0 1 id | index: parked; a 0 in the name is written as 0 2 |
/// | | `h` id | index: in `held` |
/// | | `q` time id | index: in quarantine, by the nanosecond until which it is kept |
/// | | `o` id | how many chunks of a draft were written before its commit |
/// | | `x` id | set aside as corrupt: the reason |
/// | body | id chunk | octets of the content |
/// | trace | id number | entries of a trace |
///
/// The value in an index over a place is the mail's priority, an octet; it is empty where that is 0
/// or not known.
final class Keys {
  static final byte[] TALLY = {'c'};
  static final byte[] FORMAT = {'f'};
  static final byte[] PACE = {'n'};

  static final byte INCOMING = 'i';
  static final byte DEFERRED = 'd';
  static final byte PARKED = 'p';
  static final byte HELD = 'h';
  static final byte QUARANTINED = 'q';
  static final byte OPEN = 'o';
  static final byte CORRUPT = 'x';
  static final byte MAIL = 'm';

  static final int PART_HEAD = 0;
  static final int PART_PLACE = 1;
  static final int PART_BLOCK = 2;
  static final int PART_STATE = 3;

  private static final long NANOS_PER_SECOND = 1_000_000_000;
  private static final Instant LATEST = instant(Long.MAX_VALUE);

  private static final byte[] NOTHING = {};
  private static final int MAIL_KEY = 10;
  private static final int END_OF_NAME = 1;
  private static final int ZERO_IN_NAME = 2;

  private Keys() {}

  /// Of an index over ids: `i`, `h`, `o`, `x`.
  static byte[] index(byte kind, long id) {
    byte[] key = new byte[9];
    key[0] = kind;
    putLong(key, 1, id);
    return key;
  }

  /// Of a part of a mail: head or place.
  static byte[] mail(long id, int part) {
    byte[] key = new byte[MAIL_KEY];
    key[0] = MAIL;
    putLong(key, 1, id);
    key[9] = (byte) part;
    return key;
  }

  /// Of a numbered part of a mail: block or state.
  static byte[] mail(long id, int part, int number) {
    byte[] key = new byte[MAIL_KEY + 4];
    key[0] = MAIL;
    putLong(key, 1, id);
    key[9] = (byte) part;
    putInt(key, 10, number);
    return key;
  }

  /// Of a mail in `deferred`.
  static byte[] deferred(Instant due, long id) {
    return timed(DEFERRED, due, id);
  }

  /// Of an index by time: `d`, `q`.
  static byte[] timed(byte kind, Instant time, long id) {
    byte[] key = new byte[17];
    key[0] = kind;
    putLong(key, 1, nanos(time));
    putLong(key, 9, id);
    return key;
  }

  /// Of a mail that is parked.
  static byte[] parked(String destination, long id) {
    byte[] prefix = parkedPrefix(destination);
    byte[] key = Arrays.copyOf(prefix, prefix.length + 8);
    putLong(key, prefix.length, id);
    return key;
  }

  /// What the keys of all mail parked for a destination begin with.
  static byte[] parkedPrefix(String destination) {
    byte[] name = destination.getBytes(StandardCharsets.UTF_8);
    byte[] prefix = new byte[2 * name.length + 3];
    int at = 0;
    prefix[at++] = PARKED;
    for (byte octet : name) {
      prefix[at++] = octet;
      if (octet == 0) {
        prefix[at++] = ZERO_IN_NAME;
      }
    }
    prefix[at++] = 0;
    prefix[at++] = END_OF_NAME;
    return Arrays.copyOf(prefix, at);
  }

  /// The destination in a key of parked mail.
  static String parkedDestination(byte[] key) {
    byte[] name = new byte[key.length];
    int length = 0;
    for (int at = 1; at < key.length - 8; at++) {
      name[length++] = key[at];
      if (key[at] == 0 && key[++at] == END_OF_NAME) {
        length--;
        break;
      }
    }
    return new String(name, 0, length, StandardCharsets.UTF_8);
  }

  /// Of a placement's entry in its index.
  static byte[] place(Placement placement, long id) {
    return switch (placement) {
      case Placement.Incoming _ -> index(INCOMING, id);
      case Placement.Held _ -> index(HELD, id);
      case Placement.Quarantined(Instant until) -> timed(QUARANTINED, until, id);
      case Placement.Deferred(Instant due) -> deferred(due, id);
      case Placement.Parked(String destination) -> parked(destination, id);
    };
  }

  /// What stands in the index over a place for a mail of this priority.
  static byte[] entry(int priority) {
    return priority == Priority.NORMAL ? NOTHING : new byte[] {(byte) priority};
  }

  /// The priority in an index over a place.
  static int priority(byte[] entry) {
    return entry.length == 0 ? Priority.NORMAL : entry[0];
  }

  /// Of a chunk of a content.
  static byte[] chunk(long id, int number) {
    byte[] key = new byte[12];
    putLong(key, 0, id);
    putInt(key, 8, number);
    return key;
  }

  /// Of entries of a trace.
  static byte[] trace(long id, long number) {
    byte[] key = new byte[16];
    putLong(key, 0, id);
    putLong(key, 8, number);
    return key;
  }

  /// The id at the end of a key of an index.
  static QueueId idAtEnd(byte[] key) {
    return new QueueId(longAt(key, key.length - 8));
  }

  static long longAt(byte[] key, int at) {
    long value = 0;
    for (int i = at; i < at + 8; i++) {
      value = value << 8 | key[i] & 0xFF;
    }
    return value;
  }

  static int intAt(byte[] key, int at) {
    int value = 0;
    for (int i = at; i < at + 4; i++) {
      value = value << 8 | key[i] & 0xFF;
    }
    return value;
  }

  /// The first key behind all that begin with this prefix.
  static byte[] behind(byte[] prefix) {
    byte[] next = prefix.clone();
    int at = next.length - 1;
    while (next[at] == -1) {
      at--;
    }
    next[at]++;
    return Arrays.copyOf(next, at + 1);
  }

  /// Nanoseconds since 1970, from 0 to what a `long` holds (the year 2262).
  static long nanos(Instant instant) {
    if (instant.isBefore(Instant.EPOCH)) {
      return 0;
    }
    return instant.isAfter(LATEST)
        ? Long.MAX_VALUE
        : instant.getEpochSecond() * NANOS_PER_SECOND + instant.getNano();
  }

  static Instant instant(long nanos) {
    return Instant.ofEpochSecond(nanos / NANOS_PER_SECOND, nanos % NANOS_PER_SECOND);
  }

  static void putLong(byte[] key, int at, long value) {
    putInt(key, at, (int) (value >>> 32));
    putInt(key, at + 4, (int) value);
  }

  private static void putInt(byte[] key, int at, int value) {
    key[at] = (byte) (value >>> 24);
    key[at + 1] = (byte) (value >>> 16);
    key[at + 2] = (byte) (value >>> 8);
    key[at + 3] = (byte) value;
  }
}
