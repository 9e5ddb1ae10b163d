package dev.poststation.account;

import dev.poststation.os.Time;
import dev.poststation.sasl.Accounts;
import dev.poststation.sasl.ScramKeys;
import dev.poststation.sasl.UnavailableException;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Whether somebody who logged in by the users file may stay: he is there, enabled, and what he
/// showed is still good. The file is looked at anew only when it has changed. Confined to the
/// session's thread.
final class FileStanding implements Accounts.Standing {
  private final WatchedUsers users;
  private final Time time;
  private final Users before;
  private @Nullable Users seen;
  private @Nullable Password his;
  private @Nullable Instant until;

  /// @param before who could log in when AUTH began: what changed since then counts already
  FileStanding(WatchedUsers users, Time time, Users before) {
    this.users = users;
    this.time = time;
    this.before = before;
  }

  @Override
  public boolean holds(Accounts.Login login) {
    Users now;
    try {
      now = users.lately();
    } catch (UnavailableException _) {
      return login.lease() != null; // It is another file now: what was in the last one is nothing.
    }
    boolean expired = until != null && !time.now().isBefore(until);
    if (now != seen || expired) {
      if (!isGood(login, now)) {
        return false;
      }
      seen = now;
    }
    return true;
  }

  private boolean isGood(Accounts.Login login, Users now) {
    var old = before.find(login.user());
    var known = now.find(login.user());
    if (old.isEmpty() || known.isEmpty()) {
      return old.isEmpty() && known.isEmpty() && login.lease() != null; // Another store's.
    }
    if (known.get().disabled()) {
      return false;
    }
    if (login.label().isEmpty()) {
      return known.get().certificates().containsAll(old.get().certificates());
    }
    if (his == null) {
      his =
          named(login.label(), old.get()).or(() -> named(login.label(), known.get())).orElse(null);
    }
    if (his == null) {
      return true; // What he showed is nothing that the file keeps.
    }
    var still = same(his.sha256(), known.get());
    until = still.map(Password::expires).orElse(null);
    return still.isPresent();
  }

  private static Optional<Password> named(String label, User user) {
    return user.passwords().stream().filter(each -> each.label().equals(label)).findFirst();
  }

  /// A password that is good now, whatever it is called.
  private Optional<Password> same(ScramKeys keys, User user) {
    var now = time.now();
    return user.passwords().stream()
        .filter(each -> each.isGood(now) && each.sha256().equals(keys))
        .findFirst();
  }
}
