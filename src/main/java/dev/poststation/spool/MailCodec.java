package dev.poststation.spool;

import dev.poststation.message.Envelope;
import dev.poststation.message.Mail;
import dev.poststation.message.Priority;
import dev.poststation.message.QueueId;
import dev.poststation.message.Recipient;
import dev.poststation.message.RecipientState;
import dev.poststation.message.Schedule;
import dev.poststation.message.Standstill;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.BodyType;
import dev.poststation.smtp.DsnNotify;
import dev.poststation.smtp.DsnReturn;
import dev.poststation.smtp.TlsWish;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// How a mail is written into records. The first octet of each record is its version; what an enum
/// constant is called in a record is said here, so that reordering an enum changes nothing. Pure
/// functions.
///
/// There is no checksum in the records: the engine has one over each record of its log, each block
/// of its tables and each blob.
final class MailCodec {
  /// Recipients up to this many stand in the mail's own record.
  static final int INLINE = 50;

  /// Otherwise they stand in blocks of this many.
  static final int BLOCK = 100;

  private static final int VERSION = 1;

  /// Of a mail's own record: the first had no user. Those after it have [Wishes].
  private static final int USER_VERSION = 2;

  /// Of the state of a recipient: the first had no schedule.
  private static final int STATE_VERSION = 2;

  /// Of the state of one whose clock stood still.
  private static final int PAUSED_STATE_VERSION = 3;

  private static final int UTF8 = 1;
  private static final int EIGHT_BIT = 1 << 1;
  private static final int DOT_LINES = 1 << 2;
  private static final int LONG_LINES = 1 << 3;
  private static final int BARE_NEWLINES = 1 << 4;
  private static final int ENDS_WITH_NEWLINE = 1 << 5;
  private static final int ENVID = 1 << 6;
  private static final int RET_FULL = 1 << 7;
  private static final int RET_HDRS = 1 << 8;
  private static final int BODY_8BIT = 1 << 9;
  private static final int BODY_BINARY = 1 << 10;

  /// A former program overlooks it: its mail waits for TLS all the same.
  private static final int TLS_WAIVED = 1 << 11;

  /// A former program overlooks it: a connector of its may replace the sender.
  private static final int INTERNAL_HOP = 1 << 12;

  /// The priority, as a number with sign, is above the other flags. A former program overlooks it:
  /// its mail is sent in another order, and no harm done.
  private static final int PRIORITY_SHIFT = 16;

  private static final int PRIORITY_BITS = 5;

  private static final int ORCPT = 1;
  private static final int NOTIFY_NEVER = 1 << 1;
  private static final int NOTIFY_SUCCESS = 1 << 2;
  private static final int NOTIFY_FAILURE = 1 << 3;
  private static final int NOTIFY_DELAY = 1 << 4;

  private static final int WARNED = 1;
  private static final int RELEASED = 1 << 1;
  private static final int CLEARED = 1 << 2;

  private MailCodec() {}

  /// What a mail's own record says.
  ///
  /// @param recipients how many there are
  /// @param inline all of them, or none when they stand in blocks
  record Head(Envelope envelope, byte[] trace, int chunks, int recipients, List<Recipient> inline) {
    Head {
      inline = List.copyOf(inline);
    }
  }

  /// Blocks of recipients that a mail of so many has besides its own record.
  static int blocks(int recipients) {
    return recipients <= INLINE ? 0 : (recipients + BLOCK - 1) / BLOCK;
  }

  /// The mail's own record: envelope, trace headers, and the recipients if they are few.
  static byte[] encode(Mail mail) {
    Envelope envelope = mail.envelope();
    Envelope.Source source = envelope.source();
    var out =
        new OctetWriter(
            320 + mail.trace().length + 48 * Math.min(INLINE, mail.recipients().size()));
    int version = version(envelope);
    out.octet(version).number(flags(envelope));
    instant(out, envelope.arrived());
    address(out, envelope.sender());
    if (envelope.envid() != null) {
      out.text(envelope.envid());
    }
    out.text(source.client()).text(source.listener()).text(source.address());
    out.text(source.hello()).text(source.protocol());
    if (version >= USER_VERSION) {
      out.text(source.user());
    }
    if (Wishes.stand(version)) {
      Wishes.of(envelope).write(out);
    }
    out.number(envelope.traits().size()).bytes(mail.trace()).number(mail.chunks());
    out.number(mail.recipients().size());
    if (blocks(mail.recipients().size()) == 0) {
      recipients(out, mail.recipients());
    }
    return out.finished();
  }

