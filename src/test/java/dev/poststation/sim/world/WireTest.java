package dev.poststation.sim.world;

import dev.poststation.sim.ConnectionContractTest;
import java.lang.reflect.Method;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;

/// The connection of simulated worlds keeps the promises of the real one. Each test runs within the
/// kernel of a world.
@ExtendWith(WireTest.InWorld.class)
class WireTest extends ConnectionContractTest {
  private final Kernel kernel = new Kernel(new SplittableRandom(1), false);
  private final Wires wires =
      new Wires(kernel, new SplittableRandom(2), new Trouble(0, 0, 1, false));
  private final Machine one = wires.machine("10.0.0.1", new SplittableRandom(3));
  private final Machine other = wires.machine("10.0.0.2", new SplittableRandom(4));

  /// Runs a test on a thread of the world.
  static final class InWorld implements InvocationInterceptor {
    @Override
    public void interceptTestMethod(
        Invocation<Void> test, ReflectiveInvocationContext<Method> method, ExtensionContext context)
        throws Throwable {
      var wire = (WireTest) method.getTarget().orElseThrow();
      wire.kernel.group().start("test", () -> wire.connected(test));
      wire.kernel.run(Duration.ofDays(1));
      for (var failure : wire.kernel.failures()) {
        throw failure;
      }
    }
  }

  private void connected(InvocationInterceptor.Invocation<Void> test) {
    var address = new InetSocketAddress(other.address(), 25);
    try (var door = other.os().network().listen(address, 1)) {
      var accepted = start(door::accept);
      client = one.os().network().connect(address, null, Duration.ofSeconds(1));
      server = accepted.get();
      test.proceed();
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  @Override
  protected <T> FutureTask<T> start(Callable<T> body) {
    var task = new FutureTask<>(body);
    other.process().start("other", task);
    return task;
  }

  @Override
  protected void pause() throws InterruptedException {
    one.os().time().sleep(Duration.ofMillis(1));
  }

  @Override
  protected void pass(Duration time) throws InterruptedException {
    one.os().time().sleep(time);
  }
}
