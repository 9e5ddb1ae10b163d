package dev.poststation.sim;

import dev.poststation.account.Guard;
import dev.poststation.sasl.Accounts.Login;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Optional;

/// Lets everybody guess.
public final class NoGuard implements Guard {
  @Override
  public Optional<Duration> blocked(InetAddress address, String user) {
    return Optional.empty();
  }

  @Override
  public Duration delay(InetAddress address, String user) {
    return Duration.ZERO;
  }

  @Override
  public boolean atHome(InetAddress address) {
    return false;
  }

  @Override
  public void failed(InetAddress address, String user) {}

  @Override
  public void succeeded(InetAddress address, String user, Login login) {}
}
