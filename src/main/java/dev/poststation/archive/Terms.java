package dev.poststation.archive;

import dev.poststation.message.AddressPatterns;
import dev.poststation.smtp.Address;
import java.time.Period;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// How long an archive keeps what. Immutable.
///
/// @param keep null: for ever
/// @param hold whose mail is never removed
public record Terms(@Nullable Period keep, List<String> hold) {
  public Terms {
    hold = List.copyOf(hold);
  }

  /// Says of entries whether they are never removed.
  Predicate<Entry> holding() {
    var mail = holdingMail();
    return entry -> mail.test(entry.about());
  }

  /// The same of mail: who sent it, or one of those who got it, is named.
  Predicate<About> holdingMail() {
    if (hold.isEmpty()) {
      return _ -> false;
    }
    var patterns = new AddressPatterns(hold);
    return about ->
        patterns.match(address(about.sender()))
            || about.recipients().stream().anyMatch(each -> patterns.match(address(each)));
  }

  private static Address address(String text) {
    int at = text.lastIndexOf('@');
    return at < 0
        ? new Address(text, "")
        : new Address(text.substring(0, at), text.substring(at + 1));
  }
}
