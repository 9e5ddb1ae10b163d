package dev.poststation.intake;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Looks at the header of a mail while it streams by, and at nothing behind it: how large it is,
/// how often it was relayed, by us too, and whether Date and Message-ID are there. Confined to the
/// session's thread.
///
/// The header ends at the first empty line, or at the first line that cannot belong to one.
final class HeaderScan {
  /// Received fields with our own name in `by` that are no loop yet: a filter that hands mail back
  /// to us, or a forwarding at the provider, may add a few.
  static final int OWN_HOPS_MAX = 5;

  private static final byte[] RECEIVED = ascii("received");
  private static final byte[] LOOP = ascii("x-loop");
  private static final byte[] DATE = ascii("date");
  private static final byte[] MESSAGE_ID = ascii("message-id");
  private static final byte[] FROM = ascii("from");
  private static final byte[] REPLY_TO = ascii("reply-to");
  private static final byte[] TLS_REQUIRED = ascii("tls-required");
  private static final byte[] BY = ascii("by");
  private static final byte[] X_MAILER = ascii("x-mailer");
  private static final byte[] USER_AGENT = ascii("user-agent");
  private static final byte[] CONTENT_TYPE = ascii("content-type");

  /// More of a field is not needed: `by` stands near the start, and no Message-ID is longer than a
  /// line.
  private static final int KEPT_MAX = 998;

  private static final int NAME_MAX = 16;

  /// Of all From fields together; nobody has so many authors.
  private static final int FROM_MAX = 64 * 1024;

  private static final int FIELD_COST = 64;

  private enum Kept {
    RECEIVED,
    LOOP,
    MESSAGE_ID,
    TLS_REQUIRED,
    FROM,
    SHAPE
  }

  private enum State {
    LINE_START,
    EMPTY_LINE,
    NAME,
    AFTER_NAME,
    SKIP,
    KEEP,
    ENDED
  }

  private final byte[] ownName;
  private final byte[] name = new byte[NAME_MAX];
  private final byte[] kept = new byte[KEPT_MAX];
  private State state = State.LINE_START;
  private State continued = State.SKIP;
  private int nameLength;
  private int keptLength;
  private Kept keeping = Kept.RECEIVED;
  private final boolean watchFrom;
  private final List<String> from = new ArrayList<>(1);
  private final ByteArrayOutputStream fromField = new ByteArrayOutputStream(0);
  private int fromSize;
  private @Nullable HeaderShape shape;
  private HeaderShape.Field shaping = HeaderShape.Field.DATE;
  private boolean broken;
  private int fields;
  private int size;
  private int hops;
  private final List<String> own = new ArrayList<>(0);
  private int marks;
  private boolean date;
  private String messageId = "";
  private boolean messageIdSeen;
  private boolean replyTo;
  private boolean tlsWaived;
  private boolean strayBody;

  /// @param hostname our name, as it stands in `by` of our Received fields
  HeaderScan(String hostname) {
    this(hostname, false);
  }

  /// @param watchFrom whether the From fields are kept
  HeaderScan(String hostname, boolean watchFrom) {
    this.watchFrom = watchFrom;
    this.ownName = ascii(hostname);
  }

  /// Tells this, too, what it sees. To be said before anything comes.
  void shape(HeaderShape shape) {
    this.shape = shape;
  }

  private static byte[] ascii(String text) {
    byte[] octets = text.getBytes(StandardCharsets.US_ASCII);
    for (int i = 0; i < octets.length; i++) {
      octets[i] = lower(octets[i]);
    }
    return octets;
  }

  private static byte lower(byte octet) {
    return octet >= 'A' && octet <= 'Z' ? (byte) (octet + 32) : octet;
  }

  /// Looks at the next octets; at once back when the header is over.
  void feed(byte[] octets, int offset, int length) {
    int end = offset + length;
    int at = offset;
    while (at < end && state != State.ENDED) {
      at =
          switch (state) {
            case LINE_START -> lineStart(octets, at);
            case EMPTY_LINE -> emptyLine(octets, at);
            case NAME -> name(octets, at);
            case AFTER_NAME -> afterName(octets, at);
            case SKIP -> value(octets, at, end, false);
            case KEEP -> value(octets, at, end, true);
            case ENDED -> end;
          };
    }
    if (state != State.ENDED) {
      size += length;
    } else {
      size += at - offset;
    }
  }

