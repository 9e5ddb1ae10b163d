package dev.poststation.message;

import java.util.List;
import java.util.Optional;

/// Is told what became of recipients, to learn from it, and may know by that what would become of
/// others. Never waits; safe for any thread.
@FunctionalInterface
public interface Witness {
  /// One that does not listen.
  Witness NOBODY = (_, _, _, _) -> {};

  /// An attempt for some recipients of a mail is over.
  ///
  /// @param destination the name of the destination that it was made at
  /// @param outcomes one for each recipient
  void concluded(
      Envelope envelope, String destination, List<Recipient> recipients, List<Outcome> outcomes);

  /// What is known before an attempt; empty: it is to be made.
  default Optional<Outcome> foreseen(Envelope envelope, Recipient recipient) {
    return Optional.empty();
  }

  /// Both of them.
  default Witness and(Witness other) {
    return new Witness() {
      @Override
      public void concluded(
          Envelope envelope,
          String destination,
          List<Recipient> recipients,
          List<Outcome> outcomes) {
        Witness.this.concluded(envelope, destination, recipients, outcomes);
        other.concluded(envelope, destination, recipients, outcomes);
      }

      @Override
      public Optional<Outcome> foreseen(Envelope envelope, Recipient recipient) {
        return Witness.this
            .foreseen(envelope, recipient)
            .or(() -> other.foreseen(envelope, recipient));
      }
    };
  }
}
