package dev.poststation.server;

import dev.poststation.os.Chance;
import dev.poststation.os.Os;
import dev.poststation.os.Workers;
import dev.poststation.sasl.Accounts;
import dev.poststation.sasl.Channel;
import dev.poststation.sasl.Exchange;
import dev.poststation.sasl.Mechanism;
import dev.poststation.sasl.Step;
import dev.poststation.sasl.UnavailableException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;

/// Lets the clients of all sessions log in: the users, and the few threads on which their passwords
/// are hashed. Safe for any thread.
public final class Logins {
  private static final int THREADS = 2;

  /// Whoever comes then is told to come later.
  private static final int WAITING_MOST = 100;

  private final Supplier<Accounts> accounts;
  private final Chance chance;
  private final Workers workers;

  /// @param accounts who knows the users now; asked often, so it must be at hand
  public Logins(Supplier<Accounts> accounts, Os os) {
    this.accounts = accounts;
    this.chance = os.chance();
    this.workers = new Workers(os.tasks(), "login", THREADS, WAITING_MOST);
  }

  /// Whether anybody can log in.
  boolean possible() {
    return !accounts.get().mechanisms().isEmpty();
  }

  /// What can be offered over this channel, the best first.
  List<Mechanism> offered(Channel channel) {
    return Mechanism.offered(accounts.get().mechanisms(), channel);
  }

  /// A new attempt.
  Exchange exchange(Mechanism mechanism, Channel channel) {
    return Exchange.of(mechanism, accounts.get(), channel, chance);
  }

  /// Takes a step of an exchange, which may be hard work.
  ///
  /// @throws UnavailableException when the users cannot be looked up, or too many want it
  Step work(Callable<Step> step) throws UnavailableException {
    try {
      return workers
          .ask(step)
          .orElseThrow(() -> new UnavailableException("too many clients log in at once"));
    } catch (ExecutionException e) {
      if (e.getCause() instanceof UnavailableException cause) {
        throw cause;
      }
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException(e);
    }
  }
}
