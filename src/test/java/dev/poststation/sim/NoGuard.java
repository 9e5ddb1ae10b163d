package dev.poststation.sim;

import dev.poststation.account.Guard;
import dev.poststation.sasl.Accounts.Login;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;

/// Lets everybody guess.
public final class NoGuard implements Guard {
  @Override
  public Passage passage(InetAddress address, String user) {
    return new Passage(address, user, 0, Duration.ZERO, true);
  }

  @Override
  public Duration delay(Passage passage) {
    return Duration.ZERO;
  }

  @Override
  public boolean atHome(InetAddress address) {
    return false;
  }

  @Override
  public void failed(Passage passage) {}

  @Override
  public Mistake failedSoFar(Passage passage) {
    return new Mistake(passage, 0);
  }

  @Override
  public void unanswered(Passage passage) {}

  @Override
  public void succeeded(Passage passage, Login login, List<Mistake> before) {}
}
