package dev.poststation.os;

/// The JVM's threads. Safe for any thread.
final class SystemTasks implements Tasks {
  @Override
  public Thread virtual(String name, Runnable body) {
    return Thread.ofVirtual().name(name).start(body);
  }

  @Override
  public Thread platform(String name, Runnable body) {
    return Thread.ofPlatform().name(name).daemon(true).start(body);
  }
}
