package dev.poststation.admin;

import java.net.InetAddress;
import java.time.Duration;
import java.util.Optional;

/// Who is not let in for a while, which a running relay knows and its configuration does not. Safe
/// for any thread.
public interface Bans {
  /// What a file says of it that no relay runs with.
  Bans UNKNOWN =
      new Bans() {
        @Override
        public String offence(InetAddress address) {
          return "";
        }

        @Override
        public Optional<Duration> blocked(InetAddress address, String user) {
          return Optional.empty();
        }
      };

  /// What its last connection did, for which a stranger is not let in from there now: a clause.
  /// Empty: nothing.
  String offence(InetAddress address);

  /// How long nobody may log in from there as this user, after failed logins; empty: he may.
  ///
  /// @param user empty: a user who is not at home there
  Optional<Duration> blocked(InetAddress address, String user);
}
