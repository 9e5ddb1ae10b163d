package dev.poststation.profile;

import dev.poststation.os.Os;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Which hardware address a neighbour on the link has, by the kernel's tables, looked at anew when
/// what is known is some seconds old. Safe for any thread.
public final class Neighbours {
  private static final long FRESH_NANOS = Duration.ofSeconds(5).toNanos();

  private final Os os;
  private volatile @Nullable Table last;

  private record Table(long readNanos, Map<InetAddress, String> hardware) {}

  /// The neighbours of a machine.
  public Neighbours(Os os) {
    this.os = os;
  }

  /// The hardware address, such as `00:11:22:33:44:55`; null where it is not known.
  public @Nullable String hardware(InetAddress address) {
    if (address.isLoopbackAddress()) {
      return null;
    }
    var table = last;
    long now = os.time().nanos();
    if (table == null || now - table.readNanos() > FRESH_NANOS) {
      table = new Table(now, read());
      last = table;
    }
    return table.hardware().get(withoutScope(address));
  }

  private Map<InetAddress, String> read() {
    try {
      return os.network().neighbours();
    } catch (IOException _) {
      return Map.of(); // This machine does not say.
    }
  }

  private static InetAddress withoutScope(InetAddress address) {
    try {
      return InetAddress.getByAddress(address.getAddress());
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(e);
    }
  }
}
