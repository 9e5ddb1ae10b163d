package dev.poststation.archive;

import dev.poststation.message.AddressPatterns;
import dev.poststation.smtp.Address;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// How long an archive keeps what. Immutable.
///
/// @param keep null: for ever
/// @param hold whose mail is never removed
public record Terms(@Nullable Duration keep, List<String> hold) {
  public Terms {
    hold = List.copyOf(hold);
  }

  /// Whether an entry is never removed: who sent it, or one of those who got it, is named.
  boolean holds(Entry entry) {
    if (hold.isEmpty()) {
      return false;
    }
    var patterns = new AddressPatterns(hold);
    var about = entry.about();
    return patterns.match(address(about.sender()))
        || about.recipients().stream().anyMatch(each -> patterns.match(address(each)));
  }

  private static Address address(String text) {
    int at = text.lastIndexOf('@');
    return at < 0
        ? new Address(text, "")
        : new Address(text.substring(0, at), text.substring(at + 1));
  }
}
