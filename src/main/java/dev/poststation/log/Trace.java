package dev.poststation.log;

import java.nio.charset.StandardCharsets;
import java.util.List;

/// The trace of a mail as people and programs read it, made of the entries that the journal gave
/// back and the spool kept. Pure functions.
public final class Trace {
  private Trace() {}

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
