package dev.poststation.log;

import dev.poststation.smtp.Address;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Takes the keys and values of one event in their order and writes them down in some form. Null is
/// left out. Confined to one thread.
sealed interface Fields permits LogfmtText, JsonText {
  void text(String key, @Nullable String value);

  void number(String key, long value);

  void seconds(String key, Duration value);

  void time(String key, @Nullable Instant value);

  void address(String key, @Nullable Address value);

  void delays(String key, Event.Delays value);

  /// All recipients: for the trace only, a line would have no end.
  void recipients(String key, List<Address> values);

  /// Why something was decided: for the trace only.
  void decisions(String key, List<String> values);

  /// What was said: for the trace only, where it is wanted.
  void dialogue(String key, List<String> values);
}
