package dev.poststation.log;

import dev.poststation.smtp.Address;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Writes one JSON object without white space. For lines of the log and entries of the trace alike.
/// Confined to one thread.
final class JsonText implements Fields {
  private final StringBuilder out;
  private final Timestamps timestamps;
  private final Depth depth;
  private boolean first = true;

  JsonText(StringBuilder out, Timestamps timestamps, Depth depth) {
    this.out = out;
    this.timestamps = timestamps;
    this.depth = depth;
    out.append('{');
  }

  /// Ends the object.
  void end() {
    out.append('}');
  }

  private void key(String key) {
    out.append(first ? "\"" : ",\"").append(key).append("\":");
    first = false;
  }

  private void quoted(String value) {
    out.append('"');
    Escape.inside(out, value, depth.valueMax);
    out.append('"');
  }

  private void quoted(Address value) {
    out.append('"');
    Escape.inside(out, value.local(), depth.valueMax);
    if (!value.domain().isEmpty()) {
      out.append('@');
      Escape.inside(out, value.domain(), depth.valueMax);
    }
    out.append('"');
  }

  @Override
  public void text(String key, @Nullable String value) {
    if (value != null) {
      key(key);
      quoted(value);
    }
  }

  @Override
  public void number(String key, long value) {
    key(key);
    out.append(value);
  }

  @Override
  public void seconds(String key, Duration value) {
    key(key);
    Timestamps.seconds(out, value);
  }

  @Override
  public void time(String key, @Nullable Instant value) {
    if (value != null) {
      key(key);
      out.append('"');
      timestamps.append(out, value);
      out.append('"');
    }
  }

  @Override
  public void address(String key, @Nullable Address value) {
    if (value != null) {
      key(key);
      quoted(value);
    }
  }

  @Override
  public void delays(String key, Event.Delays value) {
    key(key);
    out.append("{\"intake\":");
    Timestamps.seconds(out, value.intake());
    out.append(",\"queue\":");
    Timestamps.seconds(out, value.queue());
    out.append(",\"connection\":");
    Timestamps.seconds(out, value.connection());
    out.append(",\"transfer\":");
    Timestamps.seconds(out, value.transfer());
    out.append('}');
  }

  @Override
  public void recipients(String key, List<Address> values) {
    if (depth != Depth.LINE) {
      key(key);
      for (int i = 0; i < values.size(); i++) {
        out.append(i == 0 ? '[' : ',');
        quoted(values.get(i));
      }
      out.append(values.isEmpty() ? "[]" : "]");
    }
  }

  @Override
  public void decisions(String key, List<String> values) {
    if (depth != Depth.LINE) {
      list(key, values);
    }
  }

  @Override
  public void dialogue(String key, List<String> values) {
    var kept =
        switch (depth) {
          case LINE -> List.<String>of();
          case FACTS -> values.stream().filter(line -> line.startsWith("*")).toList();
          case DIALOGUE -> values;
        };
    if (!kept.isEmpty()) {
      list(key, kept);
    }
  }

  private void list(String key, List<String> values) {
    key(key);
    for (int i = 0; i < values.size(); i++) {
      out.append(i == 0 ? '[' : ',');
      quoted(values.get(i));
    }
    out.append(values.isEmpty() ? "[]" : "]");
  }

  /// How much is told.
  enum Depth {
    /// What a line of the log has.
    LINE(Escape.LINE_MAX),
    /// All facts; of a dialogue, what happened besides.
    FACTS(Escape.TRACE_MAX),
    /// All facts, and what was said.
    DIALOGUE(Escape.TRACE_MAX);

    private final int valueMax;

    Depth(int valueMax) {
      this.valueMax = valueMax;
    }
  }
}
