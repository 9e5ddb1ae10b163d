package dev.poststation.content;

import java.time.Duration;
import java.util.Optional;

/// Looks at mail, or changes it. Safe for any thread: each session has its own mail looked at.
public interface Service {
  /// What it is and where, for people: `clamd at 127.0.0.1:3310`.
  String describe();

  /// What is said of a mail without asking anybody; empty: [#examine] is to say it.
  default Optional<Finding> unasked(Message message, Facts facts) {
    return Optional.empty();
  }

  /// Looks at a mail.
  ///
  /// @param facts what is known of it besides its content
  /// @param atMost how long it may take
  /// @throws ServiceException when it cannot
  Finding examine(Message message, Facts facts, Duration atMost) throws ServiceException;

  /// A mail without what it says in our name and only this service may say: so it is kept where the
  /// service fails, for it may be released.
  ///
  /// @param hostname our name
  default Message withoutClaims(Message message, String hostname) {
    return message;
  }
}