  /// Without what came later it is as former programs wrote it.
  private static int version(Envelope envelope) {
    int rest = envelope.source().user().isEmpty() ? VERSION : USER_VERSION;
    return Wishes.of(envelope).version(rest);
  }

  private static int flags(Envelope envelope) {
    Envelope.Traits traits = envelope.traits();
    int flags = envelope.smtputf8() ? UTF8 : 0;
    flags |= traits.eightBit() ? EIGHT_BIT : 0;
    flags |= traits.dotLines() ? DOT_LINES : 0;
    flags |= traits.longLines() ? LONG_LINES : 0;
    flags |= traits.bareNewlines() ? BARE_NEWLINES : 0;
    flags |= traits.endsWithNewline() ? ENDS_WITH_NEWLINE : 0;
    flags |= envelope.envid() != null ? ENVID : 0;
    flags |=
        switch (envelope.body()) {
          case SEVEN_BIT -> 0;
          case EIGHT_BIT_MIME -> BODY_8BIT;
          case BINARY_MIME -> BODY_BINARY;
        };
    flags |= envelope.tls() == TlsWish.WAIVED ? TLS_WAIVED : 0;
    flags |= envelope.internalHop() ? INTERNAL_HOP : 0;
    flags |= (envelope.priority() & ((1 << PRIORITY_BITS) - 1)) << PRIORITY_SHIFT;
    if (envelope.ret() != null) {
      flags |=
          switch (envelope.ret()) {
            case FULL -> RET_FULL;
            case HDRS -> RET_HDRS;
          };
    }
    return flags;
  }

  /// Reads what `encode` wrote.
  static Head decode(QueueId id, byte[] record) throws DamagedRecordException {
    var in = new OctetReader(record);
    int version = version(in, Wishes.NEWEST);
    int flags = in.integer();
    Instant arrived = instant(in);
    Address sender = address(in);
    String envid = is(flags, ENVID) ? in.text() : null;
    var source =
        new Envelope.Source(
            in.text(),
            in.text(),
            in.text(),
            in.text(),
            in.text(),
            version >= USER_VERSION ? in.text() : "");
    var wishes = Wishes.stand(version) ? Wishes.read(in) : Wishes.NONE;
    var traits =
        new Envelope.Traits(
            in.number(),
            is(flags, EIGHT_BIT),
            is(flags, DOT_LINES),
            is(flags, LONG_LINES),
            is(flags, BARE_NEWLINES),
            is(flags, ENDS_WITH_NEWLINE));
    var envelope =
        new Envelope(
            id,
            arrived,
            sender,
            body(flags),
            is(flags, UTF8),
            ret(flags),
            envid,
            source,
            traits,
            wishes.release(),
            priority(flags),
            tls(flags, wishes),
            wishes.deadline(),
            is(flags, INTERNAL_HOP));
    byte[] trace = in.bytes();
    int chunks = in.integer();
    int recipients = in.integer();
    var inline = blocks(recipients) == 0 ? recipients(in, recipients) : List.<Recipient>of();
    in.end();
    return new Head(envelope, trace, chunks, recipients, inline);
  }

  private static TlsWish tls(int flags, Wishes wishes) {
    if (wishes.requireTls()) {
      return TlsWish.REQUIRED;
    }
    return is(flags, TLS_WAIVED) ? TlsWish.WAIVED : TlsWish.NONE;
  }

  private static int priority(int flags) throws DamagedRecordException {
    int sign = Integer.SIZE - PRIORITY_BITS;
    int priority = flags << (sign - PRIORITY_SHIFT) >> sign;
    if (priority < Priority.LOWEST || priority > Priority.HIGHEST) {
      throw new DamagedRecordException("an unknown priority");
    }
    return priority;
  }

  private static boolean is(int flags, int flag) {
    return (flags & flag) != 0;
  }

  private static BodyType body(int flags) {
    if (is(flags, BODY_BINARY)) {
      return BodyType.BINARY_MIME;
    }
    return is(flags, BODY_8BIT) ? BodyType.EIGHT_BIT_MIME : BodyType.SEVEN_BIT;
  }

