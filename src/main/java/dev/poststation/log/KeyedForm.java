package dev.poststation.log;

import java.time.Instant;

/// logfmt and JSON lines: one event a line, each value under its key. Safe for any thread.
final class KeyedForm implements Form {
  private final Timestamps timestamps = Timestamps.iso();
  private final boolean json;

  KeyedForm(boolean json) {
    this.json = json;
  }

  @Override
  public void write(StringBuilder out, Event event, Instant time) {
    if (event instanceof Event.Checked) {
      return;
    }
    if (json) {
      var fields = new JsonText(out, timestamps, JsonText.Depth.LINE);
      Keys.write(fields, event, time);
      fields.end();
    } else {
      Keys.write(new LogfmtText(out, timestamps), event, time);
    }
    out.append('\n');
  }

  @Override
  public void dropped(StringBuilder out, long lines, Instant time) {
    if (json) {
      var fields = new JsonText(out, timestamps, JsonText.Depth.LINE);
      dropped(fields, lines, time);
      fields.end();
    } else {
      dropped(new LogfmtText(out, timestamps), lines, time);
    }
    out.append('\n');
  }

  private static void dropped(Fields fields, long lines, Instant time) {
    fields.time("time", time);
    fields.text("event", "dropped");
    fields.number("lines", lines);
  }
}
