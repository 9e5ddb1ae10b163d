package dev.poststation.content;

import java.time.Duration;

/// A service that can be told that it erred. Safe for any thread.
public interface Learner {
  /// Tells it that a mail is good.
  ///
  /// @param message as it is kept
  /// @param atMost how long it may take
  /// @return what it says, in a clause
  /// @throws ServiceException when it cannot learn it
  String learnGood(Message message, Duration atMost) throws ServiceException;
}
