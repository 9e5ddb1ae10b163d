package dev.poststation.intake;

import dev.poststation.smtp.Reply;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Judges who a mail says it is from, once its header was read. Used by one thread.
@FunctionalInterface
public interface AuthorCheck {
  /// What is to be said against it.
  ///
  /// @param reply what the client is told; null: the mail is taken, and waits for an administrator
  /// @param reason with the line of the entry that says so
  record Finding(@Nullable Reply reply, String reason) {}

  /// Judges.
  ///
  /// @param from the text of each From field; null: not all of the header could be read
  /// @return what is to be said against it, or null
  @Nullable Finding judge(@Nullable List<String> from);
}
