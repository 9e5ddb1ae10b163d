package dev.poststation.config;

import dev.poststation.smtp.Address;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Sends a journal report of each mail to a mailbox, with its settings. Immutable.
///
/// @param copy of which copy
/// @param to the journal mailbox
/// @param alternate who gets the reports that the journal mailbox does not take; null: nobody, they
///   are held
public record JournalService(Copy copy, Address to, @Nullable Address alternate)
    implements KeepingService {
  /// Who gets what a journal mailbox does not take; nobody where it says nobody, and where there is
  /// no such mailbox.
  ///
  /// @param content that in force
  public static Function<Address, Optional<Address>> alternates(
      Supplier<List<ContentRule>> content) {
    return mailbox -> {
      for (ContentRule rule : content.get()) {
        if (rule.service() instanceof JournalService journal
            && journal.alternate != null
            && journal.to.isSameMailbox(mailbox)) {
          return Optional.of(journal.alternate);
        }
      }
      return Optional.empty();
    };
  }
}
