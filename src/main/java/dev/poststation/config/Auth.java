package dev.poststation.config;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// The accounts that a connector has at its next hop. Immutable.
///
/// @param account as which to log in; null: that depends on the mail, and is not decided yet
/// @param rules which account is for which mail, in the order of the file: the first one whose
///   conditions hold; empty: there is one account for all mail
public record Auth(@Nullable Account account, List<AccountRule> rules) {
  public Auth {
    rules = List.copyOf(rules);
  }

  /// One account for all mail.
  public static Auth of(Account account) {
    return new Auth(account, List.of());
  }

  /// All accounts, in the order of the file.
  public List<Account> accounts() {
    return rules.isEmpty() && account != null
        ? List.of(account)
        : rules.stream().map(AccountRule::account).distinct().toList();
  }
}
