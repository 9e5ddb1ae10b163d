package dev.poststation.log;

import dev.poststation.config.TraceSettings;
import java.nio.charset.StandardCharsets;

/// Makes the entries of traces. Safe for any thread.
public final class TraceEntries {
  private static final byte[] NONE = {};
  private static final int TYPICAL = 800;

  private final Timestamps times = Timestamps.iso();
  private final JsonText.Depth depth;

  /// As deep as the settings want.
  public TraceEntries(TraceSettings settings) {
    depth = settings.dialogue() ? JsonText.Depth.DIALOGUE : JsonText.Depth.FACTS;
  }

  /// The entry of an event; empty when it belongs to no mail.
  public byte[] entry(Event event) {
    var when = MailJournal.when(event);
    if (when == null) {
      return NONE;
    }
    var text = new StringBuilder(TYPICAL);
    var fields = new JsonText(text, times, depth);
    Keys.write(fields, event, when);
    fields.end();
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }
}
