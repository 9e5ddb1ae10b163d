package dev.poststation.config;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// The accounts that a connector has at its next hop. Immutable.
///
/// @param account as which to log in; null: that depends on the mail, and is not decided yet
/// @param rules while it is not decided: which account is for which mail, in the order of the file;
///   the first one whose conditions hold
/// @param several whether there are several, or could be: it is a list in the file
public record Auth(@Nullable Account account, List<AccountRule> rules, boolean several) {
  public Auth {
    rules = List.copyOf(rules);
  }

  /// One account for all mail.
  public static Auth of(Account account) {
    return new Auth(account, List.of(), false);
  }

  /// Accounts between which the mail decides.
  public static Auth of(List<AccountRule> rules) {
    return new Auth(null, rules, true);
  }

  /// One of several. It does not hold the others: it is looked at for each recipient.
  static Auth decided(Account account) {
    return new Auth(account, List.of(), true);
  }

  /// All accounts, in the order of the file.
  public List<Account> accounts() {
    return account != null
        ? List.of(account)
        : rules.stream().map(AccountRule::account).distinct().toList();
  }
}
