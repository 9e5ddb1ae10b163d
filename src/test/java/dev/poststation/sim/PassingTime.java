package dev.poststation.sim;

import dev.poststation.os.Time;
import java.time.Duration;
import java.time.Instant;

/// A clock that passes everything on to another one; a test overrides what goes otherwise. As safe
/// for threads as the other one.
public class PassingTime implements Time {
  private final Time time;

  public PassingTime(Time time) {
    this.time = time;
  }

  @Override
  public Instant now() {
    return time.now();
  }

  @Override
  public long nanos() {
    return time.nanos();
  }

  @Override
  public void sleep(Duration duration) throws InterruptedException {
    time.sleep(duration);
  }

  @Override
  public Signal signal() {
    return time.signal();
  }
}
