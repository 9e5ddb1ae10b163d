package dev.poststation.account;

import dev.poststation.sasl.Accounts.Login;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Optional;

/// Stands between the mechanisms and those who guess passwords. Asked before a password is looked
/// at, and told what came of it. A name is treated the same whether there is such a user or not.
/// Safe for any thread; never waits.
public interface Guard {
  /// How long this address may not log in as this user yet; empty when it may. Then no password is
  /// looked at, so that nobody learns whether a guess was right.
  ///
  /// @param user the name as the client said it
  Optional<Duration> blocked(InetAddress address, String user);

  /// How long to wait before a failure is answered: longer after each one. Zero before any.
  ///
  /// @param user the name as the client said it
  Duration delay(InetAddress address, String user);

  /// Whether any user is at home at this address: has logged in from there lately.
  boolean atHome(InetAddress address);

  /// A login failed: a wrong password, an unknown user.
  ///
  /// @param user the name as the client said it
  void failed(InetAddress address, String user);

  /// A login succeeded. What failed at this address for this name is forgotten, and the address is
  /// from now on one where the user is at home, by this name and by ours.
  ///
  /// @param user the name as the client said it
  void succeeded(InetAddress address, String user, Login login);
}
