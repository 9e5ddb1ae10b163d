package dev.poststation.message;

/// Is told what became of recipients, to learn from it. Never waits; safe for any thread.
@FunctionalInterface
public interface Witness {
  /// One that does not listen.
  Witness NOBODY = (_, _) -> {};

  /// An attempt for one recipient of a mail is over.
  void concluded(Envelope envelope, Outcome outcome);
}
