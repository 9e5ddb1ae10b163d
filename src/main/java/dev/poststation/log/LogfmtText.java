package dev.poststation.log;

import dev.poststation.smtp.Address;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Writes `key=value key="another value" …`. Confined to one thread.
final class LogfmtText implements Fields {
  private final StringBuilder out;
  private final Timestamps timestamps;
  private boolean first = true;

  LogfmtText(StringBuilder out, Timestamps timestamps) {
    this.out = out;
    this.timestamps = timestamps;
  }

  private void key(String key) {
    if (!first) {
      out.append(' ');
    }
    first = false;
    out.append(key).append('=');
  }

  @Override
  public void text(String key, @Nullable String value) {
    if (value != null) {
      key(key);
      value(value);
    }
  }

  private void value(String value) {
    if (needsQuotes(value)) {
      out.append('"');
      Escape.inside(out, value, Escape.LINE_MAX);
      out.append('"');
    } else {
      out.append(value);
    }
  }

  private static boolean needsQuotes(String value) {
    if (value.isEmpty() || value.length() > Escape.LINE_MAX) {
      return true;
    }
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == ' ' || c == '"' || c == '=' || c == '\\' || Escape.hidden(c)) {
        return true;
      }
    }
    return false;
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
      timestamps.append(out, value);
    }
  }

  @Override
  public void address(String key, @Nullable Address value) {
    if (value != null) {
      key(key);
      value("<" + value + ">");
    }
  }

  @Override
  public void delays(String key, Event.Delays value) {
    key(key);
    delays(out, value);
  }

  /// As Postfix has them: before the queue / in the queue / connection / transfer.
  static void delays(StringBuilder out, Event.Delays value) {
    Timestamps.seconds(out, value.intake());
    out.append('/');
    Timestamps.seconds(out, value.queue());
    out.append('/');
    Timestamps.seconds(out, value.connection());
    out.append('/');
    Timestamps.seconds(out, value.transfer());
  }

  @Override
  public void recipients(String key, List<Address> values) {}

  @Override
  public void decisions(String key, List<String> values) {}

  @Override
  public void dialogue(String key, List<String> values) {}
}
