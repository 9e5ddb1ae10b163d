package dev.poststation.log;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// The trace of a mail as people and programs read it, made of the entries that the journal gave
/// back and the spool kept. Pure functions.
public final class Trace {
  /// Octets of the first entries, and of the last, of one mail that are shown. It takes thousands
  /// of attempts to have more.
  private static final int PART_MAX = 2 * 1024 * 1024;

  private Trace() {}

  /// The entries to show: all of them, or the first and the last ones.
  public static List<byte[]> shown(List<byte[]> entries) {
    int head = 0;
    for (long octets = 0; head < entries.size(); head++) {
      octets += entries.get(head).length;
      if (octets > PART_MAX) {
        break;
      }
    }
    int tail = entries.size();
    for (long octets = 0; tail > head; tail--) {
      octets += entries.get(tail - 1).length;
      if (octets > PART_MAX) {
        break;
      }
    }
    if (tail == head) {
      return entries;
    }
    List<byte[]> some = new ArrayList<>(entries.subList(0, head));
    some.addAll(entries.subList(tail, entries.size()));
    return some;
  }

  /// The story of the mail in plain words: where each recipient stands, then what happened in
  /// order. An entry that cannot be read is said to be so.
  public static String text(List<byte[]> entries) {
    var story = new TraceText();
    for (var entry : entries) {
      story.add(entry);
    }
    return story.finish();
  }

  /// One JSON array of all entries, with the keys of docs/reference/mail-log.md.
  public static String json(List<byte[]> entries) {
    var out = new StringBuilder("[");
    for (int i = 0; i < entries.size(); i++) {
      out.append(i == 0 ? "\n  " : ",\n  ");
      out.append(new String(entries.get(i), StandardCharsets.UTF_8));
    }
    return out.append(entries.isEmpty() ? "]\n" : "\n]\n").toString();
  }
}
