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
  /// Sees to it that it is known who gets what a journal mailbox does not take: the reports do not
  /// say whose they are.
  static void agree(List<ContentRule> rules, Problems problems) {
    List<ContentRule> all =
        rules.stream().filter(each -> each.service() instanceof JournalService).toList();
    for (int i = 1; i < all.size(); i++) {
      var one = all.get(i);
      for (var before : all.subList(0, i)) {
        if (one.service() instanceof JournalService its
            && before.service() instanceof JournalService first
            && its.to.isSameMailbox(first.to)
            && !same(its.alternate, first.alternate)) {
          problems.error(
              one.origin(),
              "%s has the journal mailbox of %s (%s), but another alternate"
                  .formatted(one.name(), before.name(), before.origin()),
              "write the same alternate in both, or in neither");
          break;
        }
      }
    }
  }

  private static boolean same(@Nullable Address one, @Nullable Address other) {
    return one == null ? other == null : other != null && one.isSameMailbox(other);
  }

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
