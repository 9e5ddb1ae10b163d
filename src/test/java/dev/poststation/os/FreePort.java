package dev.poststation.os;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/// TCP ports of 127.0.0.1 on which a program that cannot choose one by itself is to listen. They
/// are below those that the kernel gives to connections, so that nobody gets one in the meantime by
/// chance, and random, for another JVM with tests looks for some at the same time.
public final class FreePort {
  private static final int FIRST = 15_000;
  private static final int LAST = 32_000;

  /// Whoever asks for several wants different ones, and may not listen on the first one yet.
  private static final Set<Integer> GIVEN = ConcurrentHashMap.newKeySet();

  private FreePort() {}

  /// JVMs with tests that run side by side have ports of their own.
  private static final int FORKS = 3;

  private static final int FORK = Integer.getInteger("test.fork", 0) % FORKS;

  /// A port that nobody listens on now, and that was not given to anybody else in this JVM.
  public static int find() {
    while (true) {
      int port = ThreadLocalRandom.current().nextInt(FIRST / FORKS, LAST / FORKS) * FORKS + FORK;
      if (isFree(port) && GIVEN.add(port)) {
        return port;
      }
    }
  }

  private static boolean isFree(int port) {
    try (var probe = new ServerSocket(port, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      return probe.isBound();
    } catch (BindException e) {
      return false;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