  private static @Nullable DsnReturn ret(int flags) {
    if (is(flags, RET_FULL)) {
      return DsnReturn.FULL;
    }
    return is(flags, RET_HDRS) ? DsnReturn.HDRS : null;
  }

  /// A block of recipients.
  static byte[] encodeBlock(List<Recipient> recipients) {
    var out = new OctetWriter(16 + 48 * recipients.size());
    out.octet(VERSION).number(recipients.size());
    recipients(out, recipients);
    return out.finished();
  }

  /// Reads what `encodeBlock` wrote.
  static List<Recipient> decodeBlock(byte[] record) throws DamagedRecordException {
    var in = new OctetReader(record);
    version(in);
    var recipients = recipients(in, in.count());
    in.end();
    return recipients;
  }

  private static void recipients(OctetWriter out, List<Recipient> recipients) {
    for (Recipient recipient : recipients) {
      Set<DsnNotify> notify = recipient.notifyOn();
      int flags = recipient.orcpt() != null ? ORCPT : 0;
      if (!notify.isEmpty()) {
        flags |= notify.contains(DsnNotify.NEVER) ? NOTIFY_NEVER : 0;
        flags |= notify.contains(DsnNotify.SUCCESS) ? NOTIFY_SUCCESS : 0;
        flags |= notify.contains(DsnNotify.FAILURE) ? NOTIFY_FAILURE : 0;
        flags |= notify.contains(DsnNotify.DELAY) ? NOTIFY_DELAY : 0;
      }
      out.number(flags).number(recipient.number());
      address(out, recipient.address());
      if (recipient.orcpt() != null) {
        out.text(recipient.orcpt());
      }
    }
  }

  private static List<Recipient> recipients(OctetReader in, int count)
      throws DamagedRecordException {
    var recipients = new ArrayList<Recipient>(Math.min(count, INLINE));
    for (int i = 0; i < count; i++) {
      int flags = in.integer();
      int number = in.integer();
      Address address = address(in);
      String orcpt = is(flags, ORCPT) ? in.text() : null;
      recipients.add(new Recipient(number, address, notify(flags), orcpt));
    }
    return recipients;
  }

  private static Set<DsnNotify> notify(int flags) {
    if (flags <= ORCPT) {
      return Set.of();
    }
    var notify = EnumSet.noneOf(DsnNotify.class);
    if (is(flags, NOTIFY_NEVER)) {
      notify.add(DsnNotify.NEVER);
    }
    if (is(flags, NOTIFY_SUCCESS)) {
      notify.add(DsnNotify.SUCCESS);
    }
    if (is(flags, NOTIFY_FAILURE)) {
      notify.add(DsnNotify.FAILURE);
    }
    if (is(flags, NOTIFY_DELAY)) {
      notify.add(DsnNotify.DELAY);
    }
    return notify;
  }

  /// The state of a recipient.
  static byte[] encode(RecipientState state) {
    var out = new OctetWriter(48 + state.destination().length() + state.reason().length());
    int phase =
        switch (state.phase()) {
          case WAITING -> 0;
          case DELIVERED -> 1;
          case BOUNCED -> 2;
          case EXPIRED -> 3;
          case DELETED -> 4;
          case RETURNING -> 5;
          case HELD -> 6;
        };
    int flags = state.warned() ? WARNED : 0;
    flags |= state.released() ? RELEASED : 0;
    flags |= state.cleared() ? CLEARED : 0;
    boolean paused = !state.standstill().equals(Standstill.NONE);
    out.octet(paused ? PAUSED_STATE_VERSION : STATE_VERSION);
    out.octet(phase).octet(flags).number(state.attempts());
    instant(out, state.due());
    out.text(state.destination()).text(state.reason());
    out.number(state.schedule().answers()).number(state.schedule().misses());
    instant(out, state.schedule().turn());
    if (paused) {
      standstill(out, state.standstill());
    }
    return out.finished();
  }

