package dev.poststation.sim;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.util.concurrent.Executor;

/// Virtual threads that run where a test says, so that it knows whether any of them can go on.
public final class Threads {
  private static final Constructor<?> BUILDER = builder();

  private Threads() {}

  private static Constructor<?> builder() {
    try {
      var constructor =
          Class.forName("java.lang.ThreadBuilders$VirtualThreadBuilder")
              .getDeclaredConstructor(Executor.class);
      constructor.setAccessible(true);
      return constructor;
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /// Builds threads each of which is given to `scheduler` whenever it can go on; what that is given
  /// returns when the thread waits, or has ended.
  public static Thread.Builder.OfVirtual runBy(Executor scheduler) {
    try {
      return (Thread.Builder.OfVirtual) BUILDER.newInstance(scheduler);
    } catch (InstantiationException | IllegalAccessException | InvocationTargetException e) {
      throw new IllegalStateException(e);
    }
  }
}