  private int lineStart(byte[] octets, int at) {
    byte octet = octets[at];
    if (octet == ' ' || octet == '\t') {
      if (fields == 0) {
        return end(true, at);
      }
      state = continued;
      return at;
    }
    finishField();
    if (octet == '\r') {
      state = State.EMPTY_LINE;
      return at + 1;
    }
    if (octet == '\n') {
      return end(false, at + 1);
    }
    nameLength = 0;
    if (shape != null) {
      shape.begin();
    }
    state = State.NAME;
    return at;
  }

  private int emptyLine(byte[] octets, int at) {
    if (octets[at] == '\n') {
      return end(false, at + 1);
    }
    broken = true;
    return end(fields == 0, at);
  }

  private int name(byte[] octets, int at) {
    byte octet = octets[at];
    if (octet == ':' && nameLength > 0) {
      field();
      return at + 1;
    }
    if ((octet == ' ' || octet == '\t') && nameLength > 0) {
      state = State.AFTER_NAME;
      return at + 1;
    }
    if (octet <= ' '
        || octet == 127
        || octet == ':') { // Also all above 127, which are negative here.
      return end(fields == 0, at);
    }
    if (nameLength < NAME_MAX) {
      name[nameLength] = lower(octet);
    }
    nameLength++;
    if (shape != null) {
      shape.octet(octet);
    }
    return at + 1;
  }

  /// White space before the colon is obsolete but legal (RFC 5322 4.5.1).
  private int afterName(byte[] octets, int at) {
    byte octet = octets[at];
    if (octet == ' ' || octet == '\t') {
      return at + 1;
    }
    if (octet == ':') {
      field();
      return at + 1;
    }
    return end(fields == 0, at);
  }

  private void field() {
    fields++;
    state = State.SKIP;
    if (named(DATE)) {
      date = true;
    } else if (named(RECEIVED)) {
      hops++;
      keep(Kept.RECEIVED);
    } else if (named(LOOP)) {
      keep(Kept.LOOP);
    } else if (named(MESSAGE_ID)) {
      messageIdSeen = true;
      keep(Kept.MESSAGE_ID);
    } else if (named(TLS_REQUIRED)) {
      keep(Kept.TLS_REQUIRED);
    } else if (watchFrom && named(FROM)) {
      fromField.reset();
      fromSize += FIELD_COST; // There may be very many that are empty.
      keep(Kept.FROM);
    } else if (watchFrom && named(REPLY_TO)) {
      replyTo = true;
    }
    if (shape != null) {
      shapes(shape);
    }
    continued = state;
  }

  private void shapes(HeaderShape shape) {
    shape.field();
    if (named(DATE)) {
      keep(HeaderShape.Field.DATE);
    } else if (named(X_MAILER) || named(USER_AGENT)) {
      keep(HeaderShape.Field.MAILER);
    } else if (named(CONTENT_TYPE)) {
      keep(HeaderShape.Field.CONTENT_TYPE);
    }
  }

  private void keep(HeaderShape.Field what) {
    shaping = what;
    keep(Kept.SHAPE);
  }

  private boolean named(byte[] field) {
    return nameLength == field.length && Arrays.equals(name, 0, nameLength, field, 0, field.length);
  }

  private void keep(Kept what) {
    keeping = what;
    keptLength = 0;
    state = State.KEEP;
  }

  private int value(byte[] octets, int from, int end, boolean keep) {
    int at = from;
    while (at < end && octets[at] != '\n') {
      at++;
    }
    if (keep && keeping == Kept.FROM) {
      fromSize += at - from;
      if (fromSize <= FROM_MAX) {
        fromField.write(octets, from, at - from);
      }
    } else if (keep) {
      int count = Math.min(at - from, KEPT_MAX - keptLength);
      System.arraycopy(octets, from, kept, keptLength, count);
      keptLength += count;
    }
    if (at == end) {
      return at;
    }
    state = State.LINE_START;
    return at + 1;
  }

