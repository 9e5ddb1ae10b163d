package dev.poststation.os;

/// The only place where threads start. The name is what a thread dump shows. Safe for any thread.
public interface Tasks {
  /// Starts a virtual thread: sessions, deliveries, the scheduler. Never pooled.
  Thread virtual(String name, Runnable body);

  /// Starts a daemon platform thread: accept loops, the spool's committer, native reads. In a
  /// simulation it is a virtual one.
  Thread platform(String name, Runnable body);
}
