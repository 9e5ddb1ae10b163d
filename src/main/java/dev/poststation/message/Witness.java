package dev.poststation.message;

/// Is told what became of recipients, to learn from it. Never waits; safe for any thread.
@FunctionalInterface
public interface Witness {
  /// One that does not listen.
  Witness NOBODY = (_, _, _) -> {};

  /// An attempt for one recipient of a mail is over.
  ///
  /// @param destination the name of the destination that it was made at
  void concluded(Envelope envelope, String destination, Outcome outcome);
}
