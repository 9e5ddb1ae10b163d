package dev.poststation.message;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.james.mime4j.codec.DecodeMonitor;
import org.apache.james.mime4j.codec.DecoderUtil;

/// Takes note of what stands in some fields of a header while it streams by. Bounded. Used by one
/// thread.
///
/// The header ends at the first empty line, or at the first line that cannot belong to one, as for
/// [HeaderFields].
public final class FieldWatch {
  /// More of a field is not kept.
  private static final int VALUE_MAX = 998;

  private static final int NAME_MAX = 76;

  /// Of one name; of more, the first count.
  private static final int FIELDS_MAX = 20;

  private enum State {
    LINE_START,
    NAME,
    VALUE,
    SKIP,
    ENDED
  }

  private final Set<String> wanted;
  private final Map<String, List<String>> seen = new HashMap<>();
  private final StringBuilder name = new StringBuilder(NAME_MAX);
  private byte[] value = {}; // Most mails have none of the fields that are watched.
  private int length;
  private boolean watched;
  private boolean first = true;
  private boolean broken;
  private State state = State.LINE_START;

  /// @param names in lower case
  public FieldWatch(Collection<String> names) {
    this.wanted = Set.copyOf(names); // Of a set that cannot change it is the same.
  }

  /// Looks at the next octets, as far as the header goes.
  public void feed(byte[] octets, int offset, int count) {
    for (int at = offset; at < offset + count && state != State.ENDED; at++) {
      octet(octets[at]);
    }
  }

  private void octet(byte octet) {
    switch (state) {
      case LINE_START -> {
        if (octet == ' ' || octet == '\t') {
          state = watched ? State.VALUE : State.SKIP;
          keep(octet);
        } else {
          field();
          state = octet == '\r' || octet == '\n' ? State.ENDED : State.NAME;
          name(octet);
        }
      }
      case NAME -> {
        if (octet == ':') {
          named();
        } else if (octet == '\n') {
          state = isMailboxLine() ? State.LINE_START : State.ENDED;
          broken = state == State.ENDED;
          first = false;
        } else {
          name(octet);
        }
      }
      case VALUE -> {
        keep(octet);
        state = octet == '\n' ? State.LINE_START : state;
      }
      case SKIP -> state = octet == '\n' ? State.LINE_START : state;
      case ENDED -> {}
    }
  }

  /// A colon came.
  private void named() {
    String text = name.toString();
    String field = text.strip();
    boolean legal = !field.isEmpty() && text.startsWith(field) && isName(field);
    watched = legal && wanted.contains(field);
    if (legal || isMailboxLine()) {
      state = watched ? State.VALUE : State.SKIP;
    } else {
      state = State.ENDED;
      broken = true;
    }
    first = false;
  }

  /// RFC 5322 2.2.
  private static boolean isName(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c <= ' ' || c >= 127 || c == ':') {
        return false;
      }
    }
    return true;
  }

  /// The line `From …` that a mailbox file puts on top of a mail.
  private boolean isMailboxLine() {
    return first && name.indexOf("from ") == 0;
  }

  private void name(byte octet) {
    if (name.length() < NAME_MAX) {
      name.append((char) (octet >= 'A' && octet <= 'Z' ? octet + 32 : octet & 0xFF));
    }
  }

  private void keep(byte octet) {
    if (watched && length < VALUE_MAX && octet != '\r' && octet != '\n') {
      if (value.length == 0) {
        value = new byte[VALUE_MAX];
      }
      value[length++] = octet;
    }
  }

  /// A field is over.
  private void field() {
    if (watched) {
      String text = decoded(new String(value, 0, length, UTF_8).strip());
      seen.merge(name.toString().strip(), List.of(text), FieldWatch::joined);
    }
    watched = false;
    length = 0;
    name.setLength(0);
  }

  /// All that stands in one field, as people read it.
  ///
  /// @param header in which the field is
  public static String text(byte[] header, HeaderFields.Field field) {
    var value = new String(header, field.value(), field.end() - field.value(), UTF_8);
    return decoded(value.replace("\r", "").replace("\n", "").strip());
  }

  /// Encoded words (RFC 2047) as people read them; what cannot be decoded stays.
  private static String decoded(String text) {
    return text.contains("=?") ? DecoderUtil.decodeEncodedWords(text, DecodeMonitor.SILENT) : text;
  }

  private static List<String> joined(List<String> old, List<String> more) {
    if (old.size() >= FIELDS_MAX) {
      return old;
    }
    var all = new ArrayList<>(old);
    all.addAll(more);
    return List.copyOf(all);
  }

  /// Whether the header is over.
  public boolean ended() {
    return state == State.ENDED;
  }

  /// Whether it ended with an empty line, or the mail: else another program may see more fields.
  public boolean whole() {
    return state == State.ENDED && !broken;
  }

  /// No more octets come.
  public void finish() {
    if (state != State.ENDED) {
      broken = state == State.NAME;
      field();
      state = State.ENDED;
    }
  }

  /// What stands in the fields of this name, unfolded, with encoded words decoded, in their order.
  ///
  /// @param field in lower case
  public List<String> values(String field) {
    return seen.getOrDefault(field, List.of());
  }
}