  private void finishField() {
    if (continued != State.KEEP) {
      return;
    }
    continued = State.SKIP;
    switch (keeping) {
      case RECEIVED -> {
        if (own.size() <= OWN_HOPS_MAX && byUs()) {
          own.add(new String(kept, 0, keptLength, StandardCharsets.UTF_8));
        }
      }
      case LOOP -> {
        String value = new String(kept, 0, keptLength, StandardCharsets.ISO_8859_1).strip();
        marks += value.equalsIgnoreCase(new String(ownName, StandardCharsets.US_ASCII)) ? 1 : 0;
      }
      case FROM -> {
        if (fromSize <= FROM_MAX) {
          from.add(fromField.toString(StandardCharsets.UTF_8));
        }
      }
      case MESSAGE_ID -> {
        if (messageId.isEmpty()) {
          messageId = new String(kept, 0, keptLength, StandardCharsets.UTF_8).strip();
        }
      }
      case TLS_REQUIRED -> {
        String value = new String(kept, 0, keptLength, StandardCharsets.UTF_8).strip();
        tlsWaived |= value.equalsIgnoreCase("no"); // Nothing else means anything (RFC 8689 5).
      }
      case SHAPE -> {
        if (shape != null) {
          shape.value(shaping, kept, keptLength);
        }
      }
    }
  }

  /// Whether the word after `by`, outside of comments, is our name (RFC 5321 4.4).
  private boolean byUs() {
    boolean by = false;
    int at = 0;
    while (at < keptLength) {
      byte octet = kept[at];
      if (octet == '(') {
        at = afterComment(at);
      } else if (octet <= ' ' && octet >= 0) {
        at++;
      } else {
        int start = at;
        while (at < keptLength
            && kept[at] != '('
            && kept[at] != ';'
            && (kept[at] > ' ' || kept[at] < 0)) {
          at++;
        }
        if (by) {
          return word(start, at, ownName);
        }
        by = word(start, at, BY);
        at += at == start ? 1 : 0;
      }
    }
    return false;
  }

  private int afterComment(int from) {
    int depth = 0;
    int at = from;
    while (at < keptLength) {
      byte octet = kept[at++];
      if (octet == '\\') {
        at++;
      } else if (octet == '(') {
        depth++;
      } else if (octet == ')' && --depth == 0) {
        return at;
      }
    }
    return at;
  }

  private boolean word(int from, int to, byte[] expected) {
    if (to - from != expected.length) {
      return false;
    }
    for (int i = 0; i < expected.length; i++) {
      if (lower(kept[from + i]) != expected[i]) {
        return false;
      }
    }
    return true;
  }

  private int end(boolean stray, int at) {
    strayBody = stray;
    broken |= state != State.LINE_START && state != State.EMPTY_LINE;
    state = State.ENDED;
    return at;
  }

  /// Tells that no more octets come.
  void finish() {
    if (state != State.ENDED) {
      finishField();
      broken |= state == State.NAME || state == State.AFTER_NAME;
      strayBody = fields == 0 && size > 0;
      state = State.ENDED;
    }
  }

  /// The text of each From field, where they are kept; null when the header ends with a line that
  /// is no field, or has more than anybody needs: another program may see a From field there that
  /// we do not.
  @Nullable List<String> from() {
    return broken || strayBody || fromSize > FROM_MAX ? null : List.copyOf(from);
  }

  /// Whether there is a Reply-To field; known where From fields are kept.
  boolean hasReplyTo() {
    return replyTo;
  }

  /// Whether the header is over.
  boolean ended() {
    return state == State.ENDED;
  }

  /// Octets of the header so far, with the empty line.
  int size() {
    return size;
  }

  /// Received fields so far.
  int hops() {
    return hops;
  }

  /// Whether this mail was here too often: Received fields that are ours say so, and those that
  /// stand for some that were hidden.
  boolean loops() {
    return own.size() + marks > OWN_HOPS_MAX;
  }

  /// What stands in the Received fields that are ours, the last one first.
  List<String> own() {
    return List.copyOf(own);
  }

  /// Whether the header ended with a line that is no field: another program may go on.
  boolean cut() {
    return broken && fields > 0;
  }

  /// Whether a field says `TLS-Required: No`.
  boolean tlsWaived() {
    return tlsWaived;
  }

  /// Whether there is a Date field.
  boolean hasDate() {
    return date;
  }

  /// Whether there is a Message-ID field.
  boolean hasMessageId() {
    return messageIdSeen;
  }

  /// The Message-ID with its angle brackets, or empty.
  String messageId() {
    return messageId;
  }

  /// Whether there is a body but no header at all: what is put in front must bring the empty line.
  boolean strayBody() {
    return strayBody;
  }
}
