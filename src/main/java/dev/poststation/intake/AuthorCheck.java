package dev.poststation.intake;

import dev.poststation.smtp.Address;
import dev.poststation.smtp.Reply;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Judges who a mail says it is from, once its header was read. Used by one thread.
@FunctionalInterface
public interface AuthorCheck {
  /// What is to be said against it.
  ///
  /// @param reply what the client is told; null: the mail is taken
  /// @param reason with the line of the entry that says so
  /// @param author who it is from then; null: it stays as it is, and waits for an administrator
  record Finding(@Nullable Reply reply, String reason, @Nullable Address author) {}

  /// Judges.
  ///
  /// @param from the text of each From field; null: not all of the header could be read
  /// @return what is to be said against it, or null
  @Nullable Finding judge(@Nullable List<String> from);

  /// Whether it may find another author: then the header waits in memory until it was judged.
  default boolean mayReplace() {
    return false;
  }
}
