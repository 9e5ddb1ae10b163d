package dev.poststation.sim.world;

import dev.poststation.os.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/// The clocks of a simulated machine. Its wall clock may be set while it runs; the other one only
/// goes on. Confined to the kernel's thread.
final class WorldTime implements Time {
  private static final Instant BEGINNING = Instant.parse("2026-11-24T04:15:00Z");

  private final Kernel kernel;
  private final Kernel.Group group;
  private final Supplier<Duration> wrong;

  /// @param wrong by how much the wall clock differs from the time of the world
  WorldTime(Kernel kernel, Kernel.Group group, Supplier<Duration> wrong) {
    this.kernel = kernel;
    this.group = group;
    this.wrong = wrong;
  }

  @Override
  public Instant now() {
    return BEGINNING.plusNanos(kernel.nanos()).plus(wrong.get());
  }

  @Override
  public long nanos() {
    return kernel.nanos();
  }

  @Override
  public void sleep(Duration duration) throws InterruptedException {
    var nobody = signal();
    nobody.await(duration);
  }

  @Override
  public Signal signal() {
    return new WorldSignal();
  }

  private final class WorldSignal implements Signal {
    private boolean raised;
    private Thread waiter;
    private boolean over;

    @Override
    public void raise() {
      raised = true;
      LockSupport.unpark(waiter);
    }

    @Override
    public void await() throws InterruptedException {
      waiter = Thread.currentThread();
      try {
        while (!raised) {
          park();
        }
        raised = false;
      } finally {
        waiter = null;
      }
    }

    @Override
    public boolean await(Duration atMost) throws InterruptedException {
      waiter = Thread.currentThread();
      over = atMost.isNegative() || atMost.isZero();
      var alarm = over ? null : kernel.after(atMost, group, this::end);
      try {
        while (!raised && !over) {
          park();
        }
        boolean was = raised;
        raised = false;
        return was;
      } finally {
        waiter = null;
        if (alarm != null) {
          alarm.cancel();
        }
      }
    }

    @Override
    public boolean awaitUntil(long nanos) throws InterruptedException {
      return await(Duration.ofNanos(nanos - nanos()));
    }

    private void end() {
      over = true;
      LockSupport.unpark(waiter);
    }

    private void park() throws InterruptedException {
      LockSupport.park(this);
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
    }
  }
}
