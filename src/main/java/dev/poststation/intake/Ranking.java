package dev.poststation.intake;

import dev.poststation.config.ClientRule;
import dev.poststation.message.FieldWatch;
import dev.poststation.message.Priority;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Finds out before which other mail one goes that comes in: by its client, by fields of its
/// header, by the number of its recipients. Confined to the session's thread.
final class Ranking {
  private final ClientRule client;
  private final @Nullable FieldWatch fields;
  private final boolean asked;
  private int priority;

  /// @param asked what the mail itself asks for, and may; the normal one: nothing
  Ranking(ClientRule client, int asked) {
    this.client = client;
    this.asked = asked != Priority.NORMAL;
    this.priority = this.asked ? asked : client.precedence().urgency().priority();
    var names = client.precedence().names();
    this.fields = priority != Priority.NORMAL || names.isEmpty() ? null : new FieldWatch(names);
  }

  /// Looks at the next octets of the content.
  void feed(byte[] octets, int offset, int length) {
    if (fields != null) {
      fields.feed(octets, offset, length);
    }
  }

  /// Decides, when all of the content has come.
  ///
  /// @return why it is not of normal priority, for the trace; empty: it is
  Optional<String> judge(int recipients) {
    if (priority == Priority.NORMAL) {
      var why = why(recipients);
      if (why.isPresent()) {
        priority = Priority.BULK;
        return why.map(it -> "bulk: " + it + ", by bulk" + entry());
      }
    }
    return asked || priority == Priority.NORMAL
        ? Optional.empty()
        : Optional.of("priority " + priority + ", by priority" + entry());
  }

  private String entry() {
    return " of client rule \"" + client.name() + "\" (" + client.origin() + ")";
  }

  private Optional<String> why(int recipients) {
    int most = client.precedence().recipients();
    if (most > 0 && recipients > most) {
      return Optional.of(recipients + " recipients");
    }
    if (fields == null) {
      return Optional.empty();
    }
    fields.finish();
    for (var pattern : client.precedence().headers()) {
      for (String value : fields.values(pattern.name())) {
        if (pattern.matches(value)) {
          return Optional.of("header field " + pattern);
        }
      }
    }
    return Optional.empty();
  }

  /// What was decided.
  int priority() {
    return priority;
  }
}
