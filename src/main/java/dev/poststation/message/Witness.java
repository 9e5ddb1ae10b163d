package dev.poststation.message;

import java.util.List;

/// Is told what became of recipients, to learn from it. Never waits; safe for any thread.
@FunctionalInterface
public interface Witness {
  /// One that does not listen.
  Witness NOBODY = (_, _, _) -> {};

  /// An attempt for some recipients of a mail is over.
  ///
  /// @param destination the name of the destination that it was made at
  /// @param outcomes one for each recipient
  void concluded(Envelope envelope, String destination, List<Outcome> outcomes);
}
