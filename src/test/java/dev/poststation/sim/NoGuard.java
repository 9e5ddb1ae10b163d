package dev.poststation.sim;

import dev.poststation.account.Guard;
import dev.poststation.os.Time;
import dev.poststation.sasl.Accounts.Login;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.LongSupplier;

/// Lets everybody guess.
public final class NoGuard implements Guard {
  private final LongSupplier nanos;

  /// All passwords were said long ago: nothing is waited for.
  public NoGuard() {
    this.nanos = () -> 0;
  }

  /// Each was said just now.
  public NoGuard(Time time) {
    this.nanos = time::nanos;
  }

  @Override
  public Passage passage(InetAddress address, String user) {
    return new Passage(address, user, nanos.getAsLong(), Duration.ZERO, true);
  }

  @Override
  public Turn turn(Passage said) {
    return new NoTurn(said);
  }

  /// One that is there at once.
  public record NoTurn(Passage said) implements Turn {
    @Override
    public boolean had() {
      return true;
    }

    @Override
    public boolean isAtHome() {
      return false;
    }

    @Override
    public Optional<Login> meanwhile(Callable<Optional<Login>> look) {
      return Optional.empty();
    }

    @Override
    public Passage await() {
      return said;
    }

    @Override
    public void over() {}
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
