package dev.poststation.sim;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.net.spi.InetAddressResolver;
import java.net.spi.InetAddressResolverProvider;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;

/// Watches on which threads libraries have the JDK look up names below one domain, which do not
/// exist; all other names are looked up as ever. The JDK finds it by `META-INF/services`. Safe for
/// any thread.
public final class WatchedLookups extends InetAddressResolverProvider {
  /// Below it each test takes a name of its own.
  public static final String DOMAIN = "watched.test";

  private static final Map<String, List<Thread>> THREADS = new ConcurrentHashMap<>();
  private static final Map<String, CountDownLatch> SILENT = new ConcurrentHashMap<>();

  /// The threads that have looked it up, one for each time.
  public static List<Thread> threads(String name) {
    return List.copyOf(THREADS.getOrDefault(name, List.of()));
  }

  /// Nothing is heard about the name until this is closed.
  public static Silence silence(String name) {
    var over = new CountDownLatch(1);
    SILENT.put(name, over);
    return over::countDown;
  }

  /// Ends when it is closed.
  public interface Silence extends AutoCloseable {
    @Override
    void close();
  }

  @Override
  public InetAddressResolver get(Configuration configuration) {
    var builtin = configuration.builtinResolver();
    return new InetAddressResolver() {
      @Override
      public Stream<InetAddress> lookupByName(String host, LookupPolicy policy)
          throws UnknownHostException {
        if (host.endsWith("." + DOMAIN)) {
          throw watched(host);
        }
        return builtin.lookupByName(host, policy);
      }

      @Override
      public String lookupByAddress(byte[] address) throws UnknownHostException {
        return builtin.lookupByAddress(address);
      }
    };
  }

  private static UnknownHostException watched(String host) {
    THREADS.computeIfAbsent(host, _ -> new CopyOnWriteArrayList<>()).add(Thread.currentThread());
    var silent = SILENT.get(host);
    try {
      if (silent != null) {
        silent.await();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return new UnknownHostException(host);
  }

  @Override
  public String name() {
    return "watched";
  }
}