  /// Reads what `encode` of a state wrote.
  static RecipientState decodeState(byte[] record) throws DamagedRecordException {
    var in = new OctetReader(record);
    int version = version(in, PAUSED_STATE_VERSION);
    var phase =
        switch (in.octet()) {
          case 0 -> RecipientState.Phase.WAITING;
          case 1 -> RecipientState.Phase.DELIVERED;
          case 2 -> RecipientState.Phase.BOUNCED;
          case 3 -> RecipientState.Phase.EXPIRED;
          case 4 -> RecipientState.Phase.DELETED;
          case 5 -> RecipientState.Phase.RETURNING;
          case 6 -> RecipientState.Phase.HELD;
          default -> throw new DamagedRecordException("an unknown phase");
        };
    int flags = in.octet();
    int attempts = in.integer();
    var due = instant(in);
    String destination = in.text();
    String reason = in.text();
    var schedule =
        version > 1
            ? new Schedule(in.integer(), in.integer(), instant(in))
            : new Schedule(attempts, 0, due);
    var standstill = version > 2 ? standstill(in) : Standstill.NONE;
    in.end();
    return new RecipientState(
        phase,
        attempts,
        due,
        is(flags, WARNED),
        is(flags, RELEASED),
        is(flags, CLEARED),
        destination,
        reason,
        schedule,
        standstill);
  }

  private static void standstill(OctetWriter out, Standstill standstill) {
    out.number(standstill.before().toNanos());
    var since = standstill.since();
    out.octet(since == null ? 0 : 1);
    if (since != null) {
      instant(out, since);
    }
  }

  private static Standstill standstill(OctetReader in) throws DamagedRecordException {
    long before = in.number();
    if (before < 0) {
      throw new DamagedRecordException("a standstill shorter than nothing");
    }
    return new Standstill(Duration.ofNanos(before), in.octet() == 0 ? null : instant(in));
  }

  /// A place other than `incoming`.
  static byte[] encode(Placement placement) {
    var out = new OctetWriter(16).octet(VERSION);
    switch (placement) {
      case Placement.Incoming _ -> out.octet(0);
      case Placement.Deferred(Instant due) -> out.octet(1).fixed(Keys.nanos(due));
      case Placement.Held _ -> out.octet(2);
      case Placement.Parked(String destination) -> out.octet(3).text(destination);
      case Placement.Quarantined(Instant until) -> out.octet(4).fixed(Keys.nanos(until));
    }
    return out.finished();
  }

  /// Reads what `encode` of a place wrote.
  static Placement decodePlacement(byte[] record) throws DamagedRecordException {
    var in = new OctetReader(record);
    version(in);
    Placement placement =
        switch (in.octet()) {
          case 0 -> Placement.INCOMING;
          case 1 -> new Placement.Deferred(Keys.instant(in.fixedLong()));
          case 2 -> Placement.HELD;
          case 3 -> new Placement.Parked(in.text());
          case 4 -> new Placement.Quarantined(Keys.instant(in.fixedLong()));
          default -> throw new DamagedRecordException("an unknown place");
        };
    in.end();
    return placement;
  }

  /// Entries of a trace that are written together.
  static byte[] encodeTrace(List<byte[]> entries) {
    int size = 0;
    for (byte[] entry : entries) {
      size += entry.length + 5;
    }
    var out = new OctetWriter(1 + size).octet(VERSION);
    for (byte[] entry : entries) {
      out.bytes(entry);
    }
    return out.finished();
  }

  /// Reads what `encodeTrace` wrote.
  static List<byte[]> decodeTrace(byte[] record) throws DamagedRecordException {
    var in = new OctetReader(record);
    version(in);
    var entries = new ArrayList<byte[]>();
    while (!in.atEnd()) {
      entries.add(in.bytes());
    }
    return entries;
  }

  private static void version(OctetReader in) throws DamagedRecordException {
    version(in, VERSION);
  }

  private static int version(OctetReader in, int last) throws DamagedRecordException {
    int version = in.octet();
    if (version < 1 || version > last) {
      throw new DamagedRecordException(
          "has version " + version + "; this program knows version " + last);
    }
    return version;
  }

  private static void address(OctetWriter out, Address address) {
    out.text(address.local()).text(address.domain());
  }

  private static Address address(OctetReader in) throws DamagedRecordException {
    return new Address(in.text(), in.text());
  }

  static void instant(OctetWriter out, Instant instant) {
    out.signed(instant.getEpochSecond()).number(instant.getNano());
  }

  static Instant instant(OctetReader in) throws DamagedRecordException {
    try {
      return Instant.ofEpochSecond(in.signed(), in.integer());
    } catch (DateTimeException _) {
      throw new DamagedRecordException("a time out of range");
    }
  }
}
